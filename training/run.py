"""One training run, from items to a model with its measurements."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import joblib
import msgspec
import numpy as np
from numpy.typing import NDArray

from classifier import passages
from classifier.decision import log_odds
from classifier.model import OBSERVATIONS, Calibration, Model, PassageWeights, Thresholds
from classifier.scoring import Scorer
from classifier.topicfilter import TopicFilter
from training import calibrate, chain, corpus, export, metrics
from training import evaluate as evaluation
from training.config import Config
from training.corpus import Item
from training.evaluate import Report
from training.fit import Fitted, Fold, cross_validate, fit
from training.pages import Assembler, Page

NO_PASSAGES = PassageWeights((0.0,) * len(OBSERVATIONS), (0.0,) * 4)


MOST_PAGES = 1500
"""Pages that the passage model is fitted on: as many as a minute of training has time for; more were not tried."""


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """Cross-validated items. probabilities: (n,) calibrated, of each item. documents: (m,) indices of those that are
    documents; weights: (m,) what they weigh."""

    items: Sequence[Item]
    folds: Sequence[Fold]
    probabilities: NDArray[np.float64]
    calibration: Calibration
    thresholds: Thresholds
    documents: NDArray[np.int64]
    weights: NDArray[np.float64]

    @property
    def by_id(self) -> dict[str, float]:
        """The probability of each item that is no passage."""
        return {item.id: float(p) for item, p in zip(self.items, self.probabilities, strict=True) if not item.is_passage}

    def report(self) -> Report:
        """How good the documents' probabilities are."""
        documents = [self.items[n] for n in self.documents]
        return evaluation.report(documents, self.probabilities[self.documents], self.thresholds, self.weights)


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    model: Model
    fitted: Fitted
    checked: Checked


