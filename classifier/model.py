"""A trained model in memory: frozen, consistent, and nothing else. How it lies on disk is `store`'s affair."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from operator import lt
from typing import Any, NamedTuple

import msgspec

from classifier import tokens
from classifier.concepts import Facet
from classifier.errors import ModelError


class Calibration(msgspec.Struct, frozen=True):
    """probability = 1 / (1 + exp(-(slope * margin + intercept))), after Platt (1999).

    `prior` is the probability given to a text that the model cannot judge.
    """

    slope: float
    intercept: float
    prior: float


class RecallThreshold(msgspec.Struct, frozen=True):
    """The threshold at which a share `recall` of the on-topic texts was kept; low, high: its 95 % bootstrap interval."""

    recall: float
    threshold: float
    low: float
    high: float


class Thresholds(msgspec.Struct, frozen=True):
    """Where a probability becomes a decision.

    on_topic: the least probability of an on-topic text.
    unsure_within: distance from the threshold, in log-odds, within which the decision is `unsure`.
    least_known, least_known_share: a text with fewer known words, or a smaller share of them among its words (another
        language), is `unsure` whatever its probability.
    for_recall: recall rising, measured by cross-validation.
    """

    on_topic: float
    unsure_within: float
    least_known: int
    least_known_share: float
    for_recall: tuple[RecallThreshold, ...]


OBSERVATIONS = (
    "always",
    "topic",
    "topic above 0",
    "topic above neutral",
    "in the run of most topic",
    "distance before the run",
    "distance behind the run",
    "prose",
    "strongest topic of its prose",
    "strongest topic of its prose, above neutral",
    "mean topic of its prose",
    "furniture, in the run",
    "nothing known",
    "furniture",
    "furniture above 0",
    "furniture above 2",
    "topic of the two neighbours",
    "topic of the ten neighbours",
    "furniture of the two neighbours",
    "furniture of the ten neighbours",
    "topic above 0, reaching from before",
    "topic above 0, reaching from after",
    "topic above 0, reaching from both sides",
    "topic mass of the page",
    "short, in the run",
    "topic below another story's, in the run",
    "length",
    "short",
    "long",
    "ends a sentence",
    "ends a sentence, long",
    "bullet",
    "quotation",
    "digits",
    "capitals",
    "image or link",
    "in brackets or behind an arrow",
    "label and colon",
    "no sentence between sentences",
    "first of its prose",
    "short, both neighbours short",
    "first passages",
    "depth",
    "idf of words met in the run",
    "idf of words met outside the run",
    "words met in the run",
    "words met outside the run",
    "idf of words met in the run, in the run",
    "idf of words met in the run, prose",
    "idf of words met in the prose before",
    "idf of words met in the prose behind",
    "inside the article",
    "links",
    "navigation",
    "outside the article",
    "heading",
    "named as furniture",
    "list item",
    "quotation by markup",
    "quotation by markup, no quotation mark",
    "caption by markup",
    "topic below another story's, by markup inside the article",
    "named as furniture, unlike most of the article",
)
"""What is observed of a passage, in the order of `PassageWeights.weights`."""

MARKUP = OBSERVATIONS.index("inside the article")
"""The first of the observations that a text without markup does not have."""

PAGE_OBSERVATIONS = (
    "always",
    "topic of the block",
    "topic of the block without its strongest passage",
    "topic of the block's paragraphs",
    "shorter than an article",
)
"""What is observed of the block of passages that stands for a page, in the order of `PassageWeights.page`."""


class PassageWeights(msgspec.Struct, frozen=True):
    """A linear-chain model over the passages of a page, keep against drop (see `sequence`), and a linear model of the page.

    weights: one for each of OBSERVATIONS, in favour of keeping.
    transitions: log-potentials of (drop, drop), (drop, keep), (keep, drop), (keep, keep) between neighbours.
    page: one for each of PAGE_OBSERVATIONS: log-odds of there being an on-topic article on the page.
    """

    weights: tuple[float, ...]
    transitions: tuple[float, float, float, float]
    page: tuple[float, ...]


class ConceptWeights(NamedTuple):
    """What a concept feature weighs in the models of topic and passage."""

    topic: float
    passage: float


class Concepts(msgspec.Struct, frozen=True):
    """The facets of a topic and what their meetings weigh (see `concepts`)."""

    facets: Mapping[str, Facet]
    weights: Mapping[str, ConceptWeights]


NO_CONCEPTS = Concepts({}, {})


class Lines(Sequence[str]):
    """The features of a model as they lie in its file, a line each; split when the first of them is asked for, as scoring needs none.
    Whoever makes one has checked their number and their order."""

    def __init__(self, raw: bytes, n: int) -> None:
        self.raw = raw
        self._n = n
        self._lines: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, place: Any) -> Any:
        return self._split()[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._split())

    def __eq__(self, other: object) -> bool:
        return self._split() == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._split())

    def _split(self) -> tuple[str, ...]:
        if not self._lines:
            self._lines = tuple(self.raw.decode().split("\n")[: self._n])
        return self._lines


class Model(msgspec.Struct, frozen=True):
    """A linear model over TF-IDF features with sublinear term frequency and L2 norm, and over concept features.

    features: (n,) strings, strictly increasing by code point.
    idf, topic, passage, furniture: (n,) float32 each; `topic` holds the coefficients for on-topic documents against the rest,
        `passage` those for lines of on-topic documents, `furniture` those for page furniture against prose.
    topic_bias, passage_bias, furniture_bias: the intercepts of the three.

    tables: what the compiled kernel looks features up in (see `tables`); empty: it makes its own, as it must
        where features or concepts are changed.

    :raises ModelError: if the parts do not belong together.
    """

    name: str
    version: str
    profile: str
    unicode_version: str
    features: Sequence[str]
    idf: Sequence[float]
    topic: Sequence[float]
    passage: Sequence[float]
    furniture: Sequence[float]
    topic_bias: float
    passage_bias: float
    furniture_bias: float
    concepts: Concepts
    calibration: Calibration
    thresholds: Thresholds
    passages: PassageWeights
    about: Mapping[str, Any]
    digest: str = ""
    tables: bytes = b""

    def __post_init__(self) -> None:
        for check, holds in self._checks():
            if not holds:
                raise ModelError(f"model {self.name!r} is inconsistent: {check}")

    @property
    def full_name(self) -> str:
        """Name and version, as every verdict carries it."""
        return f"{self.name}@{self.version}"

    def _checks(self) -> list[tuple[str, bool]]:
        n = len(self.features)
        arrays = {"idf": self.idf, "topic": self.topic, "passage": self.passage, "furniture": self.furniture}
        ordered = isinstance(self.features, Lines) or all(map(lt, self.features, self.features[1:]))
        numbers = (self.topic_bias, self.passage_bias, self.furniture_bias, self.calibration.slope, self.calibration.intercept)
        recalls = [listed.recall for listed in self.thresholds.for_recall]
        probabilities = [self.calibration.prior, self.thresholds.least_known_share, *recalls]
        probabilities += [p for listed in self.thresholds.for_recall for p in (listed.low, listed.threshold, listed.high)]
        return [
            ("it has no features", n > 0),
            ("features must be strictly increasing", ordered),
            *((f"{name} has {len(array)} entries, features {n}", len(array) == n) for name, array in arrays.items()),
            *((f"{name} must be finite", math.isfinite(sum(array))) for name, array in arrays.items()),
            ("every idf must be positive", min(self.idf, default=1) > 0),
            ("concept weights must be finite", all(math.isfinite(w) for pair in self.concepts.weights.values() for w in pair)),
            ("bias and calibration must be finite", all(map(math.isfinite, numbers))),
            ("the calibration slope must be positive", self.calibration.slope > 0),
            ("the threshold must lie between 0 and 1, both excluded", 0 < self.thresholds.on_topic < 1),
            (
                "recalls, their thresholds, least_known_share and prior must lie between 0 and 1",
                all(0 <= p <= 1 for p in probabilities),
            ),
            ("recalls must rise", recalls == sorted(set(recalls))),
            ("unsure_within must not be negative", 0 <= self.thresholds.unsure_within < math.inf),
            (f"passage weights: expected {len(OBSERVATIONS)}", len(self.passages.weights) == len(OBSERVATIONS)),
            (f"page weights: expected {len(PAGE_OBSERVATIONS)}", len(self.passages.page) == len(PAGE_OBSERVATIONS)),
            (
                "passage weights must be finite",
                all(map(math.isfinite, (*self.passages.weights, *self.passages.transitions, *self.passages.page))),
            ),
            (f"profile {self.profile!r}: expected one of {', '.join(tokens.PROFILES)}", self.profile in tokens.PROFILES),
            (
                f"its characters are of Unicode {self.unicode_version}, this package's of {tokens.UNICODE_VERSION}",
                self.profile != "news" or self.unicode_version == tokens.UNICODE_VERSION,
            ),
        ]
