"""The decision over a page's passages as a sequence: a linear-chain conditional random field with two states, drop and keep
(Lafferty, McCallum and Pereira 2001).

The log-potential of keeping a passage is weights . observations, of dropping it 0, and each pair of neighbours adds its
transition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from classifier.model import PassageWeights

NEVER = -math.inf
"""The log mass of nothing."""


def decode(observations: Sequence[Sequence[float]], weights: PassageWeights) -> list[float]:
    """The probability of each passage that it is kept, given that something of the page is.

    Whether anything is to be kept at all the whole page decides (see `page`), not the sum of its passages' doubts.
    """
    scores = [sum(w * x for w, x in zip(weights.weights, row, strict=True)) for row in observations]
    keep, something = _beginnings(scores, weights.transitions)
    rest = _endings(scores, weights.transitions)
    return [math.exp(min(0.0, begun + ended - something)) for begun, ended in zip(keep, rest, strict=True)]


def cut(probabilities: Sequence[float], lengths: Sequence[int]) -> tuple[float, float]:
    """The probability from which on passages are to be kept, and the F1 of characters to be expected then.

    The expected F1, 2 sum of l p over the kept / (sum of l over the kept + sum of l p over all), is greatest for the passages of
    the greatest p; the threshold is half of it (Lipton, Elkan and Naryanaswamy 2014).
    """
    expected = sum(p * length for p, length in zip(probabilities, lengths, strict=True))
    right = kept = best = 0.0
    for p, length in sorted(zip(probabilities, lengths, strict=True), reverse=True):
        right, kept = right + p * length, kept + length
        best = max(best, 2 * right / (kept + expected))
    return best / 2, best


def _beginnings(scores: Sequence[float], transitions: tuple[float, float, float, float]) -> tuple[list[float], float]:
    """The log mass of all labellings of the passages up to each that keep it; and of all labellings of the page that keep any."""
    drop_drop, drop_keep, keep_drop, keep_keep = transitions
    masses: list[float] = []
    never, dropped, kept = 0.0, NEVER, NEVER
    for i, score in enumerate(scores):
        if i == 0:
            kept = score
        else:
            before = _log_add(never, dropped) + drop_keep
            dropped, kept = _log_add(dropped + drop_drop, kept + keep_drop), score + _log_add(before, kept + keep_keep)
            never += drop_drop
        masses.append(kept)
    return masses, _log_add(dropped, kept)


def _endings(scores: Sequence[float], transitions: tuple[float, float, float, float]) -> list[float]:
    """The log mass of all labellings of the passages behind each, given that it is kept."""
    drop_drop, drop_keep, keep_drop, keep_keep = transitions
    masses = [0.0] * len(scores)
    after_drop = after_keep = 0.0
    for i in range(len(scores) - 2, -1, -1):
        keep_next = scores[i + 1] + after_keep
        after_drop, after_keep = (
            _log_add(drop_drop + after_drop, drop_keep + keep_next),
            _log_add(keep_drop + after_drop, keep_keep + keep_next),
        )
        masses[i] = after_keep
    return masses


def _log_add(a: float, b: float) -> float:
    high, low = (a, b) if a > b else (b, a)
    return high if low == NEVER else high + math.log1p(math.exp(low - high))
