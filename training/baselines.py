"""What a user would otherwise reach for: simple systems trained on the same items and judged on the same documents as ours."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from classifier.topicfilter import TopicFilter
from training import metrics
from training.config import Config
from training.corpus import Item
from training.evaluate import Labelled
from training.fit import split
from training.metrics import Metrics
from training.run import document_weights, is_document

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judge:
    """A trained system: probabilities of texts, shape (n,), and the least of an on-topic one. ranks: they are more than yes and no."""

    score: Callable[[Sequence[str]], Floats]
    threshold: float = 0.5
    ranks: bool = True


Fit = Callable[[Sequence[Item], Config], Judge]


@dataclass(frozen=True)
class Baseline:
    """A system to compare with. note: what it is, with its settings. fit: trains it; ImportError where its package is not installed."""

    name: str
    note: str
    fit: Fit


class Ahead(msgspec.Struct, frozen=True):
    """How far our F1 is ahead, with a 95 % interval."""

    f1: float
    low: float
    high: float


class Judged(msgspec.Struct, frozen=True):
    """A system on a set of documents and on the English ones alone. ours_ahead: None for ours, and where nothing is on topic."""

    all: Metrics
    english: Metrics
    ours_ahead: Ahead | None = None


class System(msgspec.Struct, frozen=True):
    """One row: a system on each set. missing: the package for want of which it could not be judged."""

    name: str
    note: str
    threshold: float | None = None
    sets: dict[str, Judged] = {}
    missing: str | None = None


class Comparison(msgspec.Struct, frozen=True):
    """Ours and the baselines on the same documents. sets: how many there are in each."""

    trained_on: int
    sets: dict[str, int]
    systems: list[System]


def compare(train: Sequence[Item], judged: Mapping[str, Sequence[Labelled]], config: Config, ours: TopicFilter) -> Comparison:
    """Each system on each set: ours as its users get it, the baselines trained on the items that are no passages."""
    items = [item for item in train if not item.is_passage]
    us = Judge(ours.score_many, ours.threshold)
    sets = {name: _judged(documents, us) for name, documents in judged.items()}
    systems = [System("Spillway", f"{ours.model.full_name}, as installed", ours.threshold, sets)]
    for baseline in BASELINES:
        try:
            them = baseline.fit(items, config)
        except ImportError as error:
            systems.append(System(baseline.name, baseline.note, missing=error.name or str(error)))
        else:
            sets = {name: _judged(documents, them, us) for name, documents in judged.items()}
            systems.append(System(baseline.name, baseline.note, round(them.threshold, 4), sets))
    return Comparison(len(items), {name: len(documents) for name, documents in judged.items()}, systems)


def table(comparison: Comparison) -> str:
    """The comparison as a table in Markdown, a row for each system."""
    heads = ["system"]
    for name, n in comparison.sets.items():
        heads += [f"{name} ({n:,}): F1", "F1, English", "AUROC", "ours ahead by"]
    rows = [heads, ["---", *["---:"] * (len(heads) - 1)], *(_row(system, comparison.sets) for system in comparison.systems)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def ahead(labels: ArrayLike, ours: ArrayLike, theirs: ArrayLike) -> Ahead:
    """How far our F1 is ahead of theirs on the same documents: labels and what each keeps, shape (n,).

    Paired bootstrap, percentile method (Efron and Tibshirani 1993): both are judged on the same draw of documents.
    """
    y, us, them = (np.asarray(values, dtype=bool) for values in (labels, ours, theirs))
    sample = np.random.default_rng(metrics.SEED).integers(0, len(y), (metrics.DRAWS, len(y)))
    low, high = np.quantile(_f1(y[sample], us[sample]) - _f1(y[sample], them[sample]), (0.025, 0.975))
    return Ahead(*(round(float(value), 4) for value in (_f1(y, us) - _f1(y, them), low, high)))


def _f1(labels: Bools, kept: Bools) -> Floats:
    """F1 along the last axis; 0 where nothing is on topic or kept."""
    f1: Floats = 2 * (labels & kept).sum(-1) / np.maximum(labels.sum(-1) + kept.sum(-1), 1)
    return f1


def _judged(documents: Sequence[Labelled], judge: Judge, ours: Judge | None = None) -> Judged:
    texts = [document.text for document in documents]
    labels = np.array([document.label for document in documents])
    english = np.array([document.lang == "en" for document in documents])
    p = judge.score(texts)
    whole, part = (metrics.measure(labels[of], p[of], judge.threshold) for of in (english | True, english))
    if not judge.ranks:
        whole, part = replace(whole, auroc=None), replace(part, auroc=None)
    lead = ahead(labels, ours.score(texts) >= ours.threshold, p >= judge.threshold) if ours and labels.any() else None
    return Judged(whole, part, lead)


def _row(system: System, sets: Iterable[str]) -> list[str]:
    row = [f"{system.name}: {system.note}"]
    for name in sets:
        if system.missing:
            row += [f"`{system.missing}` is not installed", "-", "-", "-"]
            continue
        judged = system.sets[name]
        lead = judged.ours_ahead
        row += ["-" if value is None else f"{value:.3f}" for value in (judged.all.f1, judged.english.f1, judged.all.auroc)]
        row.append(f"{lead.f1:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})" if lead else "-")
    return row


def _majority(items: Sequence[Item], _: Config) -> Judge:
    label = float(2 * sum(item.label for item in items) > len(items))
    return Judge(lambda texts: np.full(len(texts), label), ranks=False)


WORD_END = r"\b"
COUNTRY = (
    "belarus byelorus belorus minsk grodno hrodna gomel homiel vitebsk mogilev (?-i:ПВТ|HTP)= "
    "беларус белорус минск гродн гомел витебск могил[её]в"
)
TRADE = (
    "(?-i:IT|ICT|ИТ|ПВТ|HTP)= tech= techies technolog hi.tech high.tech software programmer developer coders?= engineer start.?up gamedev "
    "video.?game computer digital outsourc fintech айти програм+ист программн разработчик тестиров инженер стартап софт технолог "
    "компьютерн цифров аутсорс финтех геймдев игров"
)
LEAVING = (
    "relocat emigrat émigré exodus exile left= leav(e|es|ing)= mov(e|ed|es|ing)= fle(d|e|es|eing)= depart abroad brain.drain outflow "
    "evacuat resettl transferr diaspora quit= return residence visas?= border refuge clos(e|ed|es|ing|ure)= shut poland warsaw lithuania "
    "vilnius релок эмигр уех уезж отъезд выех выезж переех переезд переезж перебра перев[её]з увез вывез отток утечк исход покин покид "
    "бежа бегств за.границ за.рубеж диаспор возвращ верну внж= виз[ауые]?= закры польш варшав литв вильнюс"
)
KEYWORDS = tuple(
    re.compile(rf"\b(?:{words.replace('=', WORD_END).replace(' ', '|')})", re.IGNORECASE) for words in (COUNTRY, TRADE, LEAVING)
)
"""A text needs one of each. An entry matches what begins with it; "=" asks for the word's end."""


