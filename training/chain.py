"""Fits the passage model: a linear-chain conditional random field over the lines of assembled pages.

The states are drop and keep. Its log-likelihood is concave, so that the fit does not depend on where it starts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from classifier.model import PassageWeights

PENALTY, PENALTY_OF_MARKUP = 1.0, 0.05
"""Weight of the squared norm of the weights, in pages' worth of log-likelihood. What markup tells is sure and rare, and is
believed on less."""

CURVATURE = 0.05
"""About what a line adds to the curvature of the log-likelihood: a bit, as most are decided without doubt. Only the speed of the fit
depends on it: parameters are turned so that they all are curved alike, which takes a third of the steps."""
BATCH = 200

Floats = NDArray[np.float64]
Pages = Sequence[Sequence[Sequence[float]]]


def fit(
    observations: Pages,
    keep: Sequence[Sequence[bool]],
    columns: slice = slice(None),
    start: PassageWeights | None = None,
    penalty: float = PENALTY,
) -> PassageWeights:
    """Weights and transitions of greatest penalised likelihood; those of the page are left to `pagefit`.

    observations: for each page its rows, as `page.observe` gives them. keep: for each page the gold of its rows.
    columns: of the observations to learn from; the others count for nothing, or with `start` for what they weigh there. With
    `start`, its transitions stay too.
    """
    width = len(observations[0][0])
    fixed = np.zeros(width + 4) if start is None else np.array([*start.weights, *start.transitions])
    free = np.arange(width)[columns]
    if start is None:
        free = np.append(free, np.arange(width, width + 4))
    batches = _batches(observations, keep, columns if start is None else slice(None))
    turn = _turn(np.concatenate([np.array(rows)[:, columns] for rows in observations]), len(free), penalty)

    def loss(turned: Floats) -> tuple[float, Floats]:
        parameters = fixed.copy()
        parameters[free] = turn @ turned
        losses, gradients = zip(*(batch.loss(parameters) for batch in batches), strict=True)
        penalised = sum(losses) + penalty * float(parameters @ parameters)
        return penalised, np.asarray(turn.T @ (sum(gradients) + 2 * penalty * parameters)[free])

    options = {"maxiter": 2000, "gtol": 1e-7, "ftol": 1e-15, "maxcor": 30}
    best = minimize(loss, np.zeros(len(free)), jac=True, method="L-BFGS-B", options=options)
    fixed[free] = turn @ best.x
    weights = [round(float(w), 3) for w in fixed]
    drop_drop, drop_keep, keep_drop, keep_keep = weights[-4:]
    return PassageWeights(tuple(weights[:-4]), (drop_drop, drop_keep, keep_drop, keep_keep), page=())


def _turn(rows: Floats, n: int, penalty: float) -> Floats:
    """From coordinates in which the loss is curved alike in all directions to its n parameters, those of the rows first."""
    width = rows.shape[1]
    turn: Floats = np.eye(n) / np.sqrt(CURVATURE * len(rows))
    curvature = CURVATURE * rows.T @ rows + 2 * penalty * np.eye(width)
    turn[:width, :width] = np.linalg.inv(np.linalg.cholesky(curvature)).T
    return turn


def _batches(observations: Pages, keep: Sequence[Sequence[bool]], columns: slice) -> list[_Batch]:
    """The pages in batches of about one length each; observations outside the columns are 0."""
    order = sorted(range(len(observations)), key=lambda page: len(observations[page]))
    parts = [order[first : first + BATCH] for first in range(0, len(order), BATCH)]
    return [_Batch([observations[page] for page in part], [keep[page] for page in part], columns) for part in parts]


class _Batch:
    """Pages padded to one length, so that each step of the recursions runs over all of them at once."""

    def __init__(self, observations: Pages, keep: Sequence[Sequence[bool]], columns: slice = slice(None)) -> None:
        n, longest = len(observations), max(map(len, observations))
        self.width = len(observations[0][0])
        self._x = np.zeros((n, longest, self.width))
        self._y = np.zeros((n, longest), dtype=int)
        self._real = np.zeros((n, longest))
        for page, (rows, gold) in enumerate(zip(observations, keep, strict=True)):
            self._x[page, : len(rows), columns] = np.array(rows)[:, columns]
            self._y[page, : len(rows)] = gold
            self._real[page, : len(rows)] = 1

    def loss(self, parameters: Floats) -> tuple[float, Floats]:
        """Negative log-likelihood and its gradient."""
        weights, transitions = parameters[:-4], parameters[-4:].reshape(2, 2)
        scores = self._x @ weights
        log_forward, log_partition = self._forward(scores, transitions)
        log_backward = self._backward(scores, transitions)
        keep = np.exp(log_forward[:, :, 1] + log_backward[:, :, 1] - log_partition[:, None]) * self._real
        pairs = self._pairs(scores, transitions, log_forward, log_backward, log_partition)
        gold_pairs = np.zeros((2, 2))
        linked = self._real[:, 1:] > 0
        np.add.at(gold_pairs, (self._y[:, :-1][linked], self._y[:, 1:][linked]), 1)
        gold_score = float((scores * self._y * self._real).sum() + (gold_pairs * transitions).sum())
        gradient = np.concatenate([np.einsum("pl,plw->w", keep - self._y * self._real, self._x), (pairs - gold_pairs).ravel()])
        return float(log_partition.sum()) - gold_score, gradient

    def _forward(self, scores: Floats, transitions: Floats) -> tuple[Floats, Floats]:
        n, longest = scores.shape
        out = np.zeros((n, longest, 2))
        out[:, 0, 1] = scores[:, 0]
        for i in range(1, longest):
            step = np.logaddexp(out[:, i - 1, 0, None] + transitions[0], out[:, i - 1, 1, None] + transitions[1])
            step[:, 1] += scores[:, i]
            out[:, i] = np.where(self._real[:, i, None] > 0, step, out[:, i - 1])
        return out, np.logaddexp(out[:, -1, 0], out[:, -1, 1])

    def _backward(self, scores: Floats, transitions: Floats) -> Floats:
        n, longest = scores.shape
        out = np.zeros((n, longest, 2))
        for i in range(longest - 2, -1, -1):
            following = out[:, i + 1] + np.stack([np.zeros(n), scores[:, i + 1]], axis=1)
            step = np.logaddexp(transitions[:, 0] + following[:, 0, None], transitions[:, 1] + following[:, 1, None])
            out[:, i] = np.where(self._real[:, i + 1, None] > 0, step, 0.0)
        return out

    def _pairs(self, scores: Floats, transitions: Floats, forward: Floats, backward: Floats, partition: Floats) -> Floats:
        """Expected number of times each state follows each, over all pages."""
        arriving = backward[:, 1:].copy()
        arriving[:, :, 1] += scores[:, 1:]
        joint = np.exp(forward[:, :-1, :, None] + transitions + arriving[:, :, None, :] - partition[:, None, None, None])
        expected: Floats = (joint * self._real[:, 1:, None, None]).sum(axis=(0, 1))
        return expected
