"""Judging: pages by hand, partial documents left out, kinds and mistakes told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import RECALLS

from classifier.errors import InputError
from classifier.model import Thresholds
from classifier.topicfilter import TopicFilter
from training import evaluate
from training.evaluate import Labelled, LabelledPage

THRESHOLDS = Thresholds(on_topic=0.5, unsure_within=0.5, least_known=3, least_known_share=0.2, for_recall=RECALLS)


def test_a_report_worked_out_by_hand() -> None:
    documents = [Labelled("a", 1, "1", "en", "x"), Labelled("b", 1, "2", "en", "x"), Labelled("c", 0, "3", "de", "y")]
    found = evaluate.report(documents, np.array([0.9, 0.2, 0.7]), THRESHOLDS)
    assert (found.overall.precision, found.overall.recall, found.overall.f1) == (0.5, 0.5, 0.5)
    assert (found.by_kind["x"].right, found.by_kind["y"].right) == (1, 0)
    assert [mistake.id for mistake in found.hardest] == ["2", "3"]
    assert list(found.by_language) == ["en", "de"]


def test_a_page_is_judged_by_its_characters() -> None:
    page = LabelledPage("p", "abcd efgh ijkl", 1, [(0, 4, "keep"), (5, 9, "drop"), (10, 14, "either")])
    assert evaluate._page_f1(page, [(0, 4), (10, 14)]) == 1.0
    assert evaluate._page_f1(page, [(0, 9)]) == pytest.approx(2 / 3)
    assert evaluate._page_f1(page, []) == 0.0


def test_pages_are_judged_with_the_filter(shipped: TopicFilter) -> None:
    page = LabelledPage("p", "Cookie settings", 0, [(0, 15, "drop")])
    found = evaluate.judge_pages(shipped, [page])
    assert (found.n, found.wrong) == (1, 0)


def test_partial_documents_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    rows = [{"text": "a", "label": 1, "grade": grade} for grade in ("core", "partial", None)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(evaluate.load([path])) == 2


def test_a_bad_page_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text('{"id": 1, "text": "a", "label": 1, "spans": [[0]]}\n')
    with pytest.raises(InputError, match=r"pages.jsonl:1: expected an object"):
        evaluate.load_pages([path])
