"""A Model refuses to exist if its parts do not belong together."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import pytest

from classifier.errors import ModelError
from classifier.model import OBSERVATIONS, Calibration, Concepts, ConceptWeights, Model, PassageWeights, RecallThreshold, Thresholds


def test_a_consistent_model_exists(tiny: Model) -> None:
    assert tiny.full_name == "tiny@1"


AT_90 = RecallThreshold(0.9, 0.5, 0.4, 0.6)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"features": ()}, "no features"),
        ({"features": ("b", "a", "c", "d", "e", "f")}, "strictly increasing"),
        ({"features": ("a", "a", "c", "d", "e", "f")}, "strictly increasing"),
        ({"topic": array("f", [1.0])}, "topic has 1 entries, features 6"),
        ({"furniture": array("f", [float("nan")] * 6)}, "furniture must be finite"),
        ({"idf": array("f", [0.0] * 6)}, "every idf must be positive"),
        ({"topic_bias": float("inf")}, "bias and calibration must be finite"),
        ({"concepts": Concepts({}, {"a in text": ConceptWeights(0.0, float("nan"))})}, "concept weights must be finite"),
        ({"calibration": Calibration(-1.0, 0.0, 0.1)}, "slope must be positive"),
        ({"calibration": Calibration(1.0, 0.0, 1.1)}, "prior must lie between"),
        ({"thresholds": Thresholds(1.0, 0.1, 3, 0.2, ())}, "threshold must lie between 0 and 1"),
        ({"thresholds": Thresholds(0.5, 0.1, 3, 0.2, (AT_90, RecallThreshold(0.8, 0.6, 0.5, 0.7)))}, "recalls must rise"),
        ({"thresholds": Thresholds(0.5, -0.1, 3, 0.2, ())}, "unsure_within must not be negative"),
        ({"passages": PassageWeights((float("nan"),) * len(OBSERVATIONS), (0, 0, 0, 0), (0.0,) * 5)}, "passage weights must be finite"),
        ({"passages": PassageWeights((1.0,), (0, 0, 0, 0), (0.0,) * 5)}, "passage weights: expected"),
        ({"passages": PassageWeights((1.0,) * len(OBSERVATIONS), (0, 0, 0, 0), (1.0,))}, "page weights: expected"),
        ({"profile": "latin"}, "profile 'latin'"),
        ({"unicode_version": "9.0.0"}, "characters are of Unicode 9.0.0"),
    ],
)
def test_an_inconsistent_model_is_refused(with_changes: Callable[..., Model], changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        with_changes(**changes)
