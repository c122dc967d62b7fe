"""What a user would otherwise reach for to clean pages: simple systems judged on the same pages as ours, by the same measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import joblib
import msgspec
import numpy as np
from sklearn.pipeline import Pipeline

from classifier import passages
from classifier.topicfilter import TopicFilter
from training import evaluate, metrics
from training.baselines import PAIRS, Floats, fitted, probabilities
from training.config import Config
from training.corpus import Item
from training.evaluate import Cut, Cutter, LabelledPage, PageReport
from training.fit import split
from training.pages import Page
from training.run import MOST_PAGES, fold_pages

NEIGHBOURS = 5
"""Lines that a moving mean is over, the one in the middle among them."""


class PageSystem(msgspec.Struct, frozen=True):
    """A system on each set of pages. note: a sentence on what it is."""

    name: str
    note: str
    sets: dict[str, PageReport]


class PageComparison(msgspec.Struct, frozen=True):
    """Ours and others on the same pages. sets: how many pages there are in each."""

    sets: dict[str, int]
    systems: list[PageSystem]


@dataclass(frozen=True, slots=True)
class System:
    """A system to judge. note: a sentence on what it is."""

    name: str
    note: str
    cut: Cutter


def compare(train: Sequence[Item], judged: Mapping[str, Sequence[LabelledPage]], config: Config, ours: TopicFilter) -> PageComparison:
    """Each system on each set of pages: ours as its users get it, the line by line ones trained on the items that are no passages."""
    rows = [
        PageSystem(system.name, system.note, {name: evaluate.judge_pages(system.cut, pages) for name, pages in judged.items()})
        for system in systems(train, config, ours)
    ]
    return PageComparison({name: len(pages) for name, pages in judged.items()}, rows)


def systems(train: Sequence[Item], config: Config, ours: TopicFilter) -> list[System]:
    """Ours, and what to compare it with."""
    score, alone, smoothed = lines_judge(train, config)
    how = "the threshold of best F1 of characters on pages assembled from items it was not trained on"
    return [
        System("Spillway", f"{ours.model.full_name}, as installed: cuts by topic, passage by passage.", evaluate.cutter(ours)),
        System("keep all", "Every page is left as it is.", keep_all),
        System("whole page", "Kept or dropped as one document, by our own document score.", whole_page(ours)),
        System(
            "line by line",
            f"Each line judged alone by the tuned TF-IDF that documents are compared with, at {alone:.3f}, {how}.",
            by_line(score, alone),
        ),
        System(
            "line by line, smoothed",
            f"The same, its probabilities averaged over {NEIGHBOURS} lines, at {smoothed:.3f}, chosen in the same way.",
            by_line(lambda lines: moving_mean(score(lines)), smoothed),
        ),
    ]


def table(comparison: PageComparison) -> str:
    """The comparison in Markdown: what each system is, and a table for each set of pages."""
    parts = ["\n".join(f"- {system.name}: {system.note}" for system in comparison.systems)]
    for name, n in comparison.sets.items():
        heads = [f"{name} ({n:,})", "mean F1", "worst", "decisions wrong", "precision", "recall"]
        rows = [heads, ["---", *["---:"] * (len(heads) - 1)], *(_row(system.name, system.sets[name]) for system in comparison.systems)]
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
    return "\n\n".join(parts) + "\n"


def _row(name: str, report: PageReport) -> list[str]:
    shares = ("-" if share is None else f"{share:.3f}" for share in (report.precision, report.recall))
    return [name, f"{report.f1:.3f}", f"{report.worst:.3f}", str(report.wrong), *shares]


def keep_all(text: str) -> Cut:
    """The whole page, on topic."""
    return Cut([(0, len(text))], True)


def whole_page(topic: TopicFilter) -> Cutter:
    """Keeps all of a page, or nothing, by the verdict on it as a document."""
    return lambda text: keep_all(text) if topic.score(text).on_topic else Cut([], False)


def by_line(score: Callable[[Sequence[str]], Floats], threshold: float) -> Cutter:
    """Keeps the lines that reach a threshold; score: the probabilities of a page's lines, shape (n,)."""

    def cut(text: str) -> Cut:
        spans = passages.split(text)
        p = score([text[span.start : span.end] for span in spans]) if spans else np.array([])
        kept = [(spans[n].start, spans[n].end) for n in np.flatnonzero(p >= threshold)]
        return Cut(kept, bool(kept))

    return cut


def moving_mean(p: Floats) -> Floats:
    """The mean of each value and its neighbours, NEIGHBOURS in all, fewer at the ends; shape (n,), n > 0."""
    window, first = np.ones(NEIGHBOURS), NEIGHBOURS // 2
    sums, counts = (np.convolve(values, window)[first : first + len(p)] for values in (p, np.ones(len(p))))
    mean: Floats = sums / counts
    return mean


def lines_judge(train: Sequence[Item], config: Config) -> tuple[Callable[[Sequence[str]], Floats], float, float]:
    """The tuned TF-IDF trained on the items, and its thresholds for lines: judged alone, and averaged.

    They are those of best F1 of characters on the pages that our passage model is fitted on, each read by a classifier that has
    not seen its items.
    """
    tasks = [
        joblib.delayed(_held_out)([train[i] for i in seen], fold_pages(train, held_out, config.seed + number, MOST_PAGES // config.folds))
        for number, (seen, held_out) in enumerate(split(train, config))
    ]
    whole, *folds = joblib.Parallel(config.jobs)([joblib.delayed(_whole)(train), *tasks])
    read = [page for fold in folds for page in fold]
    keep = np.concatenate([page.page.keep for page in read])
    lengths = np.array([len(line) for page in read for line in page.page.lines])
    alone, smoothed = np.concatenate([page.p for page in read]), np.concatenate([moving_mean(page.p) for page in read])
    return probabilities(whole), metrics.best_threshold(keep, alone, lengths), metrics.best_threshold(keep, smoothed, lengths)


@dataclass(frozen=True, slots=True)
class _Read:
    """A page, and the probability of each of its lines: shape (lines,)."""

    page: Page
    p: Floats


def _whole(items: Sequence[Item]) -> Pipeline:
    return fitted(PAIRS, [item for item in items if not item.is_passage])


def _held_out(items: Sequence[Item], pages: Sequence[Page]) -> list[_Read]:
    score = probabilities(_whole(items))
    return [_Read(page, score(page.lines)) for page in pages]
