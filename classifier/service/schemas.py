"""What goes over the wire. These structures are the one definition: they decode, encode, and make the OpenAPI schema."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from classifier.decision import Decision, Reason
from classifier.scoring import FeatureShare, TokenShare
from classifier.topicfilter import PassageShare

Probability = Annotated[float, Meta(ge=0, le=1)]
Identity = str | int | float


class DocumentIn(Struct, forbid_unknown_fields=True):
    """A text to judge; its position in the request is its id where none is given."""

    text: str
    id: Identity | UnsetType = UNSET


class TextsIn(Struct, forbid_unknown_fields=True):
    """One text, or documents: exactly one of the two."""

    text: str | UnsetType = UNSET
    documents: list[DocumentIn] | UnsetType = UNSET


class PassageOut(Struct):
    """A stretch of the text, offsets in code points, kept or dropped as one."""

    start: int
    end: int
    keep: bool
    probability: Probability
    reason: Reason


class Scored(Struct):
    """The verdict on a document."""

    id: Identity
    on_topic: bool
    probability: Probability
    decision: Decision


class Cleaned(Struct):
    """The verdict on a document, what is kept of it, and every passage."""

    id: Identity
    on_topic: bool
    probability: Probability
    decision: Decision
    text: str
    passages: list[PassageOut]


class ScoreOut(Struct):
    """The verdict on one text."""

    model: str
    threshold: Probability
    on_topic: bool
    probability: Probability
    decision: Decision


class CleanOut(Struct):
    """The verdict on one text, what is kept of it, and every passage. extracted: of an HTML page, the text that offsets point into."""

    model: str
    threshold: Probability
    on_topic: bool
    probability: Probability
    decision: Decision
    text: str
    passages: list[PassageOut]
    extracted: str | UnsetType = UNSET


class ScoresOut(Struct):
    """The verdicts on documents, in order."""

    model: str
    threshold: Probability
    results: list[Scored]


class CleansOut(Struct):
    """Documents cleaned, in order."""

    model: str
    threshold: Probability
    results: list[Cleaned]


class Explained(Struct):
    """The verdict on a document, and what drove it: bias and shares (of tokens, features, or passages) add up to the margin."""

    id: Identity
    on_topic: bool
    probability: Probability
    decision: Decision
    margin: float
    bias: float
    tokens: tuple[TokenShare, ...]
    features: tuple[FeatureShare, ...]
    passages: tuple[PassageShare, ...]


class ExplainOut(Struct):
    """The verdict on one text, and what drove it: bias and shares (of tokens, features, or passages) add up to the margin."""

    model: str
    threshold: Probability
    on_topic: bool
    probability: Probability
    decision: Decision
    margin: float
    bias: float
    tokens: tuple[TokenShare, ...]
    features: tuple[FeatureShare, ...]
    passages: tuple[PassageShare, ...]
    extracted: str | UnsetType = UNSET


class ExplainsOut(Struct):
    """Verdicts explained, in order."""

    model: str
    threshold: Probability
    results: list[Explained]


class ModelOut(Struct):
    """What is known of the model being served."""

    model: str
    name: str
    version: str
    digest: str
    features: int
    threshold: Probability
    thresholds_for_recall: dict[str, Probability]
    scoring_loop: str


class ModelsOut(Struct):
    """The models being served."""

    models: list[ModelOut]


class Alive(Struct):
    """The process answers."""

    status: Literal["alive"]


class Ready(Struct):
    """The process can judge texts, with this model and this scoring loop."""

    status: Literal["ready"]
    model: str
    digest: str
    scoring_loop: str
