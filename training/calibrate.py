"""Probabilities and thresholds from cross-validated margins."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.model import Calibration, RecallThreshold, Thresholds
from training import metrics
from training.config import RECALLS, Config

UNSURE_ERROR = 0.35
"""Share of wrong answers that makes a band of probabilities `unsure`: in the shipped model's cross-validation a quarter of the
documents, all hard ones, fall into it, and of those outside it one in twenty is wrong."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """share: of the texts that fall into the unsure band. wrong_inside, wrong_outside: share of wrong answers there."""

    share: float
    wrong_inside: float
    wrong_outside: float


def class_weights(labels: ArrayLike, share: float | None, kinds: Sequence[str] | None = None) -> NDArray[np.float64]:
    """Weights, mean 1, that make `share` of the whole on topic (as much as there is for None): shape (n,).

    kinds: of each text, where those of one label are to weigh the same however many texts they have.
    """
    y = np.asarray(labels, dtype=bool)
    sizes = Counter(kinds or ())
    each = np.array([1 / sizes[kind] for kind in kinds]) if kinds else np.ones(len(y))
    on_topic = float(y.mean()) if share is None else share
    weights: NDArray[np.float64] = np.where(y, on_topic * each / each[y].sum(), (1 - on_topic) * each / each[~y].sum()) * len(y)
    return weights


def platt(margins: ArrayLike, labels: ArrayLike, weights: ArrayLike, prior: float) -> Calibration:
    """Slope and intercept that make margins log-odds, by Newton's method on Platt's smoothed targets.

    weights: of each margin in the likelihood, shape (n,).

    Source: Lin, Lin and Weng, "A note on Platt's probabilistic outputs" (2007).
    """
    m, y, w = np.asarray(margins, dtype=float), np.asarray(labels, dtype=bool), np.asarray(weights, dtype=float)
    n_on, n_off = int(y.sum()), int((~y).sum())
    targets = np.where(y, (n_on + 1) / (n_on + 2), 1 / (n_off + 2))
    design = np.column_stack([m, np.ones_like(m)])
    found = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (w * (targets - p))
        hessian = (design * (w * p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        found = found + step
        if np.abs(step).max() < 1e-12:
            break
    return Calibration(slope=round(float(found[0]), 5), intercept=round(float(found[1]), 5), prior=round(prior, 4))


def probabilities(margins: ArrayLike, calibration: Calibration) -> NDArray[np.float64]:
    """Calibrated probabilities of margins, shape (n,)."""
    return 1 / (1 + np.exp(-(calibration.slope * np.asarray(margins, dtype=float) + calibration.intercept)))


def thresholds(p: ArrayLike, labels: ArrayLike, weights: ArrayLike, config: Config) -> Thresholds:
    """The threshold of best F1, those for the target recalls, and the width of the unsure band."""
    on_topic = round(metrics.best_threshold(labels, p, weights), 4)
    for_recall = tuple(_for_recall(p, labels, weights, recall, config.seed) for recall in RECALLS)
    return Thresholds(on_topic, _unsure_within(p, labels, on_topic), config.least_known, config.least_known_share, for_recall)


def _for_recall(p: ArrayLike, labels: ArrayLike, weights: ArrayLike, recall: float, seed: int) -> RecallThreshold:
    on_topic = np.asarray(labels, dtype=bool)
    q, w = np.asarray(p, dtype=float)[on_topic], np.asarray(weights, dtype=float)[on_topic]
    sample = np.random.default_rng(seed).integers(0, len(q), (metrics.DRAWS, len(q)))
    drawn = [metrics.threshold_for_recall(np.ones(len(q)), q[rows], w[rows], recall) for rows in sample]
    low, high = np.quantile(drawn, (0.025, 0.975))
    threshold = metrics.threshold_for_recall(labels, p, weights, recall)
    return RecallThreshold(recall, round(threshold, 4), round(float(low), 4), round(float(high), 4))


def unsure_share(p: ArrayLike, labels: ArrayLike, thresholds: Thresholds) -> Unsure:
    """How many texts fall into the band, and how often the answer is wrong inside and outside it."""
    y, q = np.asarray(labels, dtype=bool), np.asarray(p, dtype=float)
    inside = _distance(q, thresholds.on_topic) < thresholds.unsure_within
    wrong = (q >= thresholds.on_topic) != y
    return Unsure(*(round(float(part.mean()), 4) if len(part) else 0.0 for part in (inside, wrong[inside], wrong[~inside])))


def _unsure_within(p: ArrayLike, labels: ArrayLike, threshold: float) -> float:
    """The widest band of log-odds around the threshold in which the answer is wrong at least UNSURE_ERROR of the time."""
    y, q = np.asarray(labels, dtype=bool), np.asarray(p, dtype=float)
    distance = _distance(q, threshold)
    wrong = (q >= threshold) != y
    order = np.argsort(distance, kind="stable")
    error = np.cumsum(wrong[order]) / np.arange(1, len(y) + 1)
    often = np.flatnonzero(error[20:] >= UNSURE_ERROR)
    return round(float(distance[order][20 + often[-1]]), 4) if len(often) else 0.0


def _distance(p: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Distance from the threshold in log-odds: shape (n,)."""
    q = np.clip(p, 1e-9, 1 - 1e-9)
    distance: NDArray[np.float64] = np.abs(np.log(q / (1 - q)) - math.log(threshold / (1 - threshold)))
    return distance
