"""What else scores text by words and word pairs, each trained on the same labelled documents and asked from Python for probabilities.

A peer whose features are hashed gets as many places as the next power of two of the features that scikit-learn and ours choose.
"""

from __future__ import annotations

import atexit
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from bench.news import documents, labels

Floats = NDArray[np.float64]
Score = Callable[[Sequence[str]], Sequence[float] | Floats]
"""From texts to the probability of class 1 of each."""


@dataclass(frozen=True, slots=True)
class Training:
    """Documents and their classes, 0 and 1."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]


@cache
def lesson(script: str = "latin") -> Training:
    """What all are taught, 11 MB in English: none of the documents that they are measured on."""
    return Training(tuple(documents(4000, 2700, script, seed=1)), tuple(labels(4000).tolist()))


@dataclass(frozen=True)
class Peer:
    """A way to score. note: what it does and what not. module: what must be installed. megabytes: of text for it to score."""

    name: str
    note: str
    module: str
    megabytes: float
    fit: Callable[[Training, int], Score]
    one_by_one: bool = True

    def missing(self) -> str | None:
        """Why it cannot be measured here, as a sentence; None where it can."""
        try:
            import_module(self.module)
        except ModuleNotFoundError as error:
            return f"{self.name} is left out: there is no module {error.name}."
        return None

    def some(self, texts: list[str]) -> list[str]:
        """The first of the texts, as many as it is to be measured on."""
        sizes = np.cumsum([len(text.encode()) for text in texts])
        return texts[: 1 + int(np.searchsorted(sizes, self.megabytes * 1e6))]


@lru_cache(maxsize=4)
def pipeline(training: Training, features: int) -> Pipeline:
    """TF-IDF of words and pairs and logistic regression: what ours is compiled from, so that both give the same numbers."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=features)
    return make_pipeline(vectorizer, LogisticRegression(C=10)).fit(training.texts, training.labels)


def _compiled(training: Training, features: int) -> Score:
    compiled = import_module("classifier.integrations.sklearn").compile(pipeline(training, features))
    return lambda texts: compiled.predict_proba(texts)[:, 1]


def _tfidf(training: Training, features: int) -> Score:
    fitted = pipeline(training, features)
    return lambda texts: fitted.predict_proba(texts)[:, 1]


def _hashing(training: Training, features: int) -> Score:
    vectorizer = HashingVectorizer(ngram_range=(1, 2), n_features=2 ** _bits(features))
    fitted = make_pipeline(vectorizer, SGDClassifier(loss="log_loss", alpha=1e-6, random_state=0)).fit(training.texts, training.labels)
    return lambda texts: fitted.predict_proba(texts)[:, 1]


def _fasttext(training: Training, features: int) -> Score:
    fasttext: Any = import_module("fasttext")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = zip(training.labels, training.texts, strict=True)
        path.write_text("".join(f"__label__{label} {_line(text)}\n" for label, text in lines), encoding="utf-8")
        # Ten threads, since fastText starts with a tenth of its weights for each thread and leaves the rest as it finds the memory.
        model = fasttext.train_supervised(
            str(path), dim=10, wordNgrams=2, bucket=2 ** _bits(features), epoch=10, lr=0.3, thread=10, seed=1, verbose=0
        )

    def score(texts: Sequence[str]) -> list[float]:
        # The binding itself: `predict` around it fails with numpy 2 in most of the packages that hold fastText.
        found = (dict(map(reversed, model.f.predict(_line(text) + "\n", 2, 0.0, "strict"))) for text in texts)
        return [answer["__label__1"] for answer in found]

    return score


def _vowpal_wabbit(training: Training, features: int) -> Score:
    model = _trained_vowpal_wabbit(training, features)
    return lambda texts: [model.predict(_example(text)) for text in texts]


def _vowpal_wabbit_file(training: Training, features: int) -> Score:
    """A list of texts is made a file when it is first seen: one call before the measurement leaves that out of it."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    model, examples, answers = (folder / name for name in ("model", "examples", "answers"))
    trained = _trained_vowpal_wabbit(training, features)
    trained.save(str(model))
    trained.finish()
    prepared: Sequence[str] | None = None

    def score(texts: Sequence[str]) -> Floats:
        nonlocal prepared
        if texts is not prepared:
            examples.write_text("".join(f"{_example(text)}\n" for text in texts), encoding="utf-8")
            prepared = texts
        _workspace(f"--testonly --initial_regressor {model} --data {examples} --predictions {answers}").finish()
        return np.loadtxt(answers, ndmin=1)

    return score


def _trained_vowpal_wabbit(training: Training, features: int) -> Any:
    model = _workspace(f"--loss_function logistic --link logistic --ngram 2 --bit_precision {_bits(features)}")
    for _ in range(3):
        for label, text in zip(training.labels, training.texts, strict=True):
            model.learn(f"{2 * label - 1} {_example(text)}")
    return model


def _workspace(options: str) -> Any:
    return import_module("vowpalwabbit").Workspace(f"{options} --quiet")


def _example(text: str) -> str:
    """A line of Vowpal Wabbit's, in which `|` and `:` have a meaning and cannot be escaped."""
    return "| " + _line(text).replace("|", " ").replace(":", " ")


def _line(text: str) -> str:
    return text.replace("\n", " ")


def _bits(features: int) -> int:
    return math.ceil(math.log2(features))


OURS = Peer(
    "Spillway",
    "the scikit-learn pipeline of the next line, compiled: the same numbers",
    "classifier.integrations.sklearn",
    40,
    _compiled,
)
TFIDF = Peer("scikit-learn", "TfidfVectorizer of words and pairs, sublinear, logistic regression", "sklearn", 2, _tfidf)
FASTTEXT = Peer(
    "fastText",
    "10 dimensions, hashed pairs; splits at white space only, keeps case, no TF-IDF",
    "fasttext",
    12,
    _fasttext,
)
VOWPAL_WABBIT = Peer(
    "Vowpal Wabbit",
    "--ngram 2, hashed, from Python strings; splits at spaces only, keeps case, no TF-IDF",
    "vowpalwabbit",
    24,
    _vowpal_wabbit,
)
PEERS = (
    TFIDF,
    Peer("scikit-learn, hashing", "HashingVectorizer of words and pairs, SGDClassifier; no IDF", "sklearn", 4, _hashing),
    FASTTEXT,
    VOWPAL_WABBIT,
    Peer(
        "Vowpal Wabbit, file",
        "the same from a prepared file, which a second thread of its own reads",
        "vowpalwabbit",
        24,
        _vowpal_wabbit_file,
        one_by_one=False,
    ),
)
