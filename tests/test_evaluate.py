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
from training.evaluate import Characters, Cut, Labelled, LabelledPage, PageReport

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
    assert evaluate._characters(page, [(0, 4), (10, 14)]) == Characters(kept=4, lost=0, leaked=0)
    assert evaluate._characters(page, [(0, 9)]) == Characters(kept=4, lost=0, leaked=4)
    assert evaluate._characters(page, []) == Characters(kept=0, lost=4, leaked=0)


@pytest.mark.parametrize(("characters", "f1"), [((4, 0, 0), 1.0), ((4, 0, 4), 2 / 3), ((0, 4, 0), 0.0), ((0, 0, 4), 0.0), ((0, 0, 0), 1.0)])
def test_the_f1_of_a_page(characters: tuple[int, int, int], f1: float) -> None:
    assert Characters(*characters).f1 == pytest.approx(f1)


def test_precision_and_recall_are_of_all_pages_together() -> None:
    found = evaluate.page_report([Characters(kept=6, lost=2, leaked=0), Characters(kept=0, lost=0, leaked=4)], wrong=1)
    assert found == PageReport(n=2, f1=round(6 / 14, 4), worst=0.0, wrong=1, precision=0.6, recall=0.75)
    nothing = evaluate.page_report([Characters(0, 0, 0)], wrong=0)
    assert (nothing.f1, nothing.precision, nothing.recall) == (1.0, None, None)


def test_any_system_can_be_judged() -> None:
    page = LabelledPage("p", "abcd efgh ijkl", 1, [(0, 4, "keep"), (5, 9, "drop"), (10, 14, "either")])
    assert evaluate.judge_pages(lambda _: Cut([(2, 7)], True), [page]) == PageReport(1, 0.5, 0.5, 0, 0.5, 0.5)
    assert evaluate.judge_pages(lambda _: Cut([], False), [page]) == PageReport(1, 0.0, 0.0, 1, None, 0.0)


def test_pages_are_judged_with_the_filter(shipped: TopicFilter) -> None:
    page = LabelledPage("p", "Cookie settings", 0, [(0, 15, "drop")])
    found = evaluate.judge_pages(evaluate.cutter(shipped), [page])
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
