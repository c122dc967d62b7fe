"""One training run, from items to a model with its measurements."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import passages
from classifier.decision import log_odds
from classifier.model import OBSERVATIONS, Calibration, Model, PassageWeights
from classifier.scoring import Scorer
from classifier.topicfilter import TopicFilter
from training import calibrate, chain, corpus, export, metrics
from training.config import Config
from training.corpus import Item
from training.fit import Fitted, Fold, cross_validate, fit
from training.pages import Assembler, Page

NO_PASSAGES = PassageWeights((0.0,) * len(OBSERVATIONS), (0.0,) * 4)


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """A finished run. fitted: the scikit-learn pipelines the model was exported from."""

    model: Model
    fitted: Fitted


def train(
    items: Sequence[Item], config: Config, passage_weights: PassageWeights | None = None, say: Callable[[str], None] = lambda _: None
) -> Run:
    """Cross-validate, calibrate, choose thresholds, fit on all but the frozen test part, and measure on that part.

    passage_weights: taken as they are where given (a topic without page furniture of its own); fitted otherwise.
    say: is told of each step.
    """
    trained = [item for item in items if not item.is_test]
    fitted_items = [item for item in trained if not item.is_passage]
    say(f"cross-validating on {len(fitted_items):,} items in {config.folds} folds")
    folds = cross_validate(fitted_items, config)
    margins = np.empty(len(fitted_items))
    for fold in folds:
        margins[fold.held_out] = fold.margins
    judged = np.array([_is_document(item, config) for item in fitted_items])
    labels = np.array([item.label for item in fitted_items])[judged]
    weights = calibrate.class_weights(labels, config.expected_share)
    calibration = calibrate.platt(margins[judged], labels, weights, prior=config.prior)
    p = calibrate.probabilities(margins[judged], calibration)
    thresholds = calibrate.thresholds(p, labels, weights, config)

    def build(fitted: Fitted, weights: PassageWeights, about: dict[str, Any]) -> Model:
        return export.model(fitted, calibration, thresholds, weights, config, about)

    if passage_weights is None:
        say("fitting the passage model on assembled pages")
        context = [item for item in trained if item.is_passage]
        passage_weights = _fit_passages(fitted_items, context, folds, lambda fitted: build(fitted, NO_PASSAGES, {}), config.seed)
    say("fitting the model")
    fitted = fit(fitted_items, config)
    about = _about(items, config)
    about["cross_validation"] = _figures(metrics.measure(labels, p, thresholds.on_topic))
    model = build(fitted, passage_weights, about)
    test = [item for item in items if item.is_test and _is_document(item, config)]
    about["test"] = _figures(metrics.measure([i.label for i in test], score(model, test), thresholds.on_topic))
    for part in ("cross_validation", "test"):
        say(f"{part.replace('_', ' ')}: " + ", ".join(f"{name} {value}" for name, value in about[part].items()))
    return Run(dataclasses.replace(model, about=about), fitted)


def _is_document(item: Item, config: Config) -> bool:
    """Whether it is of the kind that a filter is given to judge: no headline, no piece of a page."""
    return not item.is_furniture and not item.is_passage and len(item.text) >= config.headline_length


def score(model: Model, items: Sequence[Item]) -> NDArray[np.float64]:
    """The probabilities a model gives to items, as its users get them: float64, shape (n,)."""
    return TopicFilter(model).score_many([item.text for item in items])


def observe(scorer: Scorer, calibration: Calibration, page: Page) -> list[list[float]]:
    """What the passage model sees of a page's lines."""
    spans = _line_spans(page)
    text = page.text

    evidence = scorer.evidence_many([text[span.start : span.end] for span in spans])
    topic = [calibration.slope * e.topic + calibration.intercept for e in evidence]
    return passages.observe(text, spans, evidence, topic)


def _line_spans(page: Page) -> list[passages.Span]:
    spans, start = [], 0
    for line in page.lines:
        spans.append(passages.Span(start, start + len(line)))
        start += len(line) + 1
    return spans


def _fit_passages(
    items: Sequence[Item], context: Sequence[Item], folds: Sequence[Fold], build: Callable[[Fitted], Model], seed: int
) -> PassageWeights:
    """The chain, fitted on pages whose items the scoring model has not seen: each fold's pages are read by its own model."""
    read = []
    for number, fold in enumerate(folds):
        reader = build(fold.fitted)
        stock = [items[i] for i in fold.held_out] + list(context[number :: len(folds)])
        scorer = Scorer(reader)
        read += [(page, observe(scorer, reader.calibration, page), scorer) for page in Assembler(stock, seed + number).pages()]
    weights = chain.fit([observations for _, observations, _ in read], [page.keep for page, _, _ in read])
    picked = np.array([_margin_of_kept(scorer, page, observations, weights) for page, observations, scorer in read])
    on_topic = np.array([any(page.keep) for page, _, _ in read])
    p = calibrate.probabilities(picked, reader.calibration)
    best = metrics.best_threshold(on_topic, p, np.ones(len(read)))
    return dataclasses.replace(weights, page_shift=round(log_odds(reader.thresholds.on_topic) - log_odds(best), 3))


def _margin_of_kept(scorer: Scorer, page: Page, observations: list[list[float]], weights: PassageWeights) -> float:
    """The margin of what the chain keeps of a page, taken as one document; of the whole page if it keeps nothing."""
    marginals = passages.decode(observations, weights)
    kept = "\n".join(line for line, p in zip(page.lines, marginals, strict=True) if p >= 0.5)
    return scorer.evidence(kept or page.text).topic


def _about(items: Sequence[Item], config: Config) -> dict[str, Any]:
    return {
        "corpus": {"sha256": corpus.digest(items), "items": len(items), "languages": dict(sorted(Counter(i.lang for i in items).items()))},
        "settings": {key: value for key, value in dataclasses.asdict(config).items() if key not in ("name", "version", "jobs", "facets")},
        "made_with": {package: version(package) for package in ("scikit-learn", "scipy", "numpy", "joblib")},
    }


def _figures(measured: metrics.Metrics) -> dict[str, float | int | None]:
    return {key: None if math.isnan(value) else value for key, value in dataclasses.asdict(measured).items()}
