"""Fits the model that judges a page by its block: logistic regression on what is seen of the blocks of assembled pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from classifier.decision import log_odds
from classifier.model import PAGE_OBSERVATIONS
from training import metrics

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
    """The weights of PAGE_OBSERVATIONS, 0 being the boundary of best F1 over pages."""
    clear = [page for page in pages if not page.on_topic or page.gold[_REST] > LEAST_SAID]
    seen, on_topic = np.array([page.found for page in clear]), np.array([page.on_topic for page in clear])
    estimator = LogisticRegression(tol=1e-10, max_iter=10_000).fit(seen[:, 1:], on_topic)
    p = estimator.predict_proba(seen[:, 1:])[:, 1]
    boundary = log_odds(metrics.best_threshold(on_topic, p, np.ones(len(clear))))
    return tuple(round(float(weight), 3) for weight in (estimator.intercept_[0] - boundary, *estimator.coef_[0]))
