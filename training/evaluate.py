"""Judges a filter on labelled documents and pages: in all, by language, by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.errors import InputError
from classifier.model import Thresholds
from classifier.topicfilter import TopicFilter
from training import calibrate, metrics
from training.calibrate import Unsure
from training.corpus import Item
from training.metrics import Metrics

HARDEST = 10
"""Mistakes that a report lists."""


class Labelled(msgspec.Struct):
    """A labelled document; other fields of its record are ignored. grade: "partial" is not judged, as either answer will do."""

    text: str
    label: int
    id: str | int = ""
    lang: str = "-"
    kind: str = "-"
    grade: str | None = None


class LabelledPage(msgspec.Struct):
    """A page with gold: spans are [start, end, "keep" | "drop" | "either"] in code points; "either" is not judged."""

    id: str | int
    text: str
    label: int
    spans: list[tuple[int, int, str]]


class HasLabel(Protocol):
    """What a report needs to know of a document."""

    @property
    def id(self) -> str | int: ...
    @property
    def label(self) -> int: ...
    @property
    def lang(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Share(msgspec.Struct):
    """Right answers among n, and the 95 % interval of their share."""

    n: int
    right: int
    low: float
    high: float


class Mistake(msgspec.Struct):
    """A document that was answered wrongly."""

    id: str | int
    lang: str
    kind: str
    label: int
    probability: float


class Report(msgspec.Struct):
    """The measures of a filter on some documents.

    reliability: ten bins of probability: share of the weight, mean probability, share on topic. curve: (recall, precision).
    hardest: the mistakes furthest from the threshold.
    """

    threshold: float
    overall: Metrics
    by_language: dict[str, Metrics]
    by_kind: dict[str, Share]
    unsure: Unsure
    reliability: list[tuple[float, float, float]]
    curve: list[tuple[float, float]]
    hardest: list[Mistake]


class PageReport(msgspec.Struct):
    """f1: mean over the pages of the F1 of kept characters. worst: of a page. wrong: pages judged wrongly as a whole.

    precision, recall: of the characters of all pages together; None where nothing is kept or to be kept.
    """

    n: int
    f1: float
    worst: float
    wrong: int
    precision: float | None = None
    recall: float | None = None


class Characters(NamedTuple):
    """How many characters of a page's article were kept and how many lost, and how many were kept of what stands around it."""

    kept: int
    lost: int
    leaked: int

    @property
    def f1(self) -> float:
        """1 where there was nothing to keep and nothing is kept."""
        either = 2 * self.kept + self.lost + self.leaked
        return 2 * self.kept / either if either else 1.0


class Cut(NamedTuple):
    """What a system makes of a page: the ranges it keeps, in code points, and whether it takes the page for on topic."""

    kept: Sequence[tuple[int, int]]
    on_topic: bool


Cutter = Callable[[str], Cut]
"""A system that cuts pages, from a page's text."""


_Record = TypeVar("_Record", Labelled, LabelledPage)


def labelled(items: Iterable[Item]) -> list[Labelled]:
    """Items of the corpus as documents to judge on."""
    return [Labelled(item.text, item.label, item.id, item.lang, item.kind) for item in items]


def load(paths: Sequence[Path]) -> list[Labelled]:
    """The documents of JSON Lines files, without the partial ones.

    :raises InputError: at the first line that is no labelled document, or if there is none.
    """
    return [document for document in _load(paths, Labelled) if document.grade != "partial"]


def load_pages(paths: Sequence[Path]) -> list[LabelledPage]:
    """The pages of JSON Lines files.

    :raises InputError: at the first line that is no labelled page, or if there is none.
    """
    return _load(paths, LabelledPage)


def judge(topic: TopicFilter, documents: Sequence[Labelled]) -> Report:
    """How the filter does on the documents, at its threshold."""
    probabilities = topic.score_many([document.text for document in documents])
    return report(documents, probabilities, topic.model.thresholds, threshold=topic.threshold)


def report(
    documents: Sequence[HasLabel],
    probabilities: NDArray[np.float64],
    thresholds: Thresholds,
    weights: ArrayLike | None = None,
    threshold: float | None = None,
) -> Report:
    """The measures of probabilities, shape (n,), given to documents.

    weights: of the documents in calibration measures, shape (n,). threshold: another than the model's own.
    """
    at = thresholds.on_topic if threshold is None else threshold
    labels = np.array([document.label for document in documents])
    right = (probabilities >= at) == labels.astype(bool)
    languages = np.array([document.lang for document in documents])
    kinds = np.array([document.kind for document in documents])
    wrong = sorted(np.flatnonzero(~right).tolist(), key=lambda n: -abs(probabilities[n] - labels[n]))
    return Report(
        threshold=at,
        overall=metrics.measure(labels, probabilities, at, weights),
        by_language={str(v): metrics.measure(labels[languages == v], probabilities[languages == v], at) for v in _by_size(languages)},
        by_kind={str(v): _share(right[kinds == v]) for v in _by_size(kinds)},
        unsure=calibrate.unsure_share(probabilities, labels, thresholds),
        reliability=[(round(a, 4), round(b, 4), round(c, 4)) for a, b, c in metrics.reliability(labels, probabilities, weights)],
        curve=metrics.curve(labels, probabilities) if labels.any() else [],
        hardest=[_mistake(documents[n], probabilities[n]) for n in wrong[:HARDEST]],
    )


