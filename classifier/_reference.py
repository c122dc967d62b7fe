"""The scoring loop, to be read. A compiled kernel must give the same numbers bit for bit.

For a text with feature counts tf, the margin of a linear model is

    margin = bias + sum_f coef_f * v_f + sum_c coef_c * (1 + ln tf_c)
    v = u / |u|,    u_f = (1 + ln tf_f) * idf_f

over words, stems or pairs f and concept features c: TfidfTransformer(sublinear_tf=True, norm="l2"), for concepts without idf
and norm, and a linear decision function (scikit-learn user guide, "Tf-idf term weighting"). Sums run over the features in
the order in which they first occur: the words of the text, then its pairs, then its stems. The furniture model has no concepts.

A feature's share of the margin is its term of the sum. It is split evenly over the feature's occurrences; of an occurrence
over its members (the words of a pair, the facets that meet); of a facet over the words that meet it.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from typing import NamedTuple

from classifier import tokens
from classifier.concepts import Lexicon
from classifier.errors import InputError
from classifier.model import ConceptWeights, Model
from classifier.passages import Span


class Evidence(NamedTuple):
    """What one pass over a text finds.

    topic, passage, furniture: the margins of the three linear models; above 0 speaks for an on-topic document, for a line of an
        on-topic article, for page furniture.
    known: words in the text that the model knows.
    words: words in the text, known or not.
    """

    topic: float
    passage: float
    furniture: float
    known: int
    words: int


class _Noted(NamedTuple):
    """What one pass over a text notes down. counts: of each kind of feature, the occurrences of each that is known, by index, in the
    order in which they first occur. facets: of each sentence. sentences: its words."""

    counts: list[dict[int, int]]
    facets: list[Counter[str]]
    sentences: list[list[str]]


@dataclass(frozen=True, slots=True)
class TokenShare:
    """What a word, the code points [start, end) of the text, adds to the margin."""

    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True)
class FeatureShare:
    """What a feature adds to the margin, over all of its `count` occurrences."""

    feature: str
    share: float
    count: int


class Shares(NamedTuple):
    """The margin of topic without its bias, taken apart twice: the shares of the words, like those of the features, add up to it.

    tokens: every word that has a share, in order. features: every feature found, the largest share, for or against, first.
    """

    tokens: tuple[TokenShare, ...]
    features: tuple[FeatureShare, ...]


Occurrence = Sequence[Collection[int]]
"""An occurrence of a feature: its members, each the numbers of the words that stand for it."""


class Scorer:
    """Scores texts against one model. Holds no state between texts."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._index = {feature: i for i, feature in enumerate(model.features)}
        self._idf, self._topic, self._passage, self._furniture = model.idf, model.topic, model.passage, model.furniture
        self._lexicon = Lexicon(model.concepts.facets)
        self._rarest = max(model.idf)

    def evidence(self, text: str) -> Evidence:
        """The evidence of a whole text taken as one document.

        :raises InputError: if it is no str or has more than LONGEST_TEXT characters.
        """
        return self._weigh([self._note(tokens.sentences(_checked(text), self._model.profile))])

    def evidence_many(self, texts: Sequence[str]) -> list[Evidence]:
        """The evidence of each text, in order."""
        return [self.evidence(text) for text in texts]

    def read(self, text: str, spans: Sequence[Span]) -> Reading:
        """A text read once: the evidence of its passages, alone and together.

        :raises InputError: if the spans are not in order and apart, or the text is no str or has more than LONGEST_TEXT characters.
        """
        return Reading(self, _apart(tokens.located(_checked(text), self._model.profile), spans))

    def _note(self, sentences: list[list[str]]) -> _Noted:
        counts: list[dict[int, int]] = []
        for features in tokens.by_kind(sentences, self._model.profile):
            counts.append({})
            for feature in features:
                index = self._index.get(feature)
                if index is not None:
                    counts[-1][index] = counts[-1].get(index, 0) + 1
        return _Noted(counts, [self._lexicon.facets(words) for words in sentences], sentences)

    def _weigh(self, noted: Sequence[_Noted]) -> Evidence:
        """The evidence of what was noted apart, taken as one text."""
        counts: dict[int, int] = {}
        for of_kind in zip(*(one.counts for one in noted), strict=True):
            for index, count in chain.from_iterable(counted.items() for counted in of_kind):
                counts[index] = counts.get(index, 0) + count
        topic = passage = furniture = squares = 0.0
        for index, count in counts.items():
            value = (1.0 + math.log(count)) * self._idf[index]
            squares += value * value
            topic += value * self._topic[index]
            passage += value * self._passage[index]
            furniture += value * self._furniture[index]
        norm = math.sqrt(squares) if squares else 1.0
        concepts = self._concepts([met for one in noted for met in one.facets])
        words = [word for one in noted for sentence in one.sentences for word in sentence]
        return Evidence(
            topic=topic / norm + concepts.topic + self._model.topic_bias,
            passage=passage / norm + concepts.passage + self._model.passage_bias,
            furniture=furniture / norm + self._model.furniture_bias,
            known=sum(word in self._index for word in words),
            words=len(words),
        )

    def _vocabulary(self, noted: _Noted) -> dict[Hashable, float]:
        words = dict.fromkeys(chain.from_iterable(noted.sentences))
        return {word: self._idf[self._index[word]] if word in self._index else self._rarest for word in words}

    def _concepts(self, facets: Sequence[Counter[str]]) -> ConceptWeights:
        """What the concept features add to the margins of topic and passage. facets: of each sentence."""
        weights = self._model.concepts.weights
        counts: dict[str, int] = {}
        for feature in self._lexicon.meetings(facets):
            if feature in weights:
                counts[feature] = counts.get(feature, 0) + 1
        topic = passage = 0.0
        for feature, count in counts.items():
            value = 1.0 + math.log(count)
            topic += value * weights[feature].topic
            passage += value * weights[feature].passage
        return ConceptWeights(topic, passage)

    def shares(self, text: str) -> Shares:
        """What each word and each feature adds to `Evidence.topic`."""
        located = tokens.located(_checked(text), self._model.profile)
        found = self._occurrences([[word.text for word in words] for words in located])
        share = self._feature_shares({feature: len(occurrences) for feature, occurrences in found.items()})
        of_word: dict[int, float] = {}
        for feature, occurrences in found.items():
            for word, part in _parts(occurrences):
                of_word[word] = of_word.get(word, 0.0) + share[feature] * part
        places = list(chain.from_iterable(located))
        of_feature = [FeatureShare(feature, share[feature], len(occurrences)) for feature, occurrences in found.items()]
        return Shares(
            tokens=tuple(TokenShare(places[word].start, places[word].end, of_word[word]) for word in sorted(of_word)),
            features=tuple(sorted(of_feature, key=lambda one: (-abs(one.share), one.feature))),
        )

    def _occurrences(self, sentences: list[list[str]]) -> dict[str, list[Occurrence]]:
        """Every occurrence of every feature that the model knows."""
        found: dict[str, list[Occurrence]] = {}
        for feature, words in tokens.occurrences(sentences, self._model.profile):
            if feature in self._index:
                found.setdefault(feature, []).append([(word,) for word in words])
        for feature, members in self._lexicon.occurrences(sentences):
            if feature in self._model.concepts.weights:
                found.setdefault(feature, []).append(members)
        return found

    def _feature_shares(self, counts: Mapping[str, int]) -> dict[str, float]:
        """The terms of the margin of topic: weight x value."""
        values = {feature: 1.0 + math.log(count) for feature, count in counts.items()}
        normed = {feature: value * self._idf[self._index[feature]] for feature, value in values.items() if feature in self._index}
        norm = math.sqrt(sum(value * value for value in normed.values()))
        words = {feature: value / norm * self._topic[self._index[feature]] for feature, value in normed.items()}
        weights = self._model.concepts.weights
        return words | {feature: value * weights[feature].topic for feature, value in values.items() if feature not in normed}


