"""From fitted pipelines to the Model that is shipped."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from classifier import tokens
from classifier.model import NO_CONCEPTS, Calibration, Concepts, Model, PassageWeights, Thresholds
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
    """The model that decides as the fitted pipelines do; their weights are already exact in float32."""
    vocabulary = fitted.words.vocabulary_
    features = tuple(sorted(vocabulary))
    order = [vocabulary[feature] for feature in features]
    topic, furniture = fitted.topic.named_steps["linear"], fitted.furniture.named_steps["linear"]
    return Model(
        name=config.name,
        version=config.version,
        profile=config.profile,
        unicode_version=tokens.UNICODE_VERSION,
        features=features,
        idf=array("f", fitted.words.idf_[order]),
        topic=array("f", topic.coef_[0, order]),
        furniture=array("f", furniture.coef_[0, order]),
        topic_bias=float(topic.intercept_[0]),
        furniture_bias=float(furniture.intercept_[0]),
        concepts=_concepts(fitted, config),
        calibration=calibration,
        thresholds=thresholds,
        passages=passages,
        about=about,
    )


def _concepts(fitted: Fitted, config: Config) -> Concepts:
    """Facets and weights; the scale with which the pipeline multiplies its values goes into the weights."""
    vectoriser = fitted.concepts
    if vectoriser is None:
        return NO_CONCEPTS
    weights = fitted.topic.named_steps["linear"].coef_[0, len(fitted.words.vocabulary_) :] * config.concept_scale
    return Concepts(config.facets, {feature: float(weights[column]) for feature, column in sorted(vectoriser.vocabulary_.items())})