def cutter(topic: TopicFilter) -> Cutter:
    """The filter as a system that cuts pages."""

    def cut(text: str) -> Cut:
        cleaned = topic.clean(text)
        return Cut([(passage.start, passage.end) for passage in cleaned.passages if passage.keep], cleaned.verdict.on_topic)

    return cut


def judge_pages(cut: Cutter, pages: Sequence[LabelledPage]) -> PageReport:
    """How well a system cuts pages, by the characters whose gold is sure."""
    cuts = [cut(page.text) for page in pages]
    wrong = sum(made.on_topic != bool(page.label) for page, made in zip(pages, cuts, strict=True))
    return page_report([_characters(page, made.kept) for page, made in zip(pages, cuts, strict=True)], wrong)


def page_report(pages: Sequence[Characters], wrong: int) -> PageReport:
    """The measures of pages, of which so many were judged wrongly as a whole."""
    scores = [page.f1 for page in pages]
    kept, lost, leaked = (sum(counts) for counts in zip(*pages, strict=True))
    precision, recall = (round(kept / of, 4) if of else None for of in (kept + leaked, kept + lost))
    return PageReport(len(pages), round(float(np.mean(scores)), 4), round(min(scores), 4), wrong, precision, recall)


def line(overall: Mapping[str, Any]) -> str:
    """The overall measures in one line."""
    return ", ".join(f"{name} {'-' if value is None else value}" for name, value in overall.items())


def table(judged: Report, model: str) -> str:
    """The report as text, one row for each part."""
    heading = f"{model} at threshold {judged.threshold:g}"
    columns = f"{'':<28}{'n':>6}{'on':>6}{'precision':>11}{'recall':>9}{'F1':>9}{'95 % interval':>16}{'AUROC':>9}{'Brier':>9}{'ECE':>9}"
    rows = [columns, _row("all", judged.overall)]
    if len(judged.by_language) > 1:
        rows += ["", "language", *(_row(f"  {name}", measured) for name, measured in judged.by_language.items())]
    if len(judged.by_kind) > 1:
        rows += ["", f"{'kind':<28}{'n':>6}{'right':>8}{'95 % interval':>18}"]
        rows += [f"  {name:<26}{s.n:>6}{s.right:>8}{f'{s.low:.3f}-{s.high:.3f}':>18}" for name, s in judged.by_kind.items()]
    unsure = judged.unsure
    rows += [
        "",
        f"unsure: {unsure.share:.1%} of the texts, wrong {unsure.wrong_inside:.1%} of the time; the rest {unsure.wrong_outside:.1%}",
    ]
    return "\n".join([heading, "", *rows])


def _row(name: str, m: Metrics) -> str:
    between = "-" if m.f1_low is None else f"{m.f1_low:.3f}-{m.f1_high:.3f}"
    first = "".join(f"{_number(value):>{width}}" for value, width in ((m.precision, 11), (m.recall, 9), (m.f1, 9)))
    return f"{name:<28}{m.n:>6}{m.positives:>6}{first}{between:>16}" + "".join(f"{_number(v):>9}" for v in (m.auroc, m.brier, m.ece))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _by_size(values: NDArray[np.str_]) -> list[np.str_]:
    """The values, those of most documents first."""
    found, sizes = np.unique(values, return_counts=True)
    return [found[n] for n in np.argsort(-sizes, kind="stable")]


def _share(right: NDArray[np.bool_]) -> Share:
    return Share(len(right), int(right.sum()), *metrics.share_interval(int(right.sum()), len(right)))


def _mistake(document: HasLabel, probability: float) -> Mistake:
    return Mistake(document.id, document.lang, document.kind, document.label, round(float(probability), 3))


def _characters(page: LabelledPage, kept: Sequence[tuple[int, int]]) -> Characters:
    flags = np.zeros(len(page.text), dtype=bool)
    for start, end in kept:
        flags[start:end] = True
    article = sum(end - start for start, end, gold in page.spans if gold == "keep")
    tp, fp = (sum(int(flags[start:end].sum()) for start, end, gold in page.spans if gold == of) for of in ("keep", "drop"))
    return Characters(tp, article - tp, fp)


def _load(paths: Sequence[Path], kind: type[_Record]) -> list[_Record]:
    records = []
    for path in paths:
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from error
        records += [_record(line, f"{path}:{number}", kind) for number, line in enumerate(lines, 1) if line.strip()]
    if not records:
        raise InputError(f"{', '.join(map(str, paths))}: expected labelled records, found none")
    return records


def _record(line: bytes, where: str, kind: type[_Record]) -> _Record:
    try:
        record = msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: expected an object with `text` and `label`, found: {error}") from error
    if record.label not in (0, 1):
        raise InputError(f"{where}: field 'label': expected 0 or 1, found {record.label}")
    return record
