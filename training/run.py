"""One training run, from items to a model with its measurements."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any, TypeVar

import joblib
import msgspec
import numpy as np
from numpy.typing import NDArray

from classifier import page
from classifier.model import MARKUP, OBSERVATIONS, PAGE_OBSERVATIONS, Calibration, Model, PassageWeights, Thresholds
from classifier.observations import Rows
from classifier.page import Page
from classifier.scoring import Scorer
from classifier.topicfilter import TopicFilter
from training import calibrate, chain, corpus, export, pagefit
from training import evaluate as evaluation
from training.config import Config
from training.corpus import Item
from training.evaluate import Report
from training.fit import Fitted, Fold, cross_validate
from training.pagefit import SeenPage
from training.pages import Assembler
from training.pages import Page as Assembled

NO_PASSAGES = PassageWeights((0.0,) * len(OBSERVATIONS), (0.0,) * 4, (0.0,) * len(PAGE_OBSERVATIONS))


MOST_PAGES, MOST_WITH_MARKUP = 2000, 1000
"""Pages that the passage model is fitted on: as many as a minute of training has time for. Half as many again change the F1 of
real pages by less than another seed does."""

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """Cross-validated items. fitted: the models on all of them. probabilities: (n,) calibrated, of each item. documents: (m,)
    indices of those that are documents; weights: (m,) what they weigh."""

    items: Sequence[Item]
    fitted: Fitted
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
    say(f"fitting the model, and cross-validating in {config.folds} folds")
    checked = check(items, config)

    def build(fitted: Fitted, weights: PassageWeights, about: dict[str, Any]) -> Model:
        return export.model(fitted, checked.calibration, checked.thresholds, weights, config, about)

    if passage_weights is None:
        say("fitting the passage model on assembled pages")
        passage_weights = _fit_passages(checked, lambda fitted: build(fitted, NO_PASSAGES, {}), config)
    about = _about(items, test, config)
    about["cross_validation"] = msgspec.to_builtins(checked.report())
    model = build(checked.fitted, passage_weights, about)
    held_back = [item for item in test if is_document(item, config)]
    about["test"] = msgspec.to_builtins(evaluation.report(held_back, score(model, held_back), checked.thresholds))
    for part in ("cross_validation", "test"):
        say(f"{part.replace('_', ' ')}: " + evaluation.line(about[part]["overall"]))
    return Run(msgspec.structs.replace(model, about=about), checked)


def check(items: Sequence[Item], config: Config) -> Checked:
    """What cross-validation says of the items: margins, and the calibration and thresholds they give."""
    fitted, folds = cross_validate(items, config)
    margins = np.empty(len(items))
    for fold in folds:
        margins[fold.held_out] = fold.margins
    documents = np.array([n for n, item in enumerate(items) if is_document(item, config)])
    labels = [items[n].label for n in documents]
    weights = document_weights([items[n] for n in documents], config)
    calibration = calibrate.platt(margins[documents], labels, weights, prior=config.prior)
    p = calibrate.probabilities(margins, calibration)
    thresholds = calibrate.thresholds(p[documents], labels, weights, config)
    return Checked(items, fitted, folds, p, calibration, thresholds, documents, weights)


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


def fold_pages(items: Sequence[Item], held_out: NDArray[np.int64], seed: int, most: int, markup: bool = False) -> list[Assembled]:
    """Pages assembled from the items that a fold holds out."""
    return Assembler([items[i] for i in held_out], seed, markup).pages(most)


def _fit_passages(checked: Checked, build: Callable[[Fitted], Model], config: Config) -> PassageWeights:
    """The passage model, fitted on pages whose items the scoring model has not seen: each fold's pages are read by its own model.

    What markup weighs is fitted on top, on pages of its own, so that plain text is cut as if there were none.
    """
    readers = [build(fold.fitted) for fold in checked.folds]
    plain, marked_up = (_stocks(checked, config, most, markup) for most, markup in ((MOST_PAGES, False), (MOST_WITH_MARKUP, True)))
    observed = _in_parallel(_observe, config, zip([*readers, *readers], [*plain, *marked_up], strict=True))
    rows, rows_of_marked_up = observed[: config.folds], observed[config.folds :]
    weights = chain.fit(_joined(rows), _gold(plain), slice(None, MARKUP))
    pages = _joined(_in_parallel(_observe_blocks, config, ((*each, weights) for each in zip(readers, plain, rows, strict=True))))
    weights = chain.fit(_joined(rows_of_marked_up), _gold(marked_up), slice(MARKUP, None), weights, chain.PENALTY_OF_MARKUP)
    return msgspec.structs.replace(weights, page=pagefit.fit(pages))


def _stocks(checked: Checked, config: Config, most: int, markup: bool) -> list[list[Assembled]]:
    """Pages for each fold."""
    folds = enumerate(checked.folds)
    return [fold_pages(checked.items, fold.held_out, config.seed + number, most // config.folds, markup) for number, fold in folds]


def _in_parallel(work: Callable[..., list[T]], config: Config, arguments: Iterable[tuple[Any, ...]]) -> list[list[T]]:
    done: list[list[T]] = joblib.Parallel(config.jobs)(joblib.delayed(work)(*each) for each in arguments)
    return done


def _joined(parts: Iterable[Sequence[T]]) -> list[T]:
    return [one for part in parts for one in part]


def _gold(stocks: Sequence[Sequence[Assembled]]) -> list[Sequence[bool]]:
    return [assembled.keep for assembled in _joined(stocks)]


def _read(assembled: Assembled, scorer: Scorer) -> Page:
    return page.read(assembled.text, scorer, assembled.blocks, assembled.spans)


def _observe(model: Model, pages: Sequence[Assembled]) -> list[Rows]:
    scorer = Scorer(model)
    return [page.observe(_read(assembled, scorer)) for assembled in pages]


def _observe_blocks(model: Model, pages: Sequence[Assembled], rows: Sequence[Rows], weights: PassageWeights) -> list[SeenPage]:
    """What the passage model's block of each page looks like, and what its article says without its strongest passage."""
    scorer = Scorer(model)
    seen = []
    for assembled, of_page in zip(pages, rows, strict=True):
        read = _read(assembled, scorer)
        found = page.observe_block(read, page.cut(read, of_page, weights).block)
        gold = page.observe_block(read, [i for i, keep in enumerate(assembled.keep) if keep])
        seen.append(SeenPage(found, gold, any(assembled.keep)))
    return seen


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
