"""Calibration and thresholds against what they are defined by, and the metrics against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score

from classifier.model import Thresholds
from training import calibrate, metrics
from training.config import Config

RNG = np.random.default_rng(5)
LABELS = RNG.integers(0, 2, 3000)
MARGINS = RNG.normal(2.0 * LABELS - 1.0, 1.5)
ONES = np.ones(3000)


def test_platt_agrees_with_unpenalised_logistic_regression() -> None:
    fitted = calibrate.platt(MARGINS, LABELS, ONES, prior=0.1)
    peer = LogisticRegression(C=1e9, tol=1e-10).fit(MARGINS[:, None], LABELS)
    assert (fitted.slope, fitted.intercept) == (pytest.approx(peer.coef_[0, 0], abs=5e-3), pytest.approx(peer.intercept_[0], abs=5e-3))


def test_calibrated_probabilities_have_a_small_error() -> None:
    p = calibrate.probabilities(MARGINS, calibrate.platt(MARGINS, LABELS, ONES, prior=0.1))
    assert metrics.calibration_error(LABELS, p) < 0.03


def test_calibration_error_worked_out_by_hand() -> None:
    assert metrics.calibration_error([1, 0, 1, 1], [0.95, 0.95, 0.15, 1.0]) == pytest.approx((abs(2.9 - 2) + abs(0.15 - 1)) / 4)


def test_measures_agree_with_scikit_learn() -> None:
    p = calibrate.probabilities(MARGINS, calibrate.platt(MARGINS, LABELS, ONES, prior=0.1))
    found = metrics.measure(LABELS, p, 0.6)
    assert found.precision == pytest.approx(precision_score(LABELS, p >= 0.6), abs=1e-4)
    assert found.recall == pytest.approx(recall_score(LABELS, p >= 0.6), abs=1e-4)
    assert found.f1 == pytest.approx(f1_score(LABELS, p >= 0.6), abs=1e-4)


def test_the_threshold_is_within_the_plateau_of_the_best() -> None:
    p = np.round(calibrate.probabilities(MARGINS, calibrate.platt(MARGINS, LABELS, ONES, prior=0.1)), 2)
    best = metrics.best_threshold(LABELS, p, ONES)
    assert f1_score(LABELS, p >= best) >= max(f1_score(LABELS, p >= t) for t in np.linspace(0.01, 0.99, 99)) - metrics.PLATEAU


@pytest.mark.parametrize("recall", [0.5, 0.9, 0.99, 1.0])
def test_a_recall_is_reached_and_no_higher_threshold_reaches_it(recall: float) -> None:
    p = RNG.random(3000)
    threshold = metrics.threshold_for_recall(LABELS, p, ONES, recall)
    assert recall_score(LABELS, p >= threshold) >= recall
    assert recall_score(LABELS, p > threshold) < recall


def test_one_class_alone_has_no_auroc() -> None:
    found = metrics.measure([0, 0], [0.1, 0.9], 0.5)
    assert (found.auroc, found.recall) == (None, None)


def test_the_unsure_band_holds_the_doubtful_answers() -> None:
    p = calibrate.probabilities(MARGINS, calibrate.platt(MARGINS, LABELS, ONES, prior=0.1))
    chosen = calibrate.thresholds(p, LABELS, ONES, Config(name="x"))
    distance = np.abs(np.log(p / (1 - p)) - np.log(chosen.on_topic / (1 - chosen.on_topic)))
    wrong = (p >= chosen.on_topic) != LABELS.astype(bool)
    inside = distance < chosen.unsure_within
    assert wrong[inside].mean() >= calibrate.UNSURE_ERROR - 0.02
    assert wrong[~inside].mean() < wrong[inside].mean() / 3
    assert [listed.recall for listed in chosen.for_recall] == [0.9, 0.95, 0.99]


def test_class_weights_make_the_expected_share() -> None:
    weights = calibrate.class_weights(LABELS, 0.2)
    assert weights.mean() == pytest.approx(1.0)
    assert (weights * LABELS).sum() / weights.sum() == pytest.approx(0.2)


def test_calibration_to_a_smaller_share_lowers_the_probability() -> None:
    even, rare = (calibrate.platt(MARGINS, LABELS, calibrate.class_weights(LABELS, share), prior=0.1) for share in (0.5, 0.2))
    assert rare.slope == pytest.approx(even.slope, abs=0.05)
    assert rare.intercept - even.intercept == pytest.approx(np.log(0.2 / 0.8), abs=0.1)


def test_kinds_weigh_the_same_within_their_side() -> None:
    weights = calibrate.class_weights([1, 1, 1, 0, 0], 0.2, ["a", "a", "b", "c", "c"])
    assert weights.tolist() == pytest.approx([0.25, 0.25, 0.5, 2.0, 2.0])


def test_a_recall_threshold_lies_in_its_interval() -> None:
    p = calibrate.probabilities(MARGINS, calibrate.platt(MARGINS, LABELS, ONES, prior=0.1))
    for listed in calibrate.thresholds(p, LABELS, ONES, Config(name="x")).for_recall:
        assert listed.low <= listed.threshold <= listed.high < listed.low + 0.1


def test_weights_move_a_recall_threshold() -> None:
    assert metrics.threshold_for_recall([1, 1, 1, 0], [0.9, 0.5, 0.1, 0.8], [1, 1, 1, 1], 0.6) == 0.5
    assert metrics.threshold_for_recall([1, 1, 1, 0], [0.9, 0.5, 0.1, 0.8], [8, 1, 1, 1], 0.6) == 0.9


def test_the_unsure_share_is_counted() -> None:
    thresholds = Thresholds(on_topic=0.5, unsure_within=1.0, least_known=3, least_known_share=0.2, for_recall=())
    found = calibrate.unsure_share([0.9, 0.6, 0.4, 0.1], [1, 0, 0, 1], thresholds)
    assert found == calibrate.Unsure(share=0.5, wrong_inside=0.5, wrong_outside=0.5)


def test_reliability_bins_hold_all_the_weight() -> None:
    bins = metrics.reliability([1, 0, 1], [0.95, 0.91, 0.05], [1, 1, 2])
    assert bins[9] == pytest.approx((0.5, 0.93, 0.5))
    assert bins[0] == pytest.approx((0.5, 0.05, 1.0))
    assert sum(share for share, _, _ in bins) == pytest.approx(1)


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (0, 10), (10, 10), (7, 10), (700, 1000)])
def test_a_share_lies_in_its_interval(part: int, whole: int) -> None:
    low, high = metrics.share_interval(part, whole)
    assert 0 <= low <= part / max(whole, 1) <= high <= 1


def test_an_f1_interval_holds_f1_and_narrows_with_more_texts() -> None:
    p = calibrate.probabilities(MARGINS, calibrate.platt(MARGINS, LABELS, ONES, prior=0.1))
    few, many = metrics.measure(LABELS[:200], p[:200], 0.5), metrics.measure(LABELS, p, 0.5)
    for found in (few, many):
        assert (found.f1_low or 0) <= (found.f1 or 0) <= (found.f1_high or 0)
    assert (many.f1_high or 0) - (many.f1_low or 0) < ((few.f1_high or 0) - (few.f1_low or 0)) / 2
