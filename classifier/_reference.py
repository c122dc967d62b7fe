"""The scoring loop, to be read. A compiled kernel must give the same numbers bit for bit.

For a text with feature counts tf, the margin of a linear model is

    margin = bias + sum_f coef_f * v_f + sum_c coef_c * (1 + ln tf_c)
    v = u / |u|,    u_f = (1 + ln tf_f) * idf_f

over words, stems or pairs f and concept features c: TfidfTransformer(sublinear_tf=True, norm="l2"), for concepts without idf
and norm, and a linear decision function (scikit-learn user guide, "Tf-idf term weighting"). Sums run over the features in
the order in which they first occur: the words of the text, then its pairs, then its stems. The furniture model has no concepts.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, groupby, pairwise
from typing import NamedTuple

from classifier import tokens
from classifier.concepts import Lexicon
from classifier.errors import InputError
from classifier.evidence import Evidence, Shares
from classifier.model import ConceptWeights, Model
from classifier.passages import Span
from classifier.shares import Found, share_out


class _Noted(NamedTuple):
    """What one pass over a text notes down. counts: of each kind of feature, the occurrences of each that is known, by index, in the
    order in which they first occur. facets: of each sentence. sentences: its words."""

    counts: list[dict[int, int]]
    facets: list[Counter[str]]
    sentences: list[list[str]]


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
        """A text read once: the evidence of its passages, alone and together, and of the whole, with the shares of that.

        :raises InputError: if the spans are not in order and apart, or the text is no str or has more than LONGEST_TEXT characters.
        """
        return Reading(self, tokens.located(_checked(text), self._model.profile), spans)

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

    def _share_out(self, located: list[list[tokens.Word]]) -> Shares:
        places = [(word.start, word.end) for word in chain.from_iterable(located)]
        sentences = _texts(located)
        occurrences = tokens.occurrences(sentences, self._model.profile)
        known = ((self._index[feature], words) for feature, words in occurrences if feature in self._index)
        return share_out(Found(places, known, list(self._lexicon.met(sentences))), self._model, self._lexicon)


class Reading:
    """What one pass over a text notes down. evidence: of each of its passages."""

    def __init__(self, scorer: Scorer, located: list[list[tokens.Word]], spans: Sequence[Span]) -> None:
        """located: the words of the text, sentence by sentence."""
        self._scorer, self._located = scorer, located
        self._noted = [scorer._note(sentences) for sentences in _apart(located, spans)]
        self.evidence = [scorer._weigh([noted]) for noted in self._noted]

    def document(self) -> Evidence:
        """The evidence of the whole text taken as one document, in which sentences go on from one passage to another."""
        return self._scorer._weigh([self._scorer._note(_texts(self._located))])

    def shares(self) -> Shares:
        """What each word and each feature adds to the topic of `document`."""
        return self._scorer._share_out(self._located)

    def together(self, passages: Iterable[int]) -> Evidence:
        """The evidence of some passages, given by number, taken as one text, in which no sentence goes from one to another."""
        return self._scorer._weigh([self._noted[passage] for passage in passages])

    def vocabulary(self, passage: int) -> Mapping[Hashable, float]:
        """The words of a passage, in order, each with its idf; one that the model does not know is as rare as the rarest. (The compiled
        loop gives hashes of the words.)"""
        return self._scorer._vocabulary(self._noted[passage])


def _texts(located: list[list[tokens.Word]]) -> list[list[str]]:
    return [[word.text for word in words] for words in located]


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
