"""Chooses the scoring loop: the only module that knows there can be two.

The environment variable SPILLWAY_KERNEL forces a side: `compiled` is then an error where it was not built, and
`reference` reads well in a debugger. Left unset, the compiled loop is used where it exists.
"""

from __future__ import annotations

import os
from importlib import import_module, util
from types import ModuleType
from typing import TYPE_CHECKING, Any

from classifier import tables
from classifier.errors import ClassifierError
from classifier.evidence import Evidence, FeatureShare, Shares, TokenShare

__all__ = ["ENGINE", "LOOP", "Evidence", "FeatureShare", "Reading", "Scorer", "Shares", "TokenShare", "misfit", "pipeline_kernel"]

_CHOICES = ("", "compiled", "reference")


def _choose(wanted: str) -> ModuleType:
    if wanted not in _CHOICES:
        raise ClassifierError(f"SPILLWAY_KERNEL is {wanted!r}: expected 'compiled' or 'reference', or unset")
    built = util.find_spec("classifier._kernel") is not None
    if wanted == "compiled" and not built:
        raise ClassifierError("SPILLWAY_KERNEL is 'compiled', but this installation was built without the compiled kernel")
    return import_module("classifier._reference" if wanted == "reference" or not built else "classifier._kernel")


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


_loop = _choose(os.environ.get("SPILLWAY_KERNEL", ""))
ENGINE = "reference" if _loop.__name__ == "classifier._reference" else "compiled"
LOOP = "reference" if ENGINE == "reference" else f"compiled, {_loop.BEST_LEVEL}"
"""The engine, and how many bytes of a text the compiled one looks at at once."""

if TYPE_CHECKING:
    from classifier._reference import Reading, Scorer
    from classifier.tables import misfit
else:
    Reading, Scorer = _loop.Reading, _loop.Scorer
    misfit = tables.misfit if ENGINE == "reference" else _loop.misfit


def remark() -> str:
    """A line to tell whoever runs the reference loop without having asked for it; empty for everyone else."""
    if ENGINE == "compiled" or os.environ.get("SPILLWAY_KERNEL"):
        return ""
    return "built without the compiled kernel: the same answers, many times slower; install a C compiler, then spillway again"
