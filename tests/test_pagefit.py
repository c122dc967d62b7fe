"""The fit of the model that judges a page by its block: recovery of what made the data, and where its boundary lies."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.decision import sigmoid
from classifier.model import PAGE_OBSERVATIONS, PassageWeights
from classifier.page import log_odds
from training import pagefit
from training.pagefit import LEAST_SAID, SeenPage

MADE_BY = (-2.0, 1.5, -1.0, 0.0, 3.0)
"""Weights of PAGE_OBSERVATIONS; few pages are on topic."""
REST = PAGE_OBSERVATIONS.index("topic of the block without its strongest passage")


def made_up_pages(n: int, seed: int, clarity: float = 1.0) -> list[SeenPage]:
    """clarity: how much of what MADE_BY weighs can be seen; with little of it the boundary lies far below even odds."""
    rng = np.random.default_rng(seed)
    pages = []
    for _ in range(n):
        found = [1.0, *rng.normal(0, 1.5, len(MADE_BY) - 1)]
        on_topic = rng.random() < sigmoid(MADE_BY[0] + clarity * float(np.dot(MADE_BY[1:], found[1:])))
        pages.append(SeenPage(found, article(3.0), bool(on_topic)))
    return pages


def article(rest: float) -> list[float]:
    """What is seen of an article itself, its topic without the strongest passage being `rest`."""
    seen = [1.0] + [4.0] * (len(PAGE_OBSERVATIONS) - 1)
    seen[REST] = rest
    return seen


def test_weights_are_those_that_made_the_data() -> None:
    fitted = pagefit.fit(made_up_pages(4000, seed=1))
    assert len(fitted) == len(PAGE_OBSERVATIONS)
    assert fitted[1:] == pytest.approx(MADE_BY[1:], abs=0.3)


def test_the_boundary_of_best_f1_is_at_0() -> None:
    pages = made_up_pages(2000, seed=2, clarity=0.2)
    weights = PassageWeights((), (0.0, 0.0, 0.0, 0.0), pagefit.fit(pages))
    odds = np.array([log_odds(page.found, weights) for page in pages])
    gold = np.array([page.on_topic for page in pages])

    def f1(boundary: float) -> float:
        kept = odds >= boundary
        return float(2 * (kept & gold).sum() / (kept.sum() + gold.sum()))

    best = max(f1(boundary) for boundary in odds)
    assert f1(0.0) >= best - 0.03
    assert f1(0.0) > max(f1(-1.0), f1(1.0)) + 0.02


def test_articles_that_say_too_little_are_not_learned_from() -> None:
    pages = made_up_pages(300, seed=3)
    unclear = [SeenPage([1.0, -5.0, 5.0, 5.0, -5.0], article(LEAST_SAID), on_topic=True)] * 100
    assert pagefit.fit([*pages, *unclear]) == pagefit.fit(pages)


def test_articles_that_just_say_enough_are_learned_from_and_so_are_pages_without_one() -> None:
    pages = made_up_pages(300, seed=3)
    clear = [SeenPage([1.0, -5.0, 5.0, 5.0, -5.0], article(LEAST_SAID + 0.01), on_topic=True)] * 100
    without = [SeenPage([1.0, 5.0, -5.0, -5.0, 5.0], article(LEAST_SAID - 5), on_topic=False)] * 100
    fitted = pagefit.fit(pages)
    assert pagefit.fit([*pages, *clear])[1] < fitted[1] - 0.5
    assert pagefit.fit([*pages, *without])[1] < fitted[1] - 0.5


def test_the_fit_is_the_same_twice() -> None:
    pages = made_up_pages(200, seed=4)
    assert pagefit.fit(pages) == pagefit.fit(pages)