def train(
    items: Sequence[Item],
    test: Sequence[Item],
    config: Config,
    passage_weights: PassageWeights | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Run:
    """Cross-validate, calibrate, choose thresholds, fit on all items, and measure on the test items.

    passage_weights: taken as they are where given (a topic without page furniture of its own); fitted otherwise.
    say: is told of each step.
    """
    say(f"cross-validating in {config.folds} folds")
    checked = check(items, config)

    def build(fitted: Fitted, weights: PassageWeights, about: dict[str, Any]) -> Model:
        return export.model(fitted, checked.calibration, checked.thresholds, weights, config, about)

    if passage_weights is None:
        say("fitting the passage model on assembled pages")
        passage_weights = _fit_passages(checked, lambda fitted: build(fitted, NO_PASSAGES, {}), config)
    say("fitting the model")
    fitted = fit(checked.items, config)
    about = _about(items, test, config)
    about["cross_validation"] = msgspec.to_builtins(checked.report())
    model = build(fitted, passage_weights, about)
    held_back = [item for item in test if is_document(item, config)]
    about["test"] = msgspec.to_builtins(evaluation.report(held_back, score(model, held_back), checked.thresholds))
    for part in ("cross_validation", "test"):
        say(f"{part.replace('_', ' ')}: " + evaluation.line(about[part]["overall"]))
    return Run(dataclasses.replace(model, about=about), fitted, checked)


def check(items: Sequence[Item], config: Config) -> Checked:
    """What cross-validation says of the items: margins, and the calibration and thresholds they give."""
    folds = cross_validate(items, config)
    margins = np.empty(len(items))
    for fold in folds:
        margins[fold.held_out] = fold.margins
    documents = np.array([n for n, item in enumerate(items) if is_document(item, config)])
    labels = [items[n].label for n in documents]
    weights = document_weights([items[n] for n in documents], config)
    calibration = calibrate.platt(margins[documents], labels, weights, prior=config.prior)
    p = calibrate.probabilities(margins, calibration)
    thresholds = calibrate.thresholds(p[documents], labels, weights, config)
    return Checked(items, folds, p, calibration, thresholds, documents, weights)


def document_weights(documents: Sequence[Item], config: Config) -> NDArray[np.float64]:
    """What each document weighs in calibration and in choosing a threshold: shape (n,)."""
    kinds = [item.kind for item in documents] if config.kinds_weigh_the_same else None
    return calibrate.class_weights([item.label for item in documents], config.expected_share, kinds)


def is_document(item: Item, config: Config) -> bool:
    """Whether it is of the kind that a filter is given to judge: no headline, no piece of a page."""
    return not item.is_furniture and not item.is_passage and len(item.text) >= config.headline_length


def score(model: Model, items: Sequence[Item]) -> NDArray[np.float64]:
    """The probabilities a model gives to items, as its users get them: float64, shape (n,)."""
    return TopicFilter(model).score_many([item.text for item in items])


def observe(scorer: Scorer, page: Page) -> list[list[float]]:
    """What the passage model sees of a page's lines."""
    text, spans = page.text, page.spans
    return passages.observe(text, spans, scorer.evidence_many([text[span.start : span.end] for span in spans]))


def fold_pages(items: Sequence[Item], held_out: NDArray[np.int64], number: int, config: Config) -> list[Page]:
    """Pages assembled from the items that a fold holds out."""
    return Assembler([items[i] for i in held_out], config.seed + number).pages(MOST_PAGES // config.folds)


@dataclasses.dataclass(frozen=True, slots=True)
class _Read:
    """A page as the passage model sees it."""

    page: Page
    observations: list[list[float]]


def _fit_passages(checked: Checked, build: Callable[[Fitted], Model], config: Config) -> PassageWeights:
    """The chain, fitted on pages whose items the scoring model has not seen: each fold's pages are read by its own model."""
    readers = [build(fold.fitted) for fold in checked.folds]
    stocks = [fold_pages(checked.items, fold.held_out, number, config) for number, fold in enumerate(checked.folds)]
    tasks = [joblib.delayed(_read)(model, pages) for model, pages in zip(readers, stocks, strict=True)]
    parts = joblib.Parallel(config.jobs)(tasks)
    read = [page for part in parts for page in part]
    weights = chain.fit([page.observations for page in read], [page.page.keep for page in read])
    picked = [_margin_of_kept(scorer, page, weights) for scorer, part in zip(map(Scorer, readers), parts, strict=True) for page in part]
    on_topic = [any(page.page.keep) for page in read]
    best = metrics.best_threshold(on_topic, calibrate.probabilities(picked, checked.calibration), np.ones(len(read)))
    return dataclasses.replace(weights, page_shift=round(log_odds(checked.thresholds.on_topic) - log_odds(best), 3))


def _read(model: Model, pages: Sequence[Page]) -> list[_Read]:
    scorer = Scorer(model)
    return [_Read(page, observe(scorer, page)) for page in pages]


def _margin_of_kept(scorer: Scorer, read: _Read, weights: PassageWeights) -> float:
    """The margin of what the chain keeps of a page, taken as one document; of the whole page if it keeps nothing."""
    marginals = passages.decode(read.observations, weights)
    kept = "\n".join(line for line, p in zip(read.page.lines, marginals, strict=True) if p >= 0.5)
    return scorer.evidence(kept or read.page.text).topic


def _about(items: Sequence[Item], test: Sequence[Item], config: Config) -> dict[str, Any]:
    return {
        "corpus": {
            "sha256": corpus.digest(items),
            "test_sha256": corpus.digest(test),
            "items": len(items),
            "languages": dict(sorted(Counter(item.lang for item in items).items())),
            "kinds": dict(sorted(Counter(item.kind for item in items).items())),
        },
        "settings": {key: value for key, value in dataclasses.asdict(config).items() if key not in ("name", "version", "jobs", "facets")},
        "made_with": {package: version(package) for package in ("scikit-learn", "scipy", "numpy", "joblib")},
    }
