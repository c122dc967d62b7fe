"""The systems that cut pages to compare with: each cuts as it says, and all are judged on the same pages."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from conftest import OFF_TOPIC, ON_TOPIC, TINY
from test_baselines import OFF_TOPIC as OFF_LINES
from test_baselines import ON_TOPIC as ON_LINES
from test_baselines import PLACES

from classifier.topicfilter import TopicFilter
from training import evaluate, page_baselines
from training.config import Config
from training.corpus import Item
from training.evaluate import Cut, LabelledPage, PageReport
from training.page_baselines import PageComparison, by_line, keep_all, moving_mean, whole_page

SETTINGS = Config(name="toy", folds=3, jobs=1, expected_share=0.3)
PAGE = LabelledPage("p", "aaaa\nbbbb\ncccccccc", 1, [(0, 4, "keep"), (5, 9, "drop"), (10, 18, "keep")])
QUIET = LabelledPage("q", "bbbb", 0, [(0, 4, "drop")])


def letters(texts: Sequence[str]) -> np.ndarray:
    """A score worked out by hand: only a line of `a` is sure, one of `c` is likely."""
    return np.array([{"a": 0.9, "b": 0.2, "c": 0.6}[text[0]] for text in texts])


def articles() -> list[Item]:
    """Articles of eight lines on and off topic, in each language, and the furniture of their pages."""
    rng = random.Random(5)
    made = []
    for story in range(60):
        label = story % 2
        lines = "\n".join(rng.choice((OFF_LINES, ON_LINES)[label]).format(place=rng.choice(PLACES)) for _ in range(8))
        made.append(Item(f"a{story}", "en", label, ("general_news", "exodus")[label], "wire", f"a{story}", lines))
    for n in range(60):
        kind = ("byline", "promo", "navigation")[n % 3]
        text = f"{('By reporter', 'Read also offer', 'Menu entry')[n % 3]} number {n}"
        made.append(Item(f"f{n}", "en", 0, kind, "furniture", f"f{n}", text))
    return made


def test_keep_all_keeps_everything() -> None:
    assert evaluate.judge_pages(keep_all, [PAGE, QUIET]) == PageReport(2, round((24 / 28 + 0) / 2, 4), 0.0, 1, 0.6, 1.0)


def test_a_page_is_kept_or_dropped_as_one(shipped: TopicFilter) -> None:
    cut = whole_page(shipped)
    assert cut(ON_TOPIC) == Cut([(0, len(ON_TOPIC))], True)
    assert cut(OFF_TOPIC) == Cut([], False)


def test_lines_are_judged_alone() -> None:
    assert by_line(letters, 0.5)(PAGE.text) == Cut([(0, 4), (10, 18)], True)
    assert by_line(letters, 0.9)(PAGE.text) == Cut([(0, 4)], True)
    assert by_line(letters, 0.91)(PAGE.text) == Cut([], False)
    assert evaluate.judge_pages(by_line(letters, 0.7), [PAGE, QUIET]) == PageReport(2, 0.75, 0.5, 0, 1.0, round(4 / 12, 4))


def test_a_page_without_a_line_has_nothing_to_keep() -> None:
    assert by_line(letters, 0.0)(" \n\n") == Cut([], False)


@pytest.mark.parametrize(
    ("p", "mean"),
    [
        ([0.4], [0.4]),
        ([1.0, 0.0], [0.5, 0.5]),
        ([0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [1 / 3, 1 / 4, 1 / 5, 1 / 5, 1 / 4, 0]),
    ],
)
def test_a_mean_of_five_lines_is_of_fewer_at_the_ends(p: list[float], mean: list[float]) -> None:
    assert moving_mean(np.array(p)).tolist() == pytest.approx(mean)


def test_thresholds_of_lines_keep_the_classes_apart() -> None:
    score, alone, smoothed = page_baselines.lines_judge(articles(), SETTINGS)
    on, off = score([line.format(place="Riga") for line in ON_LINES]), score([line.format(place="Riga") for line in OFF_LINES])
    assert off.max() < alone < on.min()
    assert 0 < smoothed < 1


def test_thresholds_are_chosen_on_pages_of_items_not_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every article has a line of its own, by which it is known again."""
    items = [dataclasses.replace(item, text=f"{item.text}\nstory {item.id}") for item in articles()]
    read, shared = page_baselines._held_out, []

    def watched(seen: Sequence[Item], pages: Sequence[page_baselines.Page]) -> object:
        trained = {f"story {item.id}" for item in seen}
        shared.append(trained & {line for page in pages for line in page.lines})
        assert any(line.startswith("story ") for page in pages for line in page.lines)
        return read(seen, pages)

    monkeypatch.setattr(page_baselines, "_held_out", watched)
    page_baselines.lines_judge(items, SETTINGS)
    assert shared == [set()] * SETTINGS.folds


@pytest.fixture(scope="module")
def comparison() -> PageComparison:
    return page_baselines.compare(articles(), {"toy": [PAGE, QUIET], "quiet": [QUIET]}, SETTINGS, TopicFilter(TINY))


def test_every_system_is_judged_on_every_set(comparison: PageComparison) -> None:
    assert [system.name for system in comparison.systems] == [
        "Spillway",
        "keep all",
        "whole page",
        "line by line",
        "line by line, smoothed",
    ]
    assert {tuple((name, report.n) for name, report in system.sets.items()) for system in comparison.systems} == {
        tuple(comparison.sets.items())
    }
    assert comparison.systems[1].sets["toy"] == evaluate.judge_pages(keep_all, [PAGE, QUIET])


def test_the_table_says_what_each_is_and_how_it_does(comparison: PageComparison) -> None:
    text = page_baselines.table(comparison)
    assert "- keep all: Every page is left as it is.\n" in text
    assert "| toy (2) | mean F1 | worst | decisions wrong | precision | recall |" in text
    assert "| keep all | 0.429 | 0.000 | 1 | 0.600 | 1.000 |" in text
    assert "| keep all | 0.000 | 0.000 | 1 | 0.000 | - |" in text


def test_a_comparison_survives_json(comparison: PageComparison) -> None:
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=PageComparison) == comparison
