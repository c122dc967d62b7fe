"""Recorded results belong to one set of weights."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
import pytest

from classifier.errors import InputError
from classifier.model import Model
from training import results
from training.evaluate import PageReport
from training.results import Results

PAGES = {"pages.jsonl": PageReport(n=2, f1=0.9, worst=0.8, wrong=0)}


def test_what_is_saved_is_loaded(tiny: Model, tmp_path: Path) -> None:
    saved = Results(results.fingerprint(tiny), pages=PAGES)
    results.save(saved, tmp_path / "new" / "tiny.json")
    assert results.load(tmp_path / "new" / "tiny.json", tiny) == saved


def test_another_model_has_no_results(tiny: Model, tmp_path: Path) -> None:
    results.save(Results(results.fingerprint(tiny), pages=PAGES), tmp_path / "tiny.json")
    changed = msgspec.structs.replace(tiny, passage=array("f", [1.0] * 6))
    assert results.load(tmp_path / "tiny.json", changed) == Results(results.fingerprint(changed))


def test_what_is_told_about_a_model_is_not_its_fingerprint(tiny: Model) -> None:
    assert results.fingerprint(msgspec.structs.replace(tiny, about={})) == results.fingerprint(tiny)


def test_damaged_results_are_refused(tiny: Model, tmp_path: Path) -> None:
    (tmp_path / "tiny.json").write_text('{"model": 1}')
    with pytest.raises(InputError, match="expected recorded results"):
        results.load(tmp_path / "tiny.json", tiny)
