"""Probabilities and thresholds from cross-validated margins."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.model import Calibration, Thresholds
from training import metrics
from training.config import RECALLS, Config

UNSURE_ERROR = 0.35
"""Share of wrong answers that makes a band of probabilities `unsure`: in the shipped model's cross-validation a quarter of the
documents, all hard ones, fall into it, and of those outside it one in twenty is wrong."""


def class_weights(labels: ArrayLike, share: float | None) -> NDArray[np.float64]:
    """Weights, mean 1, that make `share` of the whole on topic, all 1 for None: shape (n,)."""
    y = np.asarray(labels, dtype=bool)
    if share is None:
        return np.ones(len(y))
    weights: NDArray[np.float64] = np.where(y, share / y.mean(), (1 - share) / (1 - y.mean()))
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
    for_recall = tuple((recall, round(metrics.threshold_for_recall(labels, p, recall), 4)) for recall in RECALLS)
    return Thresholds(on_topic, _unsure_within(p, labels, on_topic), config.least_known, for_recall)


def _unsure_within(p: ArrayLike, labels: ArrayLike, threshold: float) -> float:
    """The widest band of log-odds around the threshold in which the answer is wrong at least UNSURE_ERROR of the time."""
    y, q = np.asarray(labels, dtype=bool), np.clip(np.asarray(p, dtype=float), 1e-9, 1 - 1e-9)
    distance = np.abs(np.log(q / (1 - q)) - math.log(threshold / (1 - threshold)))
    wrong = (q >= threshold) != y
    order = np.argsort(distance, kind="stable")
    error = np.cumsum(wrong[order]) / np.arange(1, len(y) + 1)
    often = np.flatnonzero(error[20:] >= UNSURE_ERROR)
    return round(float(distance[order][20 + often[-1]]), 4) if len(often) else 0.0
