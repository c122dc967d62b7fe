"""The HTTP service: `create_app` builds it; importing it starts nothing."""

from classifier.service.app import create_app
from classifier.service.settings import Settings

__all__ = ["Settings", "create_app"]
