"""From fitted models to the Model that is shipped."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from classifier import tokens
from classifier.model import NO_CONCEPTS, Calibration, Concepts, ConceptWeights, Model, PassageWeights, Thresholds
from training.config import Config
from training.fit import Fitted


def model(
    fitted: Fitted,
    calibration: Calibration,
    thresholds: Thresholds,
    passages: PassageWeights,
    config: Config,
    about: Mapping[str, Any],
) -> Model:
    """The model that decides as the fitted ones do; their weights are already exact in float32."""
    return Model(
        name=config.name,
        version=config.version,
        profile=config.profile,
        unicode_version=tokens.UNICODE_VERSION,
        features=fitted.words,
        idf=array("f", fitted.idf),
        topic=array("f", fitted.topic.weights[: len(fitted.words)]),
        passage=array("f", fitted.passage.weights[: len(fitted.words)]),
        furniture=array("f", fitted.furniture.weights),
        topic_bias=fitted.topic.bias,
        passage_bias=fitted.passage.bias,
        furniture_bias=fitted.furniture.bias,
        concepts=_concepts(fitted, config),
        calibration=calibration,
        thresholds=thresholds,
        passages=passages,
        about=about,
    )


def _concepts(fitted: Fitted, config: Config) -> Concepts:
    """Facets and weights; the scale with which a concept's value was multiplied goes into its weight."""
    if not fitted.concepts:
        return NO_CONCEPTS
    topic, passage = (linear.weights[len(fitted.words) :] * config.concept_scale for linear in (fitted.topic, fitted.passage))
    weights = map(ConceptWeights, topic.tolist(), passage.tolist())
    return Concepts(config.facets, dict(zip(fitted.concepts, weights, strict=True)))
