"""The scoring loop: by hand, against the fitted scikit-learn pipeline, and by its properties."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import msgspec
import numpy as np
import pytest
from conftest import TINY
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline

from classifier import _reference, scoring
from classifier.errors import InputError
from classifier.model import NO_CONCEPTS, Model
from classifier.passages import Span
from classifier.scoring import Scorer
from training import config, corpus, export, fit
from training.corpus import Item

Pipelines = tuple[Pipeline, Pipeline, Pipeline]
VOCABULARY = ["hi", "tech", "minsk", "raid", "cookies", "leaving", "left", "unknown", "\n", ".", "Hi-Tech", "МИНСК"]


def spans_of(texts: Sequence[str]) -> list[Span]:
    """Where texts lie that are joined by one character each."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    return [Span(end - len(text) - 1, end - 1) for text, end in zip(texts, ends, strict=True)]


WORDS = st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join)


def test_a_margin_worked_out_by_hand(tiny: Model) -> None:
    """tf: minsk and its stem 2, tech 1; `leaving minsk` meets in one sentence; `leaving` and its stem are unknown."""
    found = Scorer(tiny).evidence("Leaving Minsk. Minsk tech")
    minsk, stem, tech = (1 + math.log(2)) * 1.25, (1 + math.log(2)) * 3.0, 1.0
    norm = math.sqrt(minsk**2 + stem**2 + tech**2)
    assert found.topic == pytest.approx((3.0 * minsk + 2.0 * stem + 1.5 * tech) / norm + 1.5 - 0.5, abs=1e-12)
    assert found.passage == pytest.approx((2.0 * minsk + stem + 0.75 * tech) / norm + 1.0 - 0.25, abs=1e-12)
    assert found.furniture == pytest.approx((-minsk - stem - tech) / norm - 1.0, abs=1e-12)
    assert (found.known, found.words) == (3, 4)


@pytest.mark.parametrize("text", ["", " \n", "unknown words only", "a"])
def test_nothing_known_gives_the_bias(tiny: Model, text: str) -> None:
    found = Scorer(tiny).evidence(text)
    assert (found.topic, found.passage, found.furniture, found.known) == (tiny.topic_bias, tiny.passage_bias, tiny.furniture_bias, 0)


@given(WORDS)
def test_unknown_words_add_nothing(text: str) -> None:
    scorer = Scorer(msgspec.structs.replace(TINY, concepts=NO_CONCEPTS))
    assert scorer.evidence(text).topic == scorer.evidence(text + "\nzzz qqq").topic


@given(WORDS)
def test_doubled_weights_double_the_margin(text: str) -> None:
    doubled = msgspec.structs.replace(
        TINY, topic=array("f", [2 * w for w in TINY.topic]), topic_bias=2 * TINY.topic_bias, concepts=NO_CONCEPTS
    )
    single = msgspec.structs.replace(TINY, concepts=NO_CONCEPTS)
    assert Scorer(doubled).evidence(text).topic == pytest.approx(2 * Scorer(single).evidence(text).topic, abs=1e-12)


@given(st.lists(WORDS, max_size=5))
def test_alone_or_in_a_batch_is_the_same(texts: list[str]) -> None:
    scorer = Scorer(TINY)
    assert scorer.evidence_many(texts) == [scorer.evidence(text) for text in texts]


@given(st.lists(st.one_of(WORDS, st.text(max_size=60)), max_size=4))
def test_texts_read_apart_are_together_the_text_of_their_lines(texts: list[str]) -> None:
    scorer = Scorer(TINY)
    reading = scorer.read("\n".join(texts), spans_of(texts))
    assert reading.evidence == [scorer.evidence(text) for text in texts]
    assert reading.together(range(len(texts))) == scorer.evidence("\n".join(texts))


def test_features_and_meetings_do_not_cross_what_was_read_apart(tiny: Model) -> None:
    """`leaving` meets `minsk` only where both stand in one sentence; that the text has a place both know."""
    scorer = Scorer(tiny)
    apart = scorer.read("Leaving Minsk", spans_of(["Leaving", "Minsk"])).together([0, 1])
    one = scorer.evidence("Leaving Minsk")
    assert one.topic - apart.topic == pytest.approx(1.5)
    assert (apart.known, apart.words) == (one.known, one.words) == (1, 2)


def test_unknown_words_are_as_rare_as_the_rarest_feature(tiny: Model) -> None:
    scorer = Scorer(tiny)
    assert list(scorer.read("Minsk zebra. A raid, zebra", [Span(0, 26)]).vocabulary(0).values()) == [1.25, 3.0, 1.75]
    assert max(tiny.idf) == 3.0
    assert scorer.read("", [Span(0, 0)]).vocabulary(0) == {}


