"""Judges a filter on labelled documents: in all, by language, by kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from classifier.errors import InputError
from classifier.topicfilter import TopicFilter
from training import metrics
from training.metrics import Metrics


class Labelled(msgspec.Struct):
    """A labelled document; other fields of its record are ignored."""

    text: str
    label: int
    lang: str = "-"
    kind: str = "-"


class Report(msgspec.Struct):
    """The measures of a filter on some documents, and of their parts by language and kind."""

    model: str
    threshold: float
    overall: Metrics
    by_language: dict[str, Metrics]
    by_kind: dict[str, Metrics]


def load(paths: Sequence[Path]) -> list[Labelled]:
    """The documents of JSON Lines files.

    :raises InputError: at the first line that is no labelled document, or if there is none.
    """
    documents = []
    for path in paths:
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                documents.append(_document(line, f"{path}:{number}"))
    if not documents:
        raise InputError(f"{', '.join(map(str, paths))}: expected labelled documents, found none")
    return documents


def judge(topic: TopicFilter, documents: Sequence[Labelled]) -> Report:
    """How the filter does on the documents, at its threshold."""
    probabilities = topic.score_many([document.text for document in documents])
    labels = np.array([document.label for document in documents])

    def part(key: str) -> dict[str, Metrics]:
        values = np.array([getattr(document, key) for document in documents])
        return {str(v): metrics.measure(labels[values == v], probabilities[values == v], topic.threshold) for v in sorted(set(values))}

    overall = metrics.measure(labels, probabilities, topic.threshold)
    return Report(topic.model.full_name, topic.threshold, overall, part("lang"), part("kind"))


def table(report: Report) -> str:
    """The report as text, one row for each part."""
    heading = f"{report.model} at threshold {report.threshold:g}"
    columns = f"{'':<28}{'n':>6}{'on':>6}{'precision':>11}{'recall':>9}{'F1':>9}{'AUROC':>9}{'Brier':>9}{'ECE':>9}"
    rows = [columns, _row("all", report.overall)]
    for title, parts in (("language", report.by_language), ("kind", report.by_kind)):
        if len(parts) > 1:
            rows += ["", title, *(_row(f"  {name}", measured) for name, measured in parts.items())]
    return "\n".join([heading, "", *rows])


def _row(name: str, m: Metrics) -> str:
    rest = "".join(f"{value:>9.4f}" for value in (m.recall, m.f1, m.auroc, m.brier, m.ece))
    return f"{name:<28}{m.n:>6}{m.positives:>6}{m.precision:>11.4f}{rest}"


def _document(line: bytes, where: str) -> Labelled:
    try:
        document = msgspec.json.decode(line, type=Labelled)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: expected an object with `text` and `label`, found: {error}") from error
    if document.label not in (0, 1):
        raise InputError(f"{where}: field 'label': expected 0 or 1, found {document.label}")
    return document
