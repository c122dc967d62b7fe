"""Probability and decision."""

from __future__ import annotations

import math

import pytest
from conftest import RECALLS
from hypothesis import assume, given
from hypothesis import strategies as st

from classifier import decision
from classifier.errors import InputError
from classifier.model import Calibration, Thresholds
from classifier.scoring import Evidence

PROBABILITY = st.floats(0, 1)
ORDER = {"drop": 0, "unsure": 1, "keep": 2}


def test_probability_is_the_logistic_of_the_calibrated_margin() -> None:
    assert decision.probability(2.0, Calibration(1.5, -1.0, 0.1)) == round(1 / (1 + math.exp(-2.0)), 6)


@given(st.floats(-1e308, 1e308), st.floats(-1e308, 1e308))
def test_probability_rises_with_the_margin_and_never_overflows(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= decision.sigmoid(low) <= decision.sigmoid(high) <= 1


@given(PROBABILITY, PROBABILITY, PROBABILITY, st.floats(0, 10))
def test_raising_the_threshold_never_keeps_more(p: float, a: float, b: float, band: float) -> None:
    low, high = sorted((a, b))
    assume(low < high)
    assert ORDER[decision.decide(p, high, band)] <= ORDER[decision.decide(p, low, band)]


@given(PROBABILITY, PROBABILITY)
def test_without_a_band_nothing_is_unsure(p: float, threshold: float) -> None:
    assert decision.decide(p, threshold, 0.0) == ("keep" if p >= threshold else "drop")


@pytest.mark.parametrize(
    ("p", "decided"), [(0.5, "unsure"), (0.7, "unsure"), (0.74, "keep"), (0.27, "unsure"), (0.26, "drop"), (1, "keep"), (0, "drop")]
)
def test_near_the_threshold_is_unsure(p: float, decided: str) -> None:
    assert decision.decide(p, 0.5, 1.0) == decided


@pytest.mark.parametrize(
    ("known", "words", "judgeable"), [(0, 0, False), (2, 4, False), (3, 15, True), (3, 16, False), (20, 100, True), (19, 100, False)]
)
def test_too_few_known_words_or_too_small_a_share_cannot_be_judged(known: int, words: int, judgeable: bool) -> None:
    assert decision.is_judgeable(Evidence(9.0, 9.0, 0.0, known, words), Thresholds(0.5, 0.1, 3, 0.2, ())) is judgeable


@pytest.mark.parametrize(("recall", "threshold"), [(0.5, 0.6), (0.9, 0.6), (0.95, 0.2), (0.99, 0.2)])
def test_the_threshold_for_a_recall_keeps_at_least_that(recall: float, threshold: float) -> None:
    assert decision.threshold_for(recall, Thresholds(0.5, 0.1, 3, 0.2, RECALLS)) == threshold


@pytest.mark.parametrize("recall", [0.0, 0.995, 1.0])
def test_a_recall_that_was_not_measured_is_refused(recall: float) -> None:
    with pytest.raises(InputError, match=r"recall .*highest this model was measured at \(0.9\)"):
        decision.threshold_for(recall, Thresholds(0.5, 0.1, 3, 0.2, RECALLS[:1]))
