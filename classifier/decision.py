"""From margin to probability, from probability to decision."""

from __future__ import annotations

import math
from typing import Literal

from classifier.errors import InputError
from classifier.model import Calibration, Thresholds
from classifier.scoring import Evidence

Decision = Literal["keep", "unsure", "drop"]
Reason = Literal["topic", "context", "off-topic", "furniture", "unsure"]
"""Why a passage is kept or dropped (see `page`)."""

DIGITS = 6
"""Decimals of a probability: more would differ between mathematical libraries and say nothing."""


def probability(margin: float, calibration: Calibration) -> float:
    """The calibrated probability of a margin, from 0 to 1 (Platt scaling)."""
    return round(sigmoid(calibration.slope * margin + calibration.intercept), DIGITS)


def is_judgeable(evidence: Evidence, thresholds: Thresholds) -> bool:
    """Whether the model knows enough words of the text, and a large enough share of them, to be sure of anything."""
    return has_evidence(evidence, thresholds) and evidence.known >= thresholds.least_known_share * evidence.words


def has_evidence(evidence: Evidence, thresholds: Thresholds) -> bool:
    """Whether the model knows enough words of the text for its margin to mean anything."""
    return evidence.known >= thresholds.least_known


def decide(p: float, threshold: float, unsure_within: float) -> Decision:
    """Keep at or above the threshold, drop below it, unsure within a distance in log-odds of it.

    Raising the threshold never turns a drop into anything else, nor `unsure` into `keep`.
    """
    distance = log_odds(p) - log_odds(threshold) if p != threshold else 0.0
    if abs(distance) < unsure_within:
        return "unsure"
    return "keep" if p >= threshold else "drop"


def threshold_for(recall: float, thresholds: Thresholds) -> float:
    """The threshold measured for a recall; of the listed recalls, the least that is not below the wanted one.

    :raises InputError: if the model lists no recall that high.
    """
    for listed in thresholds.for_recall:
        if listed.recall >= recall > 0:
            return listed.threshold
    listed_recalls = ", ".join(f"{listed.recall:g}" for listed in thresholds.for_recall) or "none"
    raise InputError(f"recall {recall:g}: expected above 0 and at most the highest this model was measured at ({listed_recalls})")


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def log_odds(p: float) -> float:
    """ln(p / (1 - p)); infinite at 0 and 1."""
    if p <= 0:
        return -math.inf
    return math.inf if p >= 1 else math.log(p / (1 - p))
