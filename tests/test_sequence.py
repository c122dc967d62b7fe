"""The decision over a sequence: against sums over every labelling and every subset, and on long and lopsided pages."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import sequence
from classifier.decision import sigmoid
from classifier.model import PassageWeights

Transitions = tuple[float, float, float, float]
STILL: Transitions = (0.0, 0.0, 0.0, 0.0)
PAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 2000)), min_size=1, max_size=8)


def decode(scores: Sequence[float], transitions: Transitions) -> list[float]:
    return sequence.decode([[score] for score in scores], PassageWeights((1.0,), transitions, ()))


@given(st.lists(st.floats(-6, 6), min_size=1, max_size=8), st.tuples(*[st.floats(-4, 4)] * 4))
def test_decoding_equals_summing_over_every_labelling_that_keeps_something(scores: list[float], transitions: Transitions) -> None:
    total, kept = 0.0, [0.0] * len(scores)
    for states in itertools.product((0, 1), repeat=len(scores)):
        if not any(states):
            continue
        score = sum(score for score, state in zip(scores, states, strict=True) if state)
        mass = math.exp(score + sum(transitions[2 * a + b] for a, b in itertools.pairwise(states)))
        total += mass
        kept = [so_far + mass * state for so_far, state in zip(kept, states, strict=True)]
    assert decode(scores, transitions) == pytest.approx([mass / total for mass in kept], rel=1e-9, abs=1e-12)


def test_a_score_is_the_weighted_sum_of_what_is_observed() -> None:
    weights = PassageWeights((2.0, -1.0), (0.5, -0.5, -0.5, 0.5), ())
    assert sequence.decode([[1.0, 3.0], [2.0, 1.0]], weights) == decode([-1.0, 3.0], weights.transitions)


@given(st.floats(-1000, 1000), st.tuples(*[st.floats(-4, 4)] * 4))
def test_the_only_passage_is_kept(score: float, transitions: Transitions) -> None:
    assert decode([score], transitions) == [1.0]


def test_no_passages_decode_to_nothing() -> None:
    assert sequence.decode([], PassageWeights((), STILL, ())) == []
    assert sequence.cut([], []) == (0.0, 0.0)


def test_a_long_page_is_decoded_like_a_short_one() -> None:
    """Without transitions each passage stands for itself, once something is sure to be kept."""
    scores = [math.sin(i) * 4 for i in range(20_000)]
    assert decode(scores, STILL) == pytest.approx([sigmoid(score) for score in scores], abs=1e-6)


def test_neither_great_scores_nor_many_overflow() -> None:
    scores = [1000.0 if i // 7 % 2 else -1000.0 for i in range(20_000)]
    assert decode(scores, (0.5, -0.5, -0.5, 0.5)) == pytest.approx([float(score > 0) for score in scores], abs=1e-9)
    assert decode([1000.0] * 20_000, STILL) == pytest.approx([1.0] * 20_000)


@pytest.mark.parametrize("n", [4, 20_000])
def test_where_all_speaks_against_each_something_is_kept_all_the_same(n: int) -> None:
    """One passage, and each is as good a choice: any second would cost another thousand."""
    assert decode([-1000.0] * n, STILL) == pytest.approx([1 / n] * n, rel=1e-6)


def expected_f1(kept: Collection[int], page: Sequence[tuple[float, int]]) -> float:
    right = sum(page[i][0] * page[i][1] for i in kept)
    characters = sum(page[i][1] for i in kept) + sum(p * length for p, length in page)
    return 2 * right / characters if characters else 0.0


@given(PAGE)
def test_the_cut_is_the_best_of_every_choice_of_passages(page: list[tuple[float, int]]) -> None:
    choices = itertools.chain.from_iterable(itertools.combinations(range(len(page)), n) for n in range(len(page) + 1))
    _, best = sequence.cut(*zip(*page, strict=True))
    assert best == pytest.approx(max(expected_f1(kept, page) for kept in choices), abs=1e-12)


@given(PAGE)
def test_the_threshold_is_half_of_the_best_and_reaches_it(page: list[tuple[float, int]]) -> None:
    """Whatever is at or above the threshold is kept, whatever is below dropped: no other choice is expected to do better."""
    threshold, best = sequence.cut(*zip(*page, strict=True))
    assert threshold == best / 2
    assert expected_f1([i for i, (p, _) in enumerate(page) if p >= threshold], page) == pytest.approx(best, abs=1e-12)


def test_a_cut_worked_out_by_hand() -> None:
    """Expected are 100 + 90 + 20 characters; keeping the first two gives 2 * 190 / (200 + 210), the third no more."""
    threshold, best = sequence.cut([0.2, 1.0, 0.9], [100, 100, 100])
    assert (threshold, best) == (pytest.approx(190 / 410), pytest.approx(380 / 410))
