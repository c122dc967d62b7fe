"""A fitted scikit-learn text pipeline, made fast in one line: the same numbers from the compiled kernel.

    fast = compile(pipeline)
    fast.predict_proba(texts)

What is supported and what is refused: docs/sklearn.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier import tables
from classifier.errors import InputError, MissingExtraError
from classifier.scoring import pipeline_kernel

try:
    from scipy.sparse import issparse
    from scipy.special import expit
    from sklearn.exceptions import NotFittedError
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.svm import LinearSVC
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise MissingExtraError("sklearn", error.name) from error

Floats = NDArray[np.float64]

VECTORIZERS = (CountVectorizer, TfidfVectorizer, HashingVectorizer)
CLASSIFIERS = (LogisticRegression, SGDClassifier, LinearSVC, RidgeClassifier)
MOST_WORDS = 3
"""Words of an n-gram at most."""
MOST_HASHED = 1 << 26
"""Numbers that HashingVectorizer may hash to at most: a gigabyte of coefficients."""
_ONLY = {
    "input": "content",
    "analyzer": "word",
    "tokenizer": None,
    "preprocessor": None,
    "strip_accents": None,
    "token_pattern": r"(?u)\b\w\w+\b",
}
"""The one value that a vectorizer's parameter may have."""


class Compiled:
    """A pipeline's answers for two classes. Holds no state between texts, so that threads can share it.

    classes_: as the classifier has them.
    """

    def __init__(self, kernel: Any, classes: NDArray[Any]) -> None:
        self._kernel = kernel
        self.classes_ = classes

    def decision_function(self, texts: Iterable[str]) -> Floats:
        """(n,) float64: above 0 where the second class is more likely.

        :raises InputError: if a text is no str, or too long.
        """
        if isinstance(texts, str):
            raise InputError("texts: expected several, found one str: put it into a list")
        held = tuple(texts)
        found = np.empty(len(held))
        self._kernel.margins(held, found)
        return found

    def predict(self, texts: Iterable[str]) -> NDArray[Any]:
        """(n,): of each text, one of `classes_`."""
        answers: NDArray[Any] = self.classes_[(self.decision_function(texts) > 0).astype(np.intp)]
        return answers


class CompiledWithProbabilities(Compiled):
    """Where the classifier has probabilities, too."""

    def __init__(self, kernel: Any, classes: NDArray[Any], probability: Callable[[Floats], Floats]) -> None:
        super().__init__(kernel, classes)
        self._probability = probability

    def predict_proba(self, texts: Iterable[str]) -> Floats:
        """(n, 2) float64: the probabilities of the classes, in the order of `classes_`."""
        second = self._probability(self.decision_function(texts))
        found = np.empty((len(second), 2))
        np.subtract(1.0, second, out=found[:, 0])
        found[:, 1] = second
        return found


def compile(pipeline: Pipeline) -> Compiled:  # noqa: A001 - as in re.compile
    """What gives the pipeline's numbers within 1e-6, about a hundred times as fast; the pipeline itself stays as it is.

    :raises InputError: if the pipeline has a step or a parameter that is not supported, or is not fitted.
    :raises ClassifierError: if there is no compiled kernel.
    """
    kernel = pipeline_kernel()
    vectorizer, transformer, classifier = _steps(pipeline)
    _check_reading(vectorizer)
    weighting = _weighting(vectorizer, transformer)
    classes, coefficients, bias = _linear(classifier)
    least, most = vectorizer.value("ngram_range")
    made = kernel(
        **_features(vectorizer, weighting, coefficients),
        lowercase=bool(vectorizer.value("lowercase")),
        least=least,
        most=most,
        stop=_stop_words(vectorizer),
        is_sublinear=weighting.is_sublinear and not vectorizer.value("binary"),
        is_binary=bool(vectorizer.value("binary")),
        norm=weighting.norm,
        bias=bias,
    )
    probability = _probability(classifier)
    return CompiledWithProbabilities(made, classes, probability) if probability else Compiled(made, classes)


@dataclass(frozen=True, slots=True)
class _Step:
    """A named step of a pipeline."""

    name: str
    estimator: Any

    def value(self, parameter: str) -> Any:
        return getattr(self.estimator, parameter)

    def refuse(self, parameter: str, expected: str) -> InputError:
        return InputError(f"step {self.name!r}: {parameter} is {self.value(parameter)!r}: expected {expected}")

    def refuse_kind(self, expected: str) -> InputError:
        return InputError(f"step {self.name!r}: found {type(self.estimator).__name__}, expected {expected}")

    def check_fitted(self, attribute: str) -> None:
        """:raises InputError: if it is not fitted, which the attribute tells."""
        try:
            check_is_fitted(self.estimator, attribute)
        except NotFittedError as error:
            kind = type(self.estimator).__name__
            raise InputError(f"step {self.name!r}: {kind} is not fitted: expected it to have {attribute}") from error


