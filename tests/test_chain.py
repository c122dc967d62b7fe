"""The passage model's fit: gradient against differences, and recovery of what made the data."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.optimize import check_grad

from classifier import sequence
from training import chain

Data = tuple[list[list[list[float]]], list[list[bool]]]


def made_up_pages(n: int, seed: int = 8) -> Data:
    """Pages whose states stay the same for a while. Their observations: always 1, two noisy sights of the state, and noise."""
    rng = np.random.default_rng(seed)
    observations, keep = [], []
    for _ in range(n):
        state = rng.random() < 0.5
        states = []
        for _ in range(rng.integers(1, 30)):
            state = state if rng.random() < 0.9 else not state
            states.append(bool(state))
        sights = [1.0 if kept else -1.0 for kept in states]
        observations.append([[1.0, sight + rng.normal(0, 1.5), sight + rng.normal(0, 3), rng.normal()] for sight in sights])
        keep.append(states)
    return observations, keep


@pytest.mark.parametrize("columns", [slice(None), slice(2)])
def test_the_gradient_is_that_of_the_loss(columns: slice) -> None:
    batch = chain._Batch(*made_up_pages(12), columns)
    start = np.random.default_rng(5).normal(0, 1, batch.width + 4)
    assert check_grad(lambda p: batch.loss(p)[0], lambda p: batch.loss(p)[1], start) < 1e-3


def test_the_loss_is_that_of_every_labelling() -> None:
    """Of one page after the other, and of all of them padded to one length."""
    observations, keep = made_up_pages(25)
    short = [(rows[:6], gold[:6]) for rows, gold in zip(observations, keep, strict=True)]
    parameters = np.random.default_rng(6).normal(0, 1, 8)
    weights, transitions = parameters[:4], parameters[4:]

    def score(rows: list[list[float]], states: Sequence[bool]) -> float:
        kept = sum(float(np.dot(weights, row)) for row, state in zip(rows, states, strict=True) if state)
        return kept + sum(float(transitions[2 * a + b]) for a, b in itertools.pairwise(states))

    expected = 0.0
    for rows, gold in short:
        masses = [score(rows, states) for states in itertools.product((False, True), repeat=len(rows))]
        expected += float(np.logaddexp.reduce(masses)) - score(rows, gold)
    loss, _ = chain._Batch([rows for rows, _ in short], [gold for _, gold in short]).loss(parameters)
    assert loss == pytest.approx(expected)


def test_neighbours_help() -> None:
    weights = chain.fit(*made_up_pages(200))
    drop_drop, drop_keep, keep_drop, keep_keep = weights.transitions
    assert drop_drop + keep_keep > drop_keep + keep_drop + 1
    observations, keep = made_up_pages(100, seed=9)
    right = alone = total = 0
    for rows, gold in zip(observations, keep, strict=True):
        if any(gold):
            decided = [p >= 0.5 for p in sequence.decode(rows, weights)]
            right += sum(a == b for a, b in zip(decided, gold, strict=True))
            alone += sum((row[1] > 0) == b for row, b in zip(rows, gold, strict=True))
            total += len(gold)
    assert right / total > alone / total + 0.05


def test_no_step_away_from_the_fit_is_better() -> None:
    """The loss, penalty and all, is least there: the gradient is 0 but for the rounding."""
    data = made_up_pages(60)
    fitted = chain.fit(*data, penalty=2.0)
    parameters = np.array([*fitted.weights, *fitted.transitions])
    _, gradient = chain._Batch(*data).loss(parameters)
    assert np.abs(gradient + 2 * 2.0 * parameters).max() < 0.2
    assert np.abs(gradient).max() > 1


def test_pages_in_several_batches_are_all_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    data = made_up_pages(30)
    at_once = chain.fit(*data)
    monkeypatch.setattr(chain, "BATCH", 7)
    apart = chain.fit(*data)
    assert apart.weights == pytest.approx(at_once.weights, abs=0.002)
    assert apart.transitions == pytest.approx(at_once.transitions, abs=0.002)


def test_columns_left_out_weigh_nothing() -> None:
    observations, keep = made_up_pages(60)
    part = chain.fit(observations, keep, columns=slice(2))
    narrow = chain.fit([[row[:2] for row in rows] for rows in observations], keep)
    assert part.weights == (*narrow.weights, 0, 0)
    assert part.transitions == narrow.transitions
    assert all(narrow.weights)


def test_a_start_stays_but_for_the_columns_learned() -> None:
    data = made_up_pages(60)
    start = chain.fit(*data, columns=slice(2))
    fitted = chain.fit(*data, columns=slice(2, None), start=start)
    assert fitted.weights[:2] == start.weights[:2]
    assert fitted.transitions == start.transitions
    assert fitted.weights[2] > 0.1


def test_what_is_learned_on_top_of_a_start_is_what_it_leaves_to_learn() -> None:
    """A fit of everything is already the best that any of its columns can do."""
    data = made_up_pages(60)
    whole = chain.fit(*data)
    again = chain.fit(*data, columns=slice(1, 2), start=whole)
    assert again.weights == pytest.approx(whole.weights, abs=0.003)


def test_a_penalty_keeps_weights_small() -> None:
    data = made_up_pages(30)
    little, much = (chain.fit(*data, penalty=penalty) for penalty in (0.1, 100.0))
    assert abs(much.weights[1]) < abs(little.weights[1]) / 2


def test_the_fit_is_the_same_twice() -> None:
    data = made_up_pages(30)
    assert chain.fit(*data) == chain.fit(*data)


def test_one_page_of_one_line_can_be_fitted() -> None:
    weights = chain.fit([[[1.0, 2.0]]], [[True]])
    assert weights.weights[1] > weights.weights[0] > 0
    assert weights.transitions == (0, 0, 0, 0)
