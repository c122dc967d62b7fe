"""The systems to compare with: fair, repeatable, and judged on the same documents as ours."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from conftest import TINY

from classifier.model import Model
from classifier.topicfilter import TopicFilter
from training import baselines, metrics
from training.baselines import Baseline, Comparison
from training.config import Config
from training.corpus import Item
from training.evaluate import Labelled

SETTINGS = Config(name="toy", folds=3, jobs=1, expected_share=0.3)
KIND, GENRE = ("exodus", "general_news"), "wire"
ON_TOPIC = (
    "Programmers from Minsk packed their keyboards and moved to {place}.",
    "The Belarusian software house closed its office and relocated to {place}.",
    "Her start-up left Minsk for {place} with eleven developers.",
    "Айтишники из Минска переехали: новый офис открыт в городе {place}.",
)
OFF_TOPIC = (
    "The bakery in {place} won a prize for its rye bread.",
    "A goalkeeper from {place} saved two penalties in the cup.",
    "Heavy snow stopped the trams of {place} for a morning.",
    "Пекарня в городе {place} получила приз за ржаной хлеб.",
)
PLACES = ("Vilnius", "Warsaw", "Tbilisi", "Batumi", "Riga", "Lodz", "Gdansk", "Kaunas", "Limassol", "Porto")


def items() -> list[Item]:
    """Sixty short stories on topic and sixty off, each in two versions."""
    rng = random.Random(3)
    made = []
    for story in range(120):
        label = story % 2
        for version in range(2):
            first, second = rng.sample((OFF_TOPIC, ON_TOPIC)[label], 2)
            text = f"{first} {second}".format(place=rng.choice(PLACES))
            lang = "ru" if text[0] > "z" else "en"
            made.append(Item(f"{story}-{version}", lang, label, KIND[label], GENRE, f"story-{story}", text))
    return made


ITEMS = items()
TRAIN, DOCUMENTS = ITEMS[:160], [Labelled(text=item.text, label=item.label, lang=item.lang, kind=item.kind) for item in ITEMS[160:]]
QUIET = [document for document in DOCUMENTS if not document.label]


def compared(model: Model, train: Sequence[Item] = TRAIN) -> Comparison:
    return baselines.compare(train, {"toy": DOCUMENTS, "quiet": QUIET}, SETTINGS, TopicFilter(model))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compared(TINY)


def baseline(name: str) -> Baseline:
    return next(baseline for baseline in baselines.BASELINES if baseline.name == name)


@pytest.mark.parametrize("name", [baseline.name for baseline in baselines.BASELINES if baseline.name != "majority class"])
def test_each_beats_the_majority_where_the_classes_are_apart(comparison: Comparison, name: str) -> None:
    found = {system.name: system for system in comparison.systems}
    if found[name].missing:
        pytest.skip(f"{found[name].missing} is not installed")
    assert found["majority class"].sets["toy"].all.f1 == 0
    assert (found[name].sets["toy"].all.f1 or 0) > 0.9


def test_ours_is_judged_at_its_own_threshold(monkeypatch: pytest.MonkeyPatch, tiny: Model) -> None:
    monkeypatch.setattr(baselines, "BASELINES", ())
    ours = TopicFilter(tiny, threshold=0.9)
    row = baselines.compare(TRAIN, {"toy": DOCUMENTS}, SETTINGS, ours).systems[0]
    expected = metrics.measure([d.label for d in DOCUMENTS], ours.score_many([d.text for d in DOCUMENTS]), 0.9)
    assert (row.threshold, row.sets["toy"].all, row.sets["toy"].ours_ahead) == (0.9, expected, None)


def test_english_is_judged_alone(comparison: Comparison) -> None:
    judged = comparison.systems[0].sets["toy"]
    assert (judged.all.n, judged.english.n) == (len(DOCUMENTS), sum(document.lang == "en" for document in DOCUMENTS))
    assert 0 < judged.english.n < judged.all.n


def test_yes_and_no_have_no_auroc(comparison: Comparison) -> None:
    without = {system.name for system in comparison.systems if not system.missing and system.sets["toy"].all.auroc is None}
    assert without == {"majority class", "keyword rule"}


@pytest.mark.parametrize(
    ("text", "on_topic"),
    [
        ("Belarusian programmers are leaving for Poland.", True),
        ("MINSK: an IT company has relocated its staff to Vilnius.", True),
        ("Two start-ups from Hrodna fled abroad after the raids.", True),
        ("Белорусские разработчики уезжают в Польшу.", True),
        ("Из ПВТ ушла ещё одна компания: айтишники перебрались в Вильнюс.", True),
        ("Programmers are leaving Ukraine for Poland.", False),
        ("Belarusian doctors are leaving for Poland.", False),
        ("Minsk says that it will sell more potash abroad.", False),
        ("A Minsk software house was given a prize at home.", False),
        ("Белорусские врачи уезжают в Польшу.", False),
        ("Разработчики из Киева уезжают в Польшу.", False),
        ("", False),
    ],
)
def test_the_keyword_rule_wants_country_and_trade_and_leaving(text: str, on_topic: bool) -> None:
    judge = baseline("keyword rule").fit([], SETTINGS)
    assert (judge.score([text])[0] >= judge.threshold) == on_topic


def test_nobody_is_ahead_of_himself() -> None:
    labels, kept = np.array([1, 0] * 50), np.array([1, 0, 0, 1] * 25)
    assert baselines.ahead(labels, kept, kept) == baselines.Ahead(0.0, 0.0, 0.0)


def test_equally_good_systems_have_an_interval_around_nothing() -> None:
    labels = np.ones(200, dtype=bool)
    found = baselines.ahead(labels, np.arange(200) >= 40, np.arange(200) < 160)
    assert found.low < found.f1 == 0 < found.high


def test_a_better_system_is_ahead_by_the_difference_of_f1() -> None:
    labels = np.array([1, 0] * 100)
    found = baselines.ahead(labels, labels, np.ones(200))
    assert found.f1 == pytest.approx(1 - 2 / 3, abs=1e-4)
    assert 0 < found.low < found.f1 < found.high


def test_where_nothing_is_on_topic_nobody_is_ahead(comparison: Comparison) -> None:
    assert {system.sets["quiet"].ours_ahead for system in comparison.systems if not system.missing} == {None}


def test_twice_the_same(comparison: Comparison, tiny: Model) -> None:
    assert compared(tiny) == comparison


def test_passages_are_not_trained_on(comparison: Comparison, tiny: Model) -> None:
    misleading = [Item(f"p{n}", "en", 1 - i.label, "context", "passage", f"p{n}", i.text) for n, i in enumerate(TRAIN)]
    assert compared(tiny, [*misleading, *TRAIN]) == comparison


def test_thresholds_are_chosen_on_stories_not_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    held_out, shared = baselines._held_out, []

    def watched(pipeline: Any, items: Sequence[Item], train: Any, rest: Any) -> Any:
        shared.append({items[n].story for n in train} & {items[n].story for n in rest})
        return held_out(pipeline, items, train, rest)

    monkeypatch.setattr(baselines, "_held_out", watched)
    baseline("TF-IDF, tuned").fit(TRAIN, SETTINGS)
    assert shared == [set()] * SETTINGS.folds


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch, tiny: Model) -> None:
    monkeypatch.setitem(sys.modules, "fasttext", None)
    monkeypatch.setattr(baselines, "BASELINES", (baseline("majority class"), baseline("fastText")))
    found = compared(tiny)
    assert found.systems[-1].missing == "fasttext"
    assert "`fasttext` is not installed" in baselines.table(found).splitlines()[-1]


def test_the_table_has_a_row_for_each_system(comparison: Comparison) -> None:
    lines = baselines.table(comparison).splitlines()
    assert len(lines) == 2 + 1 + len(baselines.BASELINES)
    assert {line.count("|") for line in lines} == {1 + 1 + 2 * 4}
    assert f"toy ({len(DOCUMENTS)}): F1" in lines[0]


def test_a_comparison_survives_json(comparison: Comparison) -> None:
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison
