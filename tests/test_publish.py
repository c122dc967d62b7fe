"""New figures stand in the record and on the card beside the others, and only of the model that they were measured on."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from classifier import store
from classifier.topicfilter import TopicFilter
from training import config, publish, results
from training.evaluate import PageReport
from training.page_baselines import PageComparison, PageSystem

NAME, SET = "a made-up system", "made-up pages"
COMPARISON = PageComparison({SET: 7}, [PageSystem(NAME, "It tosses a coin.", {SET: PageReport(7, 0.51, 0.25, 3, 0.625, None)})])


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where model and record are written instead."""
    shutil.copytree(config.RESULTS, tmp_path / "results")
    monkeypatch.setattr(config, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(store, "find", lambda: tmp_path / "model")
    return tmp_path


@pytest.mark.parametrize(
    ("field", "heading"), [("page_baselines", "### Pages, beside simpler systems"), ("extractors", "### HTML pages, beside extractors")]
)
def test_figures_stand_in_the_record_and_on_the_card(shipped: TopicFilter, folder: Path, field: str, heading: str) -> None:
    before = results.load(results.path(shipped.model.name), shipped.model)
    path = publish.record(shipped.model, {field: COMPARISON})
    after = results.load(path, shipped.model)
    assert getattr(after, field) == COMPARISON
    assert (after.documents, after.pages, after.baselines) == (before.documents, before.pages, before.baselines)
    card = (folder / "model" / store.CARD).read_text()
    assert heading in card
    assert f"- {NAME}: It tosses a coin." in card
    assert f"| {NAME} | 0.510 | 0.250 | 3 | 0.625 | - |" in card
    assert results.fingerprint(store.load(folder / "model")) == results.fingerprint(shipped.model)


def test_figures_of_another_model_are_not_shown(shipped: TopicFilter, folder: Path) -> None:
    publish.record(shipped.model, {"page_baselines": COMPARISON, "extractors": COMPARISON})
    publish.save(msgspec.structs.replace(shipped.model, topic_bias=shipped.model.topic_bias + 1), [], folder / "other")
    assert NAME in (folder / "model" / store.CARD).read_text()
    assert NAME not in (folder / "other" / store.CARD).read_text()