class Reading:
    """What one pass over a text notes down. evidence: of each of its passages."""

    def __init__(self, scorer: Scorer, passages: Sequence[list[list[str]]]) -> None:
        """passages: of each, the sentences."""
        self._scorer = scorer
        self._noted = [scorer._note(sentences) for sentences in passages]
        self.evidence = [scorer._weigh([noted]) for noted in self._noted]

    def together(self, passages: Iterable[int]) -> Evidence:
        """The evidence of some passages, given by number, taken as one text, in which no sentence goes from one to another."""
        return self._scorer._weigh([self._noted[passage] for passage in passages])

    def vocabulary(self, passage: int) -> Mapping[Hashable, float]:
        """The words of a passage, in order, each with its idf; one that the model does not know is as rare as the rarest. (The compiled
        loop gives hashes of the words.)"""
        return self._scorer._vocabulary(self._noted[passage])


def _checked(text: str) -> str:
    if not isinstance(text, str):
        raise InputError(f"text: expected a str, found {type(text).__name__}")
    if len(text) > tokens.LONGEST_TEXT:
        raise InputError(f"text of {len(text):,} characters: expected at most {tokens.LONGEST_TEXT:,}")
    return text


def _apart(sentences: Iterable[list[tokens.Word]], spans: Sequence[Span]) -> list[list[list[str]]]:
    """The sentences of each passage; a word is the passage's that it begins in."""
    for before, span in pairwise(spans):
        if span.start < before.end:
            raise InputError(f"passage from {span.start}: expected passages in order and apart, found one that ends at {before.end}")
    starts = [span.start for span in spans]
    found: list[list[list[str]]] = [[] for _ in spans]
    for sentence in sentences:
        for place, words in groupby(sentence, key=lambda word: bisect(starts, word.start) - 1):
            inside = [word.text for word in words if place >= 0 and word.start < spans[place].end]
            if inside:
                found[place].append(inside)
    return found


def _parts(occurrences: Sequence[Occurrence]) -> Iterator[tuple[int, float]]:
    """The words behind a feature, each with the part it has of one occurrence; all parts add up to 1."""
    for members in occurrences:
        for words in members:
            for word in words:
                yield word, 1.0 / (len(occurrences) * len(members) * len(words))