def test_a_word_is_the_same_in_every_passage(tiny: Model) -> None:
    reading = Scorer(tiny).read("zebra raid\nZEBRA", spans_of(["zebra raid", "ZEBRA"]))
    assert reading.vocabulary(1).keys() < reading.vocabulary(0).keys()


def test_a_word_is_the_passage_s_that_it_begins_in(tiny: Model) -> None:
    """And one that begins in none is nobody's."""
    scorer = Scorer(tiny)
    reading = scorer.read("raid Minsk raid tech", [Span(0, 7), Span(16, 20)])
    assert [(e.known, e.words) for e in reading.evidence] == [(2, 2), (1, 1)]
    assert reading.evidence == [scorer.evidence("raid minsk"), scorer.evidence("tech")]


def test_passages_must_be_in_order(tiny: Model) -> None:
    with pytest.raises(InputError, match="passage from 3: expected passages in order and apart, found one that ends at 5"):
        Scorer(tiny).read("raid Minsk raid tech", [Span(0, 5), Span(3, 9)])


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return corpus.load(config.DATA)


@pytest.fixture(scope="module")
def pair(items: list[Item]) -> tuple[Pipelines, Model]:
    """Pipelines fitted on a part of the corpus, and the model exported from them."""
    settings = dataclasses.replace(config.shipped(), name="part")
    fitted = fit.fit([item for item in items[::4] if not item.is_passage], settings)
    return fit.pipelines(fitted, settings), export.model(fitted, TINY.calibration, TINY.thresholds, TINY.passages, settings, {})


@pytest.mark.slow
def test_equals_the_pipeline_on_the_whole_corpus(items: list[Item], pair: tuple[Pipelines, Model]) -> None:
    (topic, passage, furniture), model = pair
    texts = [item.text for item in items]
    evidence = Scorer(model).evidence_many(texts)
    assert np.abs(topic.decision_function(texts) - [e.topic for e in evidence]).max() < 1e-6
    assert np.abs(passage.decision_function(texts) - [e.passage for e in evidence]).max() < 1e-6
    assert np.abs(furniture.decision_function(texts) - [e.furniture for e in evidence]).max() < 1e-6


CORPUS_VOCABULARY = ["Minsk", "developers", "IT", "it", "left", "ICE", "Беларусь", "айтишники", "уехали", ".", "!", "\n", "raid"]
CORPUS_WORDS = st.lists(st.sampled_from(CORPUS_VOCABULARY), max_size=40)


@given(st.one_of(st.text(max_size=300), CORPUS_WORDS.map(" ".join)))
def test_equals_the_pipeline_on_made_up_text(pair: tuple[Pipelines, Model], text: str) -> None:
    (topic, passage, furniture), model = pair
    found = Scorer(model).evidence(text)
    assert topic.decision_function([text])[0] == pytest.approx(found.topic, abs=1e-6)
    assert passage.decision_function([text])[0] == pytest.approx(found.passage, abs=1e-6)
    assert furniture.decision_function([text])[0] == pytest.approx(found.furniture, abs=1e-6)


def test_without_facets_and_with_the_sklearn_profile_too(items: list[Item]) -> None:
    settings = config.Config(name="plain", profile="sklearn")
    some = [item for item in items[::20] if not item.is_passage]
    fitted = fit.fit(some, settings)
    model = export.model(fitted, TINY.calibration, TINY.thresholds, TINY.passages, settings, {})
    texts = [item.text for item in items[1::50]]
    topic, *_ = fit.pipelines(fitted, settings)
    assert np.allclose(topic.decision_function(texts), [e.topic for e in Scorer(model).evidence_many(texts)], rtol=0, atol=1e-6)


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], None]]:
    """Pretend that the compiled kernel was built, or was not."""

    def pretend(built: bool) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: object() if built else None)

    return pretend


def test_the_reference_can_be_forced(choose: Callable[[bool], None]) -> None:
    choose(True)
    assert scoring._choose("reference") is _reference


def test_a_missing_kernel_is_an_error_only_when_asked_for(choose: Callable[[bool], None]) -> None:
    choose(False)
    assert scoring._choose("") is _reference
    with pytest.raises(scoring.ClassifierError, match="built without the compiled kernel"):
        scoring._choose("compiled")


def test_an_unknown_choice_is_an_error_of_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "classifier", "--version"], env={"SPILLWAY_KERNEL": "fast"}, capture_output=True, check=False, text=True
    )
    assert done.returncode != 0
    assert "SPILLWAY_KERNEL is 'fast': expected 'compiled' or 'reference', or unset" in done.stderr
