"""The service's settings: each a field with its default and a line of help. To add one, add a field here.

Each can be given in the environment as SPILLWAY_ and its name in capitals.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from classifier.errors import InputError

PREFIX = "SPILLWAY_"


def _setting(default: Any, kind: type, help_: str) -> Any:
    return field(default=default, metadata={"kind": kind, "help": help_})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a running service was told."""

    model: str | None = _setting(None, str, "a shipped model or the folder of any")
    threshold: float | None = _setting(None, float, "the least probability of an on-topic text")
    recall: float | None = _setting(None, float, "take the threshold measured for this recall")
    max_body_bytes: int = _setting(4 << 20, int, "the largest request body, in bytes")
    max_documents: int = _setting(256, int, "the most documents in one request")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings as the environment gives them, defaults for the rest.

        :raises InputError: if a value is not of its kind.
        """
        given: dict[str, Any] = {}
        for setting in fields(cls):
            text = environment.get(PREFIX + setting.name.upper())
            if text is not None:
                given[setting.name] = _parse(PREFIX + setting.name.upper(), text, setting.metadata["kind"])
        return cls(**given)

    def to_environment(self) -> dict[str, str]:
        """What `from_environment` reads these settings back from."""
        given = {setting.name: getattr(self, setting.name) for setting in fields(self)}
        return {PREFIX + name.upper(): str(value) for name, value in given.items() if value is not None}


def _parse(name: str, text: str, kind: type) -> object:
    try:
        return kind(text)
    except ValueError:
        raise InputError(f"{name}: expected {kind.__name__}, found {text!r}") from None
