"""The quality gate: a model that is worse than the recorded one by more than noise fails the tests.

`gate.json` holds, for each figure, what was recorded and its noise band; a figure may fall below its record by the band, no
further. `python -m training gate --record` raises floors; lowering one takes `--lower` as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from classifier.errors import InputError
from classifier.topicfilter import TopicFilter
from training import config, corpus, evaluate, metrics, results
from training.evaluate import Labelled

PATH = Path(__file__).parent / "gate.json"


class Floor(msgspec.Struct):
    """A figure as recorded, and how much less is still noise."""

    recorded: float
    band: float


class Gate(msgspec.Struct):
    """corpus: digest of the frozen test items that the floors were measured on. floors: by figure."""

    corpus: str
    floors: dict[str, Floor]


def measure(topic: TopicFilter, outside: Path | None = None) -> dict[str, Floor]:
    """Every figure the gate holds, on the frozen test part and, where the folder is there, on data outside the project.

    The band of an F1 is half the width of its bootstrap interval at 68 %, one standard error; counts have none.
    """
    items = [item for item in corpus.load(config.TEST) if not item.is_passage and not item.is_furniture]
    found = _documents("frozen items", topic, evaluate.labelled(items))
    found["frozen pages: F1"] = _pages(topic, config.TEST_PAGES)
    if outside and outside.is_dir():
        found |= _documents("documents", topic, evaluate.load([outside / "documents.jsonl"]))
        background = topic.score_many([document.text for document in evaluate.load([outside / "background.jsonl"])])
        found["background: share not kept"] = Floor(round(float((background < topic.threshold).mean()), 4), 0.0)
        for name in results.PAGES:
            found[f"{name.removesuffix('.jsonl')}: F1"] = _pages(topic, outside / name)
    return found


def check(measured: Mapping[str, Floor], gate: Gate, digest: str) -> list[str]:
    """What is worse than the gate allows, a line each; empty where nothing is."""
    if digest != gate.corpus:
        return [f"the frozen test part has changed: the gate was recorded on {gate.corpus}, found {digest}; record it anew"]
    return [
        f"{name}: expected at least {floor.recorded - floor.band:.4f} (recorded {floor.recorded:.4f}, band {floor.band:.4f}),"
        f" found {measured[name].recorded:.4f}"
        for name, floor in gate.floors.items()
        if name in measured and measured[name].recorded < floor.recorded - floor.band
    ]


def updated(measured: Mapping[str, Floor], gate: Gate | None, digest: str, *, lower: bool) -> Gate:
    """The gate with the figures as measured now; figures that were not measured stay as they are.

    :raises InputError: if a floor would fall and `lower` is not set.
    """
    floors = dict(gate.floors) if gate else {}
    falling = [name for name, floor in floors.items() if name in measured and measured[name].recorded < floor.recorded]
    if falling and not lower:
        raise InputError(f"the gate would be lowered: {', '.join(falling)}; --lower does that")
    return Gate(digest, {**floors, **measured})


def load(path: Path = PATH) -> Gate:
    """The recorded gate.

    :raises InputError: if the file is absent or damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Gate)
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(f"{path}: expected a recorded gate, found: {error}") from error


def save(gate: Gate, path: Path = PATH) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(gate), indent=1) + b"\n")


def frozen_digest() -> str:
    """The digest of the frozen test items."""
    return corpus.digest(corpus.load(config.TEST))


def _documents(name: str, topic: TopicFilter, documents: list[Labelled]) -> dict[str, Floor]:
    p = topic.score_many([document.text for document in documents])
    labels = np.array([document.label for document in documents])
    english = np.array([document.lang == "en" for document in documents])
    found = {}
    for part, of in (("", english | True), (", English", english)):
        m = metrics.measure(labels[of], p[of], topic.threshold)
        found[f"{name}{part}: F1"] = Floor(m.f1 or 0.0, round(((m.f1_high or 0) - (m.f1_low or 0)) / (2 * 1.96), 4))
    found[f"{name}: AUROC"] = Floor(metrics.measure(labels, p, topic.threshold).auroc or 0.0, 0.005)
    return found


def _pages(topic: TopicFilter, path: Path) -> Floor:
    return Floor(evaluate.judge_pages(evaluate.cutter(topic), evaluate.load_pages([path])).f1, 0.01)
