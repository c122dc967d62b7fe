"""Keeps a news scrape on topic: decides by document and by passage, and cuts the spillover out."""

from classifier._version import __version__
from classifier.errors import ClassifierError
from classifier.topicfilter import Passage, TopicFilter, Verdict

__all__ = ["ClassifierError", "Passage", "TopicFilter", "Verdict", "__version__"]