class _Weighting(NamedTuple):
    """What becomes of counts. idf: (n,) float64, or None where all count the same."""

    is_sublinear: bool = False
    norm: str | None = None
    idf: Floats | None = None


def _names(kinds: Iterable[type]) -> str:
    return ", ".join(kind.__name__ for kind in kinds)


def _steps(pipeline: Pipeline) -> tuple[_Step, _Step | None, _Step]:
    """Vectorizer, TfidfTransformer if there is one, and classifier."""
    if not isinstance(pipeline, Pipeline):
        raise InputError(f"pipeline: expected a scikit-learn Pipeline, found {type(pipeline).__name__}")
    steps = [_Step(name, estimator) for name, estimator in pipeline.steps if estimator is not None and not isinstance(estimator, str)]
    if len(steps) < 2:
        raise InputError(f"pipeline: expected a vectorizer and a classifier, found {len(steps)} steps")
    vectorizer, *between, classifier = steps
    if type(vectorizer.estimator) not in VECTORIZERS:
        raise vectorizer.refuse_kind(f"one of {_names(VECTORIZERS)}")
    for step in between:
        if type(step.estimator) is not TfidfTransformer:
            raise step.refuse_kind("TfidfTransformer, or nothing between vectorizer and classifier")
    if type(classifier.estimator) not in CLASSIFIERS:
        raise classifier.refuse_kind(f"one of {_names(CLASSIFIERS)}")
    if between and (type(vectorizer.estimator) is TfidfVectorizer or len(between) > 1):
        raise between[-1].refuse_kind("no TfidfTransformer behind what weighs already")
    return vectorizer, between[0] if between else None, classifier


def _check_reading(vectorizer: _Step) -> None:
    """:raises InputError: if the vectorizer cuts a text in a way that the kernel does not know."""
    for parameter, only in _ONLY.items():
        if vectorizer.value(parameter) != only:
            raise vectorizer.refuse(parameter, repr(only))
    least, most = vectorizer.value("ngram_range")
    if not 1 <= least <= most <= MOST_WORDS:
        raise vectorizer.refuse("ngram_range", f"(least, most) with 1 <= least <= most <= {MOST_WORDS}")
    dtype, may_be_int = np.dtype(vectorizer.value("dtype")), type(vectorizer.estimator) is CountVectorizer
    if dtype != np.float64 and not (may_be_int and dtype.kind in "iu" and dtype.itemsize >= 4):
        raise vectorizer.refuse("dtype", "numpy.float64" + (", or an integer of 32 bits or more" if may_be_int else ""))


def _weighting(vectorizer: _Step, transformer: _Step | None) -> _Weighting:
    kind = type(vectorizer.estimator)
    if kind is TfidfVectorizer:
        vectorizer.check_fitted("_tfidf")
        # What transforms, whatever was set on the vectorizer since it was fitted.
        transformer = _Step(vectorizer.name, vectorizer.value("_tfidf"))
    if transformer is None:
        return _Weighting(norm=_norm(vectorizer) if kind is HashingVectorizer else None)
    if transformer.value("use_idf"):
        transformer.check_fitted("idf_")
    idf = getattr(transformer.estimator, "idf_", None)
    found = _Weighting(bool(transformer.value("sublinear_tf")), _norm(transformer), None if idf is None else np.asarray(idf, np.float64))
    if kind is HashingVectorizer:
        _check_hashed_counts(vectorizer, found)
    return found


def _norm(step: _Step) -> str | None:
    norm: str | None = step.value("norm")
    if norm not in ("l1", "l2", None):
        raise step.refuse("norm", "'l1', 'l2' or None")
    return norm


def _check_hashed_counts(vectorizer: _Step, weighting: _Weighting) -> None:
    """:raises InputError: if a TfidfTransformer sees more of a HashingVectorizer's norm and signs than its own norm levels out."""
    if _norm(vectorizer) is not None and (weighting.norm is None or weighting.is_sublinear):
        raise vectorizer.refuse("norm", "None before a TfidfTransformer that has no norm, or sublinear_tf")
    if vectorizer.value("alternate_sign") and not vectorizer.value("binary") and weighting.is_sublinear:
        raise vectorizer.refuse("alternate_sign", "False before a TfidfTransformer with sublinear_tf, which takes logarithms")


