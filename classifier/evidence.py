"""What either scoring loop finds in a text."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Evidence(NamedTuple):
    """What one pass over a text finds.

    topic, passage, furniture: the margins of the three linear models; above 0 speaks for an on-topic document, for a line of an
        on-topic article, for page furniture.
    known: words in the text that the model knows.
    words: words in the text, known or not.
    """

    topic: float
    passage: float
    furniture: float
    known: int
    words: int


class TokenShare(msgspec.Struct, frozen=True):
    """What a word, the code points [start, end) of the text, adds to the margin."""

    start: int
    end: int
    share: float


class FeatureShare(msgspec.Struct, frozen=True):
    """What a feature adds to the margin, over all of its `count` occurrences."""

    feature: str
    share: float
    count: int


class Shares(NamedTuple):
    """The margin of topic without its bias, taken apart twice: the shares of the words, like those of the features, add up to it.

    tokens: every word that has a share, in order. features: every feature found, the largest share, for or against, first.
    """

    tokens: tuple[TokenShare, ...]
    features: tuple[FeatureShare, ...]
