"""How good a set of probabilities is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import brier_score_loss, roc_auc_score

BINS = 10
PLATEAU = 0.01


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts and rates at one threshold, and the measures that need none (nan where a class is absent)."""

    n: int
    positives: int
    precision: float
    recall: float
    f1: float
    auroc: float
    brier: float
    ece: float


def measure(labels: ArrayLike, probabilities: ArrayLike, threshold: float) -> Metrics:
    """All measures of probabilities, shape (n,), against labels 0 or 1, shape (n,); rounded to four decimals."""
    y, p = np.asarray(labels, dtype=bool), np.asarray(probabilities, dtype=float)
    kept = p >= threshold
    tp, fp, fn = (int(np.sum(x)) for x in (kept & y, kept & ~y, ~kept & y))
    both = 0 < y.sum() < len(y)
    return Metrics(
        n=len(y),
        positives=int(y.sum()),
        precision=_ratio(tp, tp + fp),
        recall=_ratio(tp, tp + fn),
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
        auroc=round(float(roc_auc_score(y, p)), 4) if both else float("nan"),
        brier=round(float(brier_score_loss(y, p)), 4) if len(y) else float("nan"),
        ece=round(calibration_error(y, p), 4) if len(y) else float("nan"),
    )


def calibration_error(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Expected calibration error over ten bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    y, p = np.asarray(labels, dtype=float), np.asarray(probabilities, dtype=float)
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=p - y, minlength=BINS)
    return float(np.abs(gaps).sum() / len(y))


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


def threshold_for_recall(labels: ArrayLike, probabilities: ArrayLike, recall: float) -> float:
    """The highest threshold at which at least this share of the positives is kept."""
    positives = np.sort(np.asarray(probabilities, dtype=float)[np.asarray(labels, dtype=bool)])[::-1]
    return float(positives[int(np.ceil(recall * len(positives))) - 1])


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else float("nan")
