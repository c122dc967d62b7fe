"""Figures on data that is not part of the project, recorded once and committed, so that every clone renders the same card.

A record belongs to one set of weights: where the model has changed since, the card leaves it out until it is taken again
(`python -m training record FOLDER`).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from classifier.errors import InputError
from classifier.model import Model
from classifier.topicfilter import TopicFilter
from training import config, evaluate
from training.baselines import Comparison
from training.evaluate import PageReport, Report
from training.page_baselines import PageComparison

DOCUMENTS, PAGES = ("documents.jsonl", "background.jsonl"), ("seed-pages.jsonl", "pages.jsonl")


class Results(msgspec.Struct):
    """What was recorded of one set of weights, `model`: documents and pages by file name, and beside other systems.

    baselines: on documents. page_baselines: on pages of text. extractors: on HTML pages (bench/leak.py).
    """

    model: str
    documents: dict[str, Report] = {}
    pages: dict[str, PageReport] = {}
    baselines: Comparison | None = None
    page_baselines: PageComparison | None = None
    extractors: PageComparison | None = None


def fingerprint(model: Model) -> str:
    """SHA-256 of what decides: features, weights, calibration, thresholds; not of what is only told about the model."""
    numbers = (array("f", numbers).tobytes() for numbers in (model.idf, model.topic, model.passage, model.furniture))
    rest = (
        model.profile,
        tuple(model.features),
        model.topic_bias,
        model.passage_bias,
        model.furniture_bias,
        model.concepts,
        model.calibration,
        model.thresholds,
    )
    hashed = hashlib.sha256(msgspec.json.encode((rest, model.passages)))
    for raw in numbers:
        hashed.update(raw)
    return hashed.hexdigest()


def load(path: Path, model: Model) -> Results:
    """What is recorded of this model; nothing where the record is of another one or absent.

    :raises InputError: if the file is damaged.
    """
    nothing = Results(fingerprint(model))
    if not path.exists():
        return nothing
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Results)
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: expected recorded results, found: {error}") from error
    return found if found.model == nothing.model else nothing


def path(name: str) -> Path:
    """Where the results of the model of that name are recorded."""
    return config.RESULTS / f"{name}.json"


def save(results: Results, path: Path) -> None:
    """Write the results, the same bytes for the same figures."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def record(topic: TopicFilter, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """The reports on each of the known files of a folder, by file name: `documents` and `pages` of Results.

    :raises InputError: if a file is absent or wrong.
    """
    documents, pages = {}, {}
    for name in DOCUMENTS:
        documents[name] = evaluate.judge(topic, evaluate.load([folder / name]))
        say(f"{name}: {evaluate.line(msgspec.to_builtins(documents[name].overall))}")
    for name in PAGES:
        pages[name] = evaluate.judge_pages(evaluate.cutter(topic), evaluate.load_pages([folder / name]))
        say(f"{name}: {evaluate.line(msgspec.to_builtins(pages[name]))}")
    return {"documents": documents, "pages": pages}
