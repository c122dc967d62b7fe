"""The scikit-learn side: TF-IDF and two linear models, fitted, rounded, cross-validated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import expit
from sklearn.base import TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import FeatureUnion, Pipeline

from classifier import tokens
from classifier.concepts import Lexicon
from classifier.errors import ClassifierError, InputError
from training.config import Config
from training.corpus import Item

Floats = NDArray[np.float64]

GRID = 2.0**-16
"""Weights are rounded to multiples of this: exact in float32, and coarser than what differs between CPUs."""

NEARLY_ZERO, MOST_NEWTON_STEPS = 1e-10, 20
_REMEMBERED = 1 << 15


@dataclass(frozen=True, slots=True)
class Fitted:
    """Two fitted pipelines over the same words: on-topic against the rest (words and concepts), furniture against prose."""

    topic: Pipeline
    furniture: Pipeline

    @property
    def words(self) -> TfidfVectorizer:
        """The vectoriser of words and pairs that both share."""
        return self.furniture.named_steps["words"]

    @property
    def concepts(self) -> TfidfVectorizer | None:
        """The vectoriser of concept features, where the topic has facets."""
        return dict(self.topic.named_steps["features"].transformer_list).get("concepts")


def fit(items: Sequence[Item], config: Config) -> Fitted:
    """Both models fitted on all items, their numbers rounded to GRID."""
    texts = [item.text for item in items]
    words = TfidfVectorizer(analyzer=partial(word_features, profile=config.profile), sublinear_tf=True, min_df=config.min_df)
    _fit_vectoriser(words, texts, "words")
    words.idf_ = np.maximum(_rounded(words.idf_), GRID)
    parts = [("words", words)]
    if config.facets:
        analyser = partial(concept_features, profile=config.profile, lexicon=Lexicon(config.facets))
        concepts = TfidfVectorizer(analyzer=analyser, sublinear_tf=True, norm=None, use_idf=False, min_df=config.concept_min_df)
        _fit_vectoriser(concepts, texts, "meetings of facets")
        parts.append(("concepts", concepts))
    features = FeatureUnion(parts, transformer_weights={name: config.concept_scale if name == "concepts" else 1.0 for name, _ in parts})
    on_topic = np.array([item.label for item in items])
    furniture = np.array([int(item.is_furniture) for item in items])
    weights = np.where([len(text) < config.headline_length for text in texts], config.headline_weight, 1.0)
    return Fitted(
        _pipeline("features", features, texts, on_topic, weights, config.inverse_regularisation, config.seed),
        _pipeline("words", words, texts, furniture, np.ones(len(items)), config.furniture_inverse_regularisation, config.seed),
    )


def _fit_vectoriser(vectoriser: TfidfVectorizer, texts: Sequence[str], what: str) -> None:
    try:
        vectoriser.fit(texts)
    except ValueError as error:  # scikit-learn's answer to an empty vocabulary
        raise InputError(f"expected {what} that occur in at least {vectoriser.min_df} of the {len(texts)} texts, found none") from error


@lru_cache(_REMEMBERED)
def _sentences(text: str, profile: str) -> list[list[str]]:
    """The sentences of a text, remembered: every fold and both vectorisers read the same texts."""
    return tokens.sentences(text, profile)


def word_features(text: str, profile: str) -> list[str]:
    """Words and pairs: the analyser of the first vectoriser."""
    return list(tokens.features(_sentences(text, profile)))


def concept_features(text: str, profile: str, lexicon: Lexicon) -> list[str]:
    """Concept features: the analyser of the second."""
    return list(lexicon.features(_sentences(text, profile)))


def margins(pipeline: Pipeline, texts: Sequence[str]) -> Floats:
    """The pipeline's decision function: float64, shape (n,), above 0 for the positive class."""
    decided: Floats = pipeline.decision_function(list(texts))
    return decided


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of a cross-validation: models fitted without `held_out` (indices into the items)."""

    held_out: NDArray[np.int64]
    fitted: Fitted
    margins: Floats


def cross_validate(items: Sequence[Item], config: Config) -> list[Fold]:
    """Folds that never split a story, fitted in parallel.

    margins: of the held-out items, by the topic model that has not seen their stories.
    """
    labels = [item.label for item in items]
    stories = [item.story for item in items]
    splitter = StratifiedGroupKFold(config.folds, shuffle=True, random_state=config.seed)
    parts = list(splitter.split(np.zeros(len(items)), labels, stories))
    return list(joblib.Parallel(config.jobs)(joblib.delayed(_fold)(items, train, held_out, config) for train, held_out in parts))


def _fold(items: Sequence[Item], train: NDArray[np.int64], held_out: NDArray[np.int64], config: Config) -> Fold:
    fitted = fit([items[i] for i in train], config)
    return Fold(held_out, fitted, margins(fitted.topic, [items[i].text for i in held_out]))


def _pipeline(
    step: str,
    vectoriser: TransformerMixin,
    texts: Sequence[str],
    labels: NDArray[np.int64],
    weights: Floats,
    inverse_regularisation: float,
    seed: int,
) -> Pipeline:
    values = vectoriser.transform(texts)
    if labels.min() == labels.max():
        linear = LogisticRegression()
        linear.classes_ = np.array([0, 1])
        linear.coef_ = np.zeros((1, values.shape[1]))
        linear.intercept_ = np.zeros(1)
    else:
        linear = LogisticRegression(C=inverse_regularisation, solver="liblinear", tol=1e-4, max_iter=1000, random_state=seed)
        balanced = weights * np.where(labels, 0.5 / np.average(labels, weights=weights), 0.5 / np.average(1 - labels, weights=weights))
        linear.fit(values, labels, sample_weight=balanced)
        polished = _polish(
            values, np.where(labels, 1.0, -1.0), inverse_regularisation * balanced, np.append(linear.coef_, linear.intercept_)
        )
        linear.coef_, linear.intercept_ = _rounded(polished[None, :-1]), _rounded(polished[-1:])
    return Pipeline([(step, vectoriser), ("linear", linear)])


def _polish(values: csr_matrix, signs: Floats, costs: Floats, weights: Floats) -> Floats:
    """Logistic regression's weights, bias last, brought from nearly to exactly its optimum, whatever the CPU adds up in which order.

    Newton's method on |w|^2 / 2 + sum_i costs_i ln(1 + exp(-signs_i w.x_i)), the objective of liblinear (Fan et al. 2008).
    The penalty makes every eigenvalue of the Hessian at least 1, so that no weight is further from the optimum than
    the gradient is long.
    """
    x = hstack([values, np.ones((values.shape[0], 1))], format="csr")
    x_transposed = x.T.tocsr()
    for _ in range(MOST_NEWTON_STEPS):
        wrong = expit(-signs * (x @ weights))
        gradient = weights - x_transposed @ (costs * signs * wrong)
        if np.abs(gradient).max() < NEARLY_ZERO:
            return weights
        curvature = costs * wrong * (1 - wrong)
        hessian = LinearOperator((len(weights), len(weights)), lambda v, c=curvature: v + x_transposed @ (c * (x @ v)), dtype=float)
        weights = weights - cg(hessian, gradient, rtol=1e-8, maxiter=1000)[0]
    raise ClassifierError(f"training did not converge: the gradient is still {np.abs(gradient).max():.1e} after {MOST_NEWTON_STEPS} steps")


def _rounded(numbers: Floats) -> Floats:
    return np.round(numbers / GRID) * GRID
