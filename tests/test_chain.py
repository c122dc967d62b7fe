"""The passage model's fit: gradient against differences, and recovery of what made the data."""

from __future__ import annotations

import numpy as np
from scipy.optimize import check_grad

from classifier import passages
from training import chain

RNG = np.random.default_rng(8)


def made_up_pages(n: int) -> tuple[list[list[list[float]]], list[list[bool]]]:
    """Pages whose states stay the same for a while, and whose one observation is a noisy sight of the state."""
    observations, keep = [], []
    for _ in range(n):
        state = RNG.random() < 0.5
        states = []
        for _ in range(RNG.integers(1, 30)):
            state = state if RNG.random() < 0.9 else not state
            states.append(bool(state))
        observations.append([[1.0, (1.0 if kept else -1.0) + RNG.normal(0, 1.5)] for kept in states])
        keep.append(states)
    return observations, keep


def test_the_gradient_is_that_of_the_loss() -> None:
    batch = chain._Batch(*made_up_pages(12))
    start = RNG.normal(0, 1, batch.width + 4)
    assert check_grad(lambda p: batch.loss(p)[0], lambda p: batch.loss(p)[1], start) < 1e-3


def test_neighbours_help() -> None:
    weights = chain.fit(*made_up_pages(200))
    drop_drop, drop_keep, keep_drop, keep_keep = weights.transitions
    assert drop_drop + keep_keep > drop_keep + keep_drop + 1
    observations, keep = made_up_pages(100)
    right = alone = total = 0
    for rows, gold in zip(observations, keep, strict=True):
        decided = [p >= 0.5 for p in passages.decode(rows, weights)]
        right += sum(a == b for a, b in zip(decided, gold, strict=True))
        alone += sum((row[1] > 0) == b for row, b in zip(rows, gold, strict=True))
        total += len(gold)
    assert right / total > alone / total + 0.05


def test_the_fit_is_the_same_twice() -> None:
    data = made_up_pages(30)
    assert chain.fit(*data) == chain.fit(*data)


def test_one_page_of_one_line_can_be_fitted() -> None:
    weights = chain.fit([[[1.0, 2.0]]], [[True]])
    assert passages.decode([[1.0, 2.0]], weights)[0] > 0.5
