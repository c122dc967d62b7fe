"""Everything this package raises on purpose, under one base class."""

from __future__ import annotations


class ClassifierError(Exception):
    """Base class: the message names the thing, the value found and what was expected."""


class InputError(ClassifierError, ValueError):
    """A document, record or option that cannot be used."""


class ModelError(ClassifierError):
    """A model folder that cannot be used."""


class ModelNotFoundError(ModelError):
    """No model folder has that name or path."""


class DamagedModelError(ModelError):
    """A file of a model folder failed a check. Builds its own message: file, check, expected, found."""

    def __init__(self, file: object, check: str, *, expected: object, found: object) -> None:
        super().__init__(f"{file}: {check}: expected {expected}, found {found}")


class MissingExtraError(ClassifierError, ImportError):
    """An optional dependency is not installed. Builds its own message with the line that installs it."""

    def __init__(self, extra: str, missing: str | None) -> None:
        super().__init__(f"{missing or extra} is not installed; this needs: pip install 'spillway[{extra}]'")


class UnavailableError(ClassifierError):
    """Something of the machine that is needed is not to be had, such as a port in use."""
