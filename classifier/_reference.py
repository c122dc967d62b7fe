"""The scoring loop, to be read. A compiled kernel must give the same numbers bit for bit.

For a text with feature counts tf, the margin of a linear model is

    margin = bias + sum_f coef_f * v_f + sum_c coef_c * (1 + ln tf_c)
    v = u / |u|,    u_f = (1 + ln tf_f) * idf_f

over words, stems or pairs f and concept features c: TfidfTransformer(sublinear_tf=True, norm="l2"), for concepts without idf
and norm, and a linear decision function (scikit-learn user guide, "Tf-idf term weighting"). Sums run over the features in
the order in which they first occur in the text. The furniture model has no concepts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from classifier import tokens
from classifier.concepts import Lexicon
from classifier.model import ConceptWeights, Model


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


class Scorer:
    """Scores texts against one model. Holds no state between texts."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._index = {feature: i for i, feature in enumerate(model.features)}
        self._idf, self._topic, self._passage, self._furniture = model.idf, model.topic, model.passage, model.furniture
        self._lexicon = Lexicon(model.concepts.facets)

    def evidence(self, text: str) -> Evidence:
        """The evidence of a whole text taken as one document."""
        sentences = tokens.sentences(text, self._model.profile)
        counts: dict[int, int] = {}
        for feature in tokens.features(sentences, self._model.profile):
            index = self._index.get(feature)
            if index is not None:
                counts[index] = counts.get(index, 0) + 1
        topic = passage = furniture = squares = 0.0
        for index, count in counts.items():
            value = (1.0 + math.log(count)) * self._idf[index]
            squares += value * value
            topic += value * self._topic[index]
            passage += value * self._passage[index]
            furniture += value * self._furniture[index]
        norm = math.sqrt(squares) if squares else 1.0
        concepts = self._concepts(sentences)
        return Evidence(
            topic=topic / norm + concepts.topic + self._model.topic_bias,
            passage=passage / norm + concepts.passage + self._model.passage_bias,
            furniture=furniture / norm + self._model.furniture_bias,
            known=sum(word in self._index for words in sentences for word in words),
            words=sum(map(len, sentences)),
        )

    def evidence_many(self, texts: Sequence[str]) -> list[Evidence]:
        """The evidence of each text, in order."""
        return [self.evidence(text) for text in texts]

    def _concepts(self, sentences: Sequence[Sequence[str]]) -> ConceptWeights:
        """What the concept features add to the margins of topic and passage."""
        weights = self._model.concepts.weights
        counts: dict[str, int] = {}
        for feature in self._lexicon.features(sentences):
            if feature in weights:
                counts[feature] = counts.get(feature, 0) + 1
        topic = passage = 0.0
        for feature, count in counts.items():
            value = 1.0 + math.log(count)
            topic += value * weights[feature].topic
            passage += value * weights[feature].passage
        return ConceptWeights(topic, passage)
