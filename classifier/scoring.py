"""Chooses the scoring loop: the only module that knows there can be two.

The environment variable SPILLWAY_KERNEL forces a side: `compiled` is then an error where it was not built, and
`reference` reads well in a debugger. Left unset, the compiled loop is used where it exists.
"""

from __future__ import annotations

import os
from importlib import import_module, util
from typing import TYPE_CHECKING, Any

from classifier import _reference
from classifier._reference import Evidence, Reading
from classifier.errors import ClassifierError
from classifier.shares import FeatureShare, Shares, TokenShare

__all__ = ["ENGINE", "Evidence", "FeatureShare", "Reading", "Scorer", "Shares", "TokenShare", "pipeline_kernel"]

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


def pipeline_kernel() -> Any:
    """The compiled loop over a scikit-learn pipeline's numbers, which has no reference: scikit-learn is that.

    :raises ClassifierError: if the compiled kernel was not built, or the other is forced.
    """
    if ENGINE == "reference":
        raise ClassifierError(f"compiling a pipeline needs the compiled kernel: {_why_reference()}")
    return import_module("classifier._kernel").Pipeline


def _why_reference() -> str:
    if os.environ.get("SPILLWAY_KERNEL"):
        return "expected SPILLWAY_KERNEL unset or 'compiled', found 'reference'"
    return "this installation was built without it"


if TYPE_CHECKING:
    Scorer = _reference.Scorer
else:
    Scorer = _choose(os.environ.get("SPILLWAY_KERNEL", ""))
ENGINE = "reference" if Scorer is _reference.Scorer else "compiled"
