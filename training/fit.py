"""The scikit-learn side: TF-IDF and three linear models, fitted, rounded, cross-validated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import expit
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
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

NOTHING = np.array([], dtype=np.int64)
NEARLY_ZERO, MOST_NEWTON_STEPS = 1e-10, 20


@dataclass(frozen=True, slots=True)
class Linear:
    """weights: (n,) float64, of the features they belong to, in their order; bias."""

    weights: Floats
    bias: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """Three linear models over the same features: of documents and of their lines, on topic against the rest, and furniture
    against prose, over words alone.

    words: (n,) words, stems and pairs, sorted. idf: (n,) float64. concepts: (m,) sorted. topic, passage: of n + m weights, those of
    concepts for values multiplied with `concept_scale`. furniture: of n weights.
    """

    words: tuple[str, ...]
    idf: Floats
    concepts: tuple[str, ...]
    topic: Linear
    passage: Linear
    furniture: Linear


@dataclass(frozen=True, slots=True)
class Features:
    """How often each text has each feature: csr matrices of shape (texts, features)."""

    words: csr_matrix
    concepts: csr_matrix


@dataclass(frozen=True, slots=True)
class Counts:
    """Every feature of every item, counted once for all folds. of_lines: of their lines; item: (lines,) whose each is."""

    word_names: NDArray[np.object_]
    concept_names: NDArray[np.object_]
    of_items: Features
    of_lines: Features
    item: NDArray[np.int64]


def count(texts: Sequence[str], config: Config) -> Counts:
    """The counts of texts and of their lines; names are sorted."""
    lines = [(place, line) for place, text in enumerate(texts) for line in text.split("\n") if line.strip()]
    read = [tokens.sentences(text, config.profile) for text in (*texts, *(line for _, line in lines))]
    lexicon = Lexicon(config.facets)
    words, word_names = _count([tokens.features(of_text, config.profile) for of_text in read], len(texts))
    concepts, concept_names = _count([lexicon.features(of_text) if config.facets else () for of_text in read], len(texts))
    n = len(texts)
    items, of_lines = Features(words[:n], concepts[:n]), Features(words[n:], concepts[n:])
    return Counts(word_names, concept_names, items, of_lines, np.array([place for place, _ in lines]))


def _count(features: Sequence[Iterable[str]], n_texts: int) -> tuple[csr_matrix, NDArray[np.object_]]:
    """Counts of the features that the first `n_texts` have, and their names, sorted."""
    vectoriser = CountVectorizer(analyzer=iter, dtype=np.float64)
    try:
        first = vectoriser.fit_transform(features[:n_texts])
    except ValueError:  # scikit-learn's answer to an empty vocabulary
        return csr_matrix((len(features), 0)), np.array([], dtype=object)
    return vstack([first, vectoriser.transform(features[n_texts:])], format="csr"), vectoriser.get_feature_names_out()


def fit(items: Sequence[Item], config: Config) -> Fitted:
    """The models fitted on all items, their numbers rounded to GRID.

    :raises InputError: if no feature is frequent enough to be learned from.
    """
    return _fit(count([item.text for item in items], config), np.arange(len(items)), items, config)


def _fit(counts: Counts, rows: NDArray[np.int64], items: Sequence[Item], config: Config) -> Fitted:
    """The models fitted on some items and their lines; `items` are all that were counted."""
    some = [items[row] for row in rows]
    lines = np.flatnonzero(np.isin(counts.item, rows))
    words = _frequent(counts.of_items.words[rows], config.min_df, "words")
    concepts = _frequent(counts.of_items.concepts[rows], config.concept_min_df, "meetings of facets") if config.facets else NOTHING
    idf = np.maximum(_rounded(TfidfTransformer(sublinear_tf=True).fit(counts.of_items.words[rows][:, words]).idf_), GRID)
    columns = Columns(words, idf, concepts, config.concept_scale)
    values, of_lines = columns.values(counts.of_items, rows), columns.values(counts.of_lines, lines)
    on_topic, furniture, by_line = (np.array(labels, dtype=np.int64) for labels in _labels(some, items, counts.item[lines]))
    weights = np.array([_weight(item, config) for item in some])
    return Fitted(
        tuple(counts.word_names[words]),
        idf,
        tuple(counts.concept_names[concepts]),
        _logistic_regression(values, on_topic, weights, config.inverse_regularisation, config.seed),
        _logistic_regression(of_lines, by_line, np.ones(len(lines)), config.passage_inverse_regularisation, config.seed),
        _logistic_regression(values[:, : len(words)], furniture, np.ones(len(some)), config.furniture_inverse_regularisation, config.seed),
    )


def _weight(item: Item, config: Config) -> float:
    """What an item weighs in the model of documents: a passage nothing, as it has its place inside an article."""
    if item.is_passage:
        return 0.0
    return config.headline_weight if len(item.text) < config.headline_length else 1.0


def _labels(some: Sequence[Item], items: Sequence[Item], of_lines: NDArray[np.int64]) -> tuple[list[int], list[int], list[int]]:
    """Labels of items for the topic and for furniture, and of lines, each that of its item."""
    return [item.label for item in some], [int(item.is_furniture) for item in some], [items[place].label for place in of_lines]


@dataclass(frozen=True, slots=True)
class Columns:
    """The features of a fit: columns of words with their idf, and of concepts with the factor of their values."""

    words: NDArray[np.int64]
    idf: Floats
    concepts: NDArray[np.int64]
    concept_scale: float

    def values(self, counts: Features, rows: NDArray[np.int64]) -> csr_matrix:
        """What the linear models see of some texts (see classifier/_reference.py for the formula)."""
        transformer = TfidfTransformer(sublinear_tf=True).fit(csr_matrix((1, len(self.words))))
        transformer.idf_ = self.idf
        met = counts.concepts[rows][:, self.concepts]
        met.data = (1 + np.log(met.data)) * self.concept_scale
        return hstack([transformer.transform(counts.words[rows][:, self.words]), met], format="csr")


def _frequent(counts: csr_matrix, min_df: int, what: str) -> NDArray[np.int64]:
    """The columns of features that occur in enough texts."""
    frequent = np.flatnonzero(counts.getnnz(axis=0) >= min_df)
    if not len(frequent):
        raise InputError(f"expected {what} that occur in at least {min_df} of the {counts.shape[0]} texts, found none")
    return frequent


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of a cross-validation: models fitted without `held_out` (indices into the items), and its topic margins there."""

    held_out: NDArray[np.int64]
    fitted: Fitted
    margins: Floats