def _keywords(_: Sequence[Item], __: Config) -> Judge:
    return Judge(lambda texts: np.array([float(all(part.search(text) for part in KEYWORDS)) for text in texts]), ranks=False)


def _at_half(pipeline: Pipeline) -> Fit:
    return lambda items, _: Judge(probabilities(fitted(pipeline, items)))


def _at_chosen(pipeline: Pipeline) -> Fit:
    """Fits at the threshold of best F1 in a cross-validation that never splits a story, on documents, as ours is chosen."""

    def fit(items: Sequence[Item], config: Config) -> Judge:
        parts = split(items, config)
        tasks = [joblib.delayed(_held_out)(pipeline, items, *part) for part in parts]
        whole, *folds = joblib.Parallel(config.jobs)([joblib.delayed(fitted)(pipeline, items), *tasks])
        p = np.empty(len(items))
        for (_, held_out), found in zip(parts, folds, strict=True):
            p[held_out] = found
        places = [n for n, item in enumerate(items) if is_document(item, config)]
        documents = [items[n] for n in places]
        labels = [item.label for item in documents]
        return Judge(probabilities(whole), metrics.best_threshold(labels, p[places], document_weights(documents, config)))

    return fit


def fitted(pipeline: Pipeline, items: Sequence[Item]) -> Pipeline:
    """A pipeline like this one, trained on the items."""
    return clone(pipeline).fit([item.text for item in items], [item.label for item in items])


def _held_out(pipeline: Pipeline, items: Sequence[Item], train: NDArray[np.int64], held_out: NDArray[np.int64]) -> Floats:
    return probabilities(fitted(pipeline, [items[i] for i in train]))([items[i].text for i in held_out])


def probabilities(pipeline: Pipeline) -> Callable[[Sequence[str]], Floats]:
    """The trained pipeline as a function from texts to their probabilities, shape (n,)."""
    return lambda texts: pipeline.predict_proba(texts)[:, 1]


def _fasttext(**settings: float) -> Fit:
    """Supervised fastText, in a shuffled order: it takes the lines as they come, and ours come by language and label."""

    def fit(items: Sequence[Item], config: Config) -> Judge:
        fasttext: Any = import_module("fasttext")
        shuffled = random.Random(config.seed).sample(items, len(items))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text("".join(f"__label__{item.label} {_words(item.text)}" for item in shuffled), encoding="utf-8")
            model = fasttext.train_supervised(
                str(path), dim=50, wordNgrams=2, epoch=25, lr=0.5, seed=config.seed, thread=1, verbose=0, **settings
            )

        def score(text: str) -> float:
            # The binding itself: `predict` around it fails with numpy 2 in most of the packages that hold fastText.
            found = {label: p for p, label in model.f.predict(_words(text), 2, 0.0, "strict")}
            return min(float(found.get("__label__1", 0.0)), 1.0)

        return Judge(lambda texts: np.array([score(text) for text in texts]))

    return fit


def _words(text: str) -> str:
    """The words in lower case on a line: fastText itself splits at white space only."""
    return " ".join(re.findall(r"\w+", text.lower())) + "\n"


_DEFAULTS = make_pipeline(TfidfVectorizer(), LogisticRegression())
_LINEAR = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
PAIRS = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), _LINEAR)
_CHARACTERS = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=300_000), _LINEAR)

BASELINES = (
    Baseline("majority class", "the commoner label, always", _majority),
    Baseline("keyword rule", "country, trade and leaving all in the text, in English or Russian words", _keywords),
    Baseline("naive Bayes", "over word counts, scikit-learn's defaults", _at_half(make_pipeline(CountVectorizer(), MultinomialNB()))),
    Baseline("TF-IDF, defaults", "of scikit-learn; logistic regression at 0.5", _at_half(_DEFAULTS)),
    Baseline("TF-IDF, tuned", "words and pairs, sublinear; balanced logistic regression, C 10, threshold as ours", _at_chosen(PAIRS)),
    Baseline("character n-grams", "2 to 5 within words, the commonest 300,000; the rest as tuned TF-IDF", _at_chosen(_CHARACTERS)),
    Baseline("fastText", "words and pairs, 50 dimensions, 25 epochs, learning rate 0.5, at 0.5", _fasttext()),
    Baseline("fastText, subwords", "the same with the character n-grams of 2 to 5", _fasttext(minn=2, maxn=5)),
)