def _linear(classifier: _Step) -> tuple[NDArray[Any], Floats, float]:
    """Classes, coefficients (n,) and intercept."""
    classifier.check_fitted("coef_")
    classes = np.asarray(classifier.value("classes_"))
    coefficients = classifier.value("coef_")
    coefficients = np.atleast_2d(coefficients.toarray() if issparse(coefficients) else coefficients).astype(np.float64)
    if len(classes) != 2 or len(coefficients) != 1:
        raise InputError(f"step {classifier.name!r}: classes_ are {classes.tolist()!r}: expected two, and of each text one")
    return classes, coefficients[0], float(np.ravel(classifier.value("intercept_"))[0])


def _probability(classifier: _Step) -> Callable[[Floats], Floats] | None:
    """From decision values to probabilities of the second class; None where scikit-learn has none."""
    kind = type(classifier.estimator)
    if kind is LogisticRegression:
        if getattr(classifier.estimator, "multi_class", None) == "multinomial":
            raise classifier.refuse("multi_class", "'auto' or 'ovr': the other counts the decision value twice")
        return _logistic
    if kind is SGDClassifier:
        return {"log_loss": _logistic, "modified_huber": _modified_huber}.get(classifier.value("loss"))
    return None


def _logistic(decisions: Floats) -> Floats:
    found: Floats = expit(decisions)
    return found


def _modified_huber(decisions: Floats) -> Floats:
    """(clip(d, -1, 1) + 1) / 2, after Zhang, T. (2004), Statistical behavior and consistency of classification methods."""
    return (np.clip(decisions, -1.0, 1.0) + 1.0) / 2.0


def _stop_words(vectorizer: _Step) -> tables.Table | None:
    """A table of those stop words that can be a word at all."""
    stop_words = vectorizer.value("stop_words")
    if isinstance(stop_words, str) and stop_words != "english":
        raise vectorizer.refuse("stop_words", "None, 'english' or a list of words")
    words = [word for word in vectorizer.estimator.get_stop_words() or () if re.fullmatch(r"\w\w+", word)]
    return _table(words, range(len(words))) if words else None


def _table(features: list[str], order: Iterable[int]) -> tables.Table:
    return tables.build([tables.feature_key(feature, "sklearn") for feature in features], list(order))


def _features(vectorizer: _Step, weighting: _Weighting, coefficients: Floats) -> dict[str, Any]:
    """How the kernel gets from n-grams to rows of idf and coefficient: by table, or by hash."""
    if type(vectorizer.estimator) is HashingVectorizer:
        n_features = vectorizer.value("n_features")
        if n_features > MOST_HASHED:
            raise vectorizer.refuse("n_features", f"at most {MOST_HASHED:,}")
        has_signs = bool(vectorizer.value("alternate_sign") and not vectorizer.value("binary"))
        rows = _rows(vectorizer, n_features, weighting, coefficients)
        return {"table": None, "n_hashed": n_features, "has_signs": has_signs, "rows": rows}
    vectorizer.check_fitted("vocabulary_")
    vocabulary: dict[str, int] = vectorizer.value("vocabulary_")
    rows = _rows(vectorizer, len(vocabulary), weighting, coefficients)
    table, numbers = _table_of(vectorizer, vocabulary, rows[:, 0])
    return {"table": table, "n_hashed": 0, "has_signs": False, "rows": np.vstack([rows[numbers], np.zeros(2)])}


def _rows(vectorizer: _Step, n_features: int, weighting: _Weighting, coefficients: Floats) -> Floats:
    """(n, 2) float64, row by row: idf and coefficient."""
    idf = np.ones(n_features) if weighting.idf is None else weighting.idf
    if not len(idf) == len(coefficients) == n_features:
        found = f"{n_features} features, {len(idf)} idf and {len(coefficients)} coefficients"
        raise InputError(f"step {vectorizer.name!r}: found {found}: expected as many of each, so fit the pipeline again")
    return np.column_stack((idf, coefficients))


def _table_of(vectorizer: _Step, vocabulary: dict[str, int], idf: Floats) -> tuple[tables.Table, list[int]]:
    """The table of the n-grams that the vectorizer can meet, and the number in the vocabulary of each of its rows. What is frequent has the
    least idf; where there is none, few words and short ones."""
    least, most = vectorizer.value("ngram_range")
    ngram = re.compile(rf"\w\w+(?: \w\w+){{{least - 1},{most - 1}}}")
    features = [feature for feature in vocabulary if ngram.fullmatch(feature)]
    if not features:
        raise InputError(f"step {vectorizer.name!r}: vocabulary_ has {len(vocabulary)} features: expected an n-gram that can be met")
    numbers = [vocabulary[feature] for feature in features]
    order = sorted(range(len(features)), key=lambda n: (idf[numbers[n]], features[n].count(" "), len(features[n]), features[n]))
    table = _table(features, order)
    return table, [int(numbers[n]) for n in table.features]
