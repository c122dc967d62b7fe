"""Fits the model that judges a page by its block: logistic regression on what is seen of the blocks of assembled pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifier.decision import log_odds
from classifier.model import PAGE_OBSERVATIONS

LEAST_SAID = -2.0
"""Margin that an article must reach without its strongest passage for its page to be learned from. An article that says less
cannot be told from a page about something else with one on-topic headline, and would make an article of each such headline."""
_REST = PAGE_OBSERVATIONS.index("topic of the block without its strongest passage")


class SeenPage(NamedTuple):
    """found: what is seen of the block that the passage model found (`page.observe_block`). gold: the same of the article itself.
    on_topic: whether there is one."""

    found: Sequence[float]
    gold: Sequence[float]
    on_topic: bool


def fit(pages: Sequence[SeenPage]) -> tuple[float, ...]:
    """The weights of PAGE_OBSERVATIONS, 0 being the boundary of best F1 over pages: a probability of half that F1 (Lipton, Elkan and
    Naryanaswamy 2014), which is steadier than the place where these very pages reach it."""
    clear = [page for page in pages if not page.on_topic or page.gold[_REST] > LEAST_SAID]
    seen, on_topic = np.array([page.found for page in clear]), np.array([page.on_topic for page in clear])
    estimator = LogisticRegression(tol=1e-10, max_iter=10_000).fit(seen[:, 1:], on_topic)
    p = estimator.predict_proba(seen[:, 1:])[:, 1]
    boundary = log_odds(_best_f1(on_topic, p) / 2)
    return tuple(round(float(weight), 3) for weight in (estimator.intercept_[0] - boundary, *estimator.coef_[0]))


def _best_f1(labels: NDArray[np.bool_], p: NDArray[np.float64]) -> float:
    """The best F1 that any threshold on p reaches."""
    found = np.cumsum(labels[np.argsort(-p, kind="stable")])
    return float((2 * found / (np.arange(1, len(found) + 1) + found[-1])).max())
