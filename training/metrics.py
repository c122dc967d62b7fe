"""How good a set of probabilities is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import brier_score_loss, precision_recall_curve, roc_auc_score

BINS = 10
PLATEAU = 0.01
DRAWS, SEED = 1000, 20
"""Of a bootstrap interval."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts and rates at one threshold, F1 with its 95 % interval, and the measures that need no threshold.

    None where a class is absent. brier and ece: weighted, where weights are given.
    """

    n: int
    positives: int
    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None
    f1_high: float | None
    auroc: float | None
    brier: float | None
    ece: float | None


def measure(labels: ArrayLike, probabilities: ArrayLike, threshold: float, weights: ArrayLike | None = None) -> Metrics:
    """All measures of probabilities, shape (n,), against labels 0 or 1, shape (n,); rounded to four decimals."""
    y, p = np.asarray(labels, dtype=bool), np.asarray(probabilities, dtype=float)
    kept = p >= threshold
    tp, fp, fn = (int(np.sum(x)) for x in (kept & y, kept & ~y, ~kept & y))
    low, high = f1_interval(y, kept) if tp + fp + fn else (None, None)
    return Metrics(
        n=len(y),
        positives=int(y.sum()),
        precision=_ratio(tp, tp + fp),
        recall=_ratio(tp, tp + fn),
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
        f1_low=low,
        f1_high=high,
        auroc=round(float(roc_auc_score(y, p)), 4) if 0 < y.sum() < len(y) else None,
        brier=round(float(brier_score_loss(y, p, sample_weight=weights)), 4) if len(y) else None,
        ece=round(calibration_error(y, p, weights), 4) if len(y) else None,
    )


def calibration_error(labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Expected calibration error over ten bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    bins = reliability(labels, probabilities, weights)
    return sum(share * abs(mean - on_topic) for share, mean, on_topic in bins)


def reliability(labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> list[tuple[float, float, float]]:
    """For each of ten bins of equal width: its share of the weight, its mean probability, its share on topic; 0 where empty."""
    y, p = np.asarray(labels, dtype=float), np.asarray(probabilities, dtype=float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    mass, mean, on_topic = (np.bincount(bins, weights=values, minlength=BINS) for values in (w, w * p, w * y))
    filled = np.maximum(mass, 1e-300)
    return [(float(m), float(a), float(b)) for m, a, b in zip(mass / w.sum(), mean / filled, on_topic / filled, strict=True)]


def curve(labels: ArrayLike, probabilities: ArrayLike, points: int = 50) -> list[tuple[float, float]]:
    """(recall, precision) pairs, recall rising, thinned to about so many and rounded to three decimals."""
    precision, recall, _ = precision_recall_curve(labels, probabilities)
    each = max(1, len(recall) // points)
    return [(round(float(r), 3), round(float(q), 3)) for r, q in zip(recall[::-each], precision[::-each], strict=True)]


def best_threshold(labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike) -> float:
    """The middle of the thresholds whose weighted F1 is within PLATEAU of the best; all of shape (n,).

    The very best threshold of a sample is an accident within a plateau; its middle is not.
    """
    y, p, w = np.asarray(labels, dtype=bool), np.asarray(probabilities, dtype=float), np.asarray(weights, dtype=float)
    order = np.argsort(-p, kind="stable")
    tp = np.cumsum((y * w)[order])
    f1 = 2 * tp / (np.cumsum(w[order]) + (y * w).sum())
    ties = np.append(p[order][1:] == p[order][:-1], False)
    good = p[order][np.flatnonzero(np.where(ties, -1.0, f1) >= f1[~ties].max() - PLATEAU)]
    return float((good.max() + good.min()) / 2)


def threshold_for_recall(labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike, recall: float) -> float:
    """The highest threshold at which at least this share of the positives' weight is kept; all of shape (n,)."""
    on_topic = np.asarray(labels, dtype=bool)
    p, w = np.asarray(probabilities, dtype=float)[on_topic], np.asarray(weights, dtype=float)[on_topic]
    order = np.argsort(-p, kind="stable")
    kept = np.cumsum(w[order])
    enough = np.searchsorted(kept, recall * kept[-1] * (1 - 1e-12))
    return float(p[order][min(enough, len(p) - 1)])


def f1_interval(labels: ArrayLike, kept: ArrayLike) -> tuple[float, float]:
    """A 95 % bootstrap interval of F1, rounded to three decimals (percentile method, Efron and Tibshirani 1993)."""
    y, k = np.asarray(labels, dtype=bool), np.asarray(kept, dtype=bool)
    sample = np.random.default_rng(SEED).integers(0, len(y), (DRAWS, len(y)))
    both, either = (y & k)[sample].sum(1), y[sample].sum(1) + k[sample].sum(1)
    low, high = np.quantile(2 * both / np.maximum(either, 1), (0.025, 0.975))
    return round(float(low), 3), round(float(high), 3)


def share_interval(part: int, whole: int) -> tuple[float, float]:
    """A 95 % interval of a share, rounded to three decimals (Wilson 1927)."""
    if not whole:
        return 0.0, 1.0
    z = 1.959964
    centre, spread = part + z * z / 2, z * np.sqrt(part * (whole - part) / whole + z * z / 4)
    return round(float((centre - spread) / (whole + z * z)), 3), round(float((centre + spread) / (whole + z * z)), 3)


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