def split(items: Sequence[Item], config: Config) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Indices to fit on and to hold out, for each fold; a story is never parted, labels are spread evenly."""
    splitter = StratifiedGroupKFold(config.folds, shuffle=True, random_state=config.seed)
    return list(splitter.split(np.zeros(len(items)), [item.label for item in items], [item.story for item in items]))


def cross_validate(items: Sequence[Item], config: Config) -> tuple[Fitted, list[Fold]]:
    """The models fitted on all items, and folds that never split a story; side by side, the longest first."""
    counts = count([item.text for item in items], config)
    parts = [joblib.delayed(_fold)(counts, rows, held_out, items, config) for rows, held_out in split(items, config)]
    fitted, *folds = joblib.Parallel(config.jobs)([joblib.delayed(_fit)(counts, np.arange(len(items)), items, config), *parts])
    return fitted, folds


def _fold(counts: Counts, rows: NDArray[np.int64], held_out: NDArray[np.int64], items: Sequence[Item], config: Config) -> Fold:
    fitted = _fit(counts, rows, items, config)
    words = np.searchsorted(counts.word_names, np.array(fitted.words, dtype=object))
    concepts = np.searchsorted(counts.concept_names, np.array(fitted.concepts, dtype=object)) if fitted.concepts else NOTHING
    values = Columns(words, fitted.idf, concepts, config.concept_scale).values(counts.of_items, held_out)
    return Fold(held_out, fitted, values @ fitted.topic.weights + fitted.topic.bias)


def pipelines(fitted: Fitted, config: Config) -> tuple[Pipeline, Pipeline, Pipeline]:
    """The three models as scikit-learn pipelines, for those who want them: topic, passage, furniture."""
    words = _vectoriser(word_features, fitted.words, config, sublinear_tf=True)
    words.idf_ = fitted.idf
    parts = [("words", words)]
    if fitted.concepts:
        analyser = partial(concept_features, lexicon=Lexicon(config.facets))
        parts.append(("concepts", _vectoriser(analyser, fitted.concepts, config, sublinear_tf=True, norm=None, use_idf=False)))
    scales = {name: config.concept_scale if name == "concepts" else 1.0 for name, _ in parts}
    features = FeatureUnion(parts, transformer_weights=scales)
    topic, passage = (Pipeline([("features", features), ("linear", _estimator(linear))]) for linear in (fitted.topic, fitted.passage))
    return topic, passage, Pipeline([("words", words), ("linear", _estimator(fitted.furniture))])


def _vectoriser(analyser: Callable[..., list[str]], names: Sequence[str], config: Config, **options: object) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=partial(analyser, profile=config.profile), lowercase=False, vocabulary=list(names), **options).fit([""])


def _estimator(linear: Linear) -> LogisticRegression:
    estimator = LogisticRegression()
    estimator.classes_ = np.array([0, 1])
    estimator.coef_, estimator.intercept_ = linear.weights[None, :], np.array([linear.bias])
    return estimator


def word_features(text: str, profile: str) -> list[str]:
    """Words, stems and pairs: the analyser of the first vectoriser."""
    return list(tokens.features(tokens.sentences(text, profile), profile))


def concept_features(text: str, profile: str, lexicon: Lexicon) -> list[str]:
    """Concept features: the analyser of the second."""
    return list(lexicon.features(tokens.sentences(text, profile)))


def _logistic_regression(
    values: csr_matrix, labels: NDArray[np.int64], weights: Floats, inverse_regularisation: float, seed: int
) -> Linear:
    """Fitted with both classes weighing the same; all zero where one of them is absent."""
    if labels.min() == labels.max():
        return Linear(np.zeros(values.shape[1]), 0.0)
    estimator = LogisticRegression(C=inverse_regularisation, solver="liblinear", tol=1e-2, max_iter=1000, random_state=seed)
    balanced = weights * np.where(labels, 0.5 / np.average(labels, weights=weights), 0.5 / np.average(1 - labels, weights=weights))
    estimator.fit(values, labels, sample_weight=balanced)
    start = np.append(estimator.coef_, estimator.intercept_)
    polished = _rounded(_polish(values, np.where(labels, 1.0, -1.0), inverse_regularisation * balanced, start))
    return Linear(polished[:-1], float(polished[-1]))


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
