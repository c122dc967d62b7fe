"""The card and its plots: every figure shown is one that was measured; the same figures give the same bytes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest

from classifier import store
from classifier.topicfilter import TopicFilter
from training import card, plots, results
from training.evaluate import PageReport
from training.page_baselines import PageComparison, PageSystem
from training.results import Results


@pytest.fixture(scope="module")
def recorded() -> tuple[TopicFilter, Results]:
    topic = TopicFilter.load()
    return topic, results.load(results.path(topic.model.name), topic.model)


def test_figures_of_every_set_are_shown(recorded: tuple[TopicFilter, Results]) -> None:
    topic, found = recorded
    text = card.render(topic.model, found)
    for name, report in card.reports(topic.model, found).items():
        m = report.overall
        assert f"| {name} | {m.n:,} | {m.positives:,} |" in text
        assert f"{m.f1:.3f} ({m.f1_low:.3f}-{m.f1_high:.3f})" in text
    for listed in topic.model.thresholds.for_recall:
        assert f"| {listed.recall:g} | {listed.threshold:g} | {listed.low:g}-{listed.high:g} |" in text


def test_without_results_the_card_says_so(recorded: tuple[TopicFilter, Results]) -> None:
    topic, _ = recorded
    text = card.render(topic.model, Results(results.fingerprint(topic.model)))
    assert "Nothing is recorded of this model on texts from outside the project." in text
    assert "real-world documents" not in text


def test_systems_on_pages_are_shown_where_they_are_recorded(recorded: tuple[TopicFilter, Results]) -> None:
    topic, _ = recorded
    nothing = Results(results.fingerprint(topic.model))
    report = PageReport(n=3, f1=0.75, worst=0.5, wrong=1, precision=0.8, recall=0.7)
    compared = PageComparison({"toy": 3}, [PageSystem("keep all", "Leaves it as it is.", {"toy": report})])
    for field, heading in (("page_baselines", "### Pages, beside simpler systems"), ("extractors", "### HTML pages, beside extractors")):
        text = card.render(topic.model, msgspec.structs.replace(nothing, **{field: compared}))
        section = text.split(heading)[1].split("##")[0]
        assert "- keep all: Leaves it as it is.\n" in section
        assert "| toy (3) | mean F1 |" in section
        assert "| keep all | 0.750 | 0.500 | 1 | 0.800 | 0.700 |" in section
        assert text.count("keep all |") == 1
        assert heading not in card.render(topic.model, nothing)


def test_every_picture_of_the_card_is_beside_it(recorded: tuple[TopicFilter, Results]) -> None:
    shown = set(re.findall(r"\]\(([a-z-]+\.svg)\)", (store.find() / store.CARD).read_text()))
    drawn = plots.draw(card.reports(*(recorded[0].model, recorded[1])))
    assert shown == set(drawn)
    assert {path.name for path in store.find().glob("*.svg")} == shown


def test_plots_are_svg_and_the_same_twice(recorded: tuple[TopicFilter, Results]) -> None:
    measured = card.reports(*(recorded[0].model, recorded[1]))
    once = plots.draw(measured)
    assert once == plots.draw(measured)
    for drawn in once.values():
        assert ElementTree.fromstring(drawn).tag.endswith("svg")  # noqa: S314 - our own drawing


@pytest.mark.parametrize(("text", "opening"), [("Short.\nText", "Short. Text"), ("word " * 40, "word " * 17 + "word ...")])
def test_an_opening_is_one_short_line(text: str, opening: str) -> None:
    assert card.opening(text) == opening
