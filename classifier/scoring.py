"""Chooses the scoring loop: the only module that knows there can be two.

The environment variable SPILLWAY_KERNEL forces a side: `compiled` is then an error where it was not built, and
`reference` reads well in a debugger. Left unset, the compiled loop is used where it exists.
"""

from __future__ import annotations

import os
from importlib import import_module, util
from typing import TYPE_CHECKING

from classifier import _reference
from classifier._reference import Evidence, Reading
from classifier.errors import ClassifierError
from classifier.shares import FeatureShare, Shares, TokenShare

__all__ = ["ENGINE", "Evidence", "FeatureShare", "Reading", "Scorer", "Shares", "TokenShare"]

_CHOICES = ("", "compiled", "reference")


def _choose(wanted: str) -> type[_reference.Scorer]:
    if wanted not in _CHOICES:
        raise ClassifierError(f"SPILLWAY_KERNEL is {wanted!r}: expected 'compiled' or 'reference', or unset")
    built = util.find_spec("classifier._kernel") is not None
    if wanted == "compiled" and not built:
        raise ClassifierError("SPILLWAY_KERNEL is 'compiled', but this installation was built without the compiled kernel")
    if wanted == "reference" or not built:
        return _reference.Scorer
    scorer: type[_reference.Scorer] = import_module("classifier._kernel").Scorer
    return scorer


if TYPE_CHECKING:
    Scorer = _reference.Scorer
else:
    Scorer = _choose(os.environ.get("SPILLWAY_KERNEL", ""))
ENGINE = "reference" if Scorer is _reference.Scorer else "compiled"
