"""What the service can be told, as data. To add a setting, add a field: environment, options and their help follow."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from classifier.errors import InputError

PREFIX = "SPILLWAY_"


def probability(text: str) -> float:
    """A number from 0 to 1.

    :raises ValueError: if it is none; the message says what was expected.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(f"{text!r}: expected a number from 0 to 1")
    return number


def count(text: str) -> int:
    """A whole number above 0.

    :raises ValueError: if it is none; the message says what was expected.
    """
    if not (text.isascii() and text.isdigit() and int(text[:16]) >= 1 and len(text) <= 15):
        raise ValueError(f"{text!r}: expected a whole number above 0")
    return int(text)


def _setting(default: Any, parse: Callable[[str], object], about: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": about})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one service."""

    model: str | None = _setting(None, str, "a shipped model or the folder of any")
    threshold: float | None = _setting(None, probability, "the least probability of an on-topic text (default: the model's)")
    max_body_bytes: int = _setting(4 << 20, count, "the largest request body")
    max_documents: int = _setting(256, count, "the most documents in one request")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings as variables hold them: SPILLWAY_ and the name in capitals; the default where there is none.

        :raises InputError: if a value is not what its setting can be.
        """
        given = {each.name: _parse(variable(each.name), environment, each.metadata["parse"]) for each in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value is not None})

    def to_environment(self) -> dict[str, str]:
        """The variables from which `from_environment` makes the same settings."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {variable(name): str(value) for name, value in values.items() if value is not None}


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def _parse(name: str, environment: Mapping[str, str], parse: Callable[[str], Any]) -> Any:
    try:
        return parse(environment[name]) if name in environment else None
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error
