"""What the tests share: a tiny model made by hand, the shipped model, and a way to run the command."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings

from classifier import TopicFilter, store, tokens
from classifier.concepts import Facet
from classifier.model import OBSERVATIONS, Calibration, Concepts, ConceptWeights, Model, PassageWeights, RecallThreshold, Thresholds

settings.register_profile("spillway", deadline=None)  # a busy machine is no failure
settings.load_profile("spillway")

ON_TOPIC = "Half of the developers at the Minsk software house have moved to Vilnius, and Belarusian IT firms follow them into exile."
OFF_TOPIC = "Federal agents arrested dozens of workers in an immigration raid on a meat plant in Omaha, and protesters gathered outside."

RECALLS = (RecallThreshold(0.9, 0.6, 0.5, 0.7), RecallThreshold(0.99, 0.2, 0.1, 0.3))
TINY = Model(
    name="tiny",
    version="1",
    profile="news",
    unicode_version=tokens.UNICODE_VERSION,
    features=("cookies", "hi", "mins*", "minsk", "raid", "tech"),
    idf=array("f", [2.0, 1.5, 3.0, 1.25, 1.75, 1.0]),
    topic=array("f", [-1.0, 0.25, 2.0, 3.0, -4.0, 1.5]),
    passage=array("f", [-0.5, 0.5, 1.0, 2.0, -3.0, 0.75]),
    furniture=array("f", [5.0, -1.0, -1.0, -1.0, -1.0, -1.0]),
    topic_bias=-0.5,
    passage_bias=-0.25,
    furniture_bias=-1.0,
    concepts=Concepts(
        {"place": Facet(("minsk",)), "move": Facet(("leav", "left="), core=False)},
        {"move+place in sentence": ConceptWeights(1.5, 1.0), "move without place in text": ConceptWeights(-2.0, -1.0)},
    ),
    calibration=Calibration(slope=1.5, intercept=0.25, prior=0.1),
    thresholds=Thresholds(on_topic=0.5, unsure_within=0.2, least_known=2, least_known_share=0.1, for_recall=RECALLS),
    passages=PassageWeights(tuple(float(name == "topic") for name in OBSERVATIONS), (0.5, -0.5, -0.5, 0.5), (0.0, 1.0, 0.0, 0.0, 0.0)),
    about={"corpus": {"items": 6}},
)


@pytest.fixture
def tiny() -> Model:
    return TINY


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    store.save(TINY, "# tiny@1\n", folder)
    return folder


@pytest.fixture(scope="session")
def shipped() -> TopicFilter:
    return TopicFilter.load()


@pytest.fixture
def with_changes() -> Callable[..., Model]:
    """The tiny model with some fields replaced."""

    def make(**changes: Any) -> Model:
        return msgspec.structs.replace(TINY, **changes)

    return make


def classify(*arguments: str, stdin: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The real command in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "classifier", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False, **options)
