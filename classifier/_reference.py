"""The scoring loop, to be read. A compiled kernel must give the same numbers bit for bit.

For a text with feature counts tf, the margin of a linear model is

    margin = bias + sum_f coef_f * v_f + sum_c coef_c * (1 + ln tf_c)
    v = u / |u|,    u_f = (1 + ln tf_f) * idf_f

over words and pairs f and concept features c: TfidfTransformer(sublinear_tf=True, norm="l2"), for concepts without idf
and norm, and a linear decision function (scikit-learn user guide, "Tf-idf term weighting"). Sums run over the features in
the order in which they first occur in the text. The furniture model has no concepts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from classifier import tokens
from classifier.concepts import Lexicon
from classifier.model import Model


class Evidence(NamedTuple):
    """What one pass over a text finds.

    topic, furniture: the margins of the two linear models; above 0 speaks for on-topic, for furniture.
    known: occurrences of features that the model knows.
    words: words in the text, known or not.
    """

    topic: float
    furniture: float
    known: int
    words: int


class Scorer:
    """Scores texts against one model. Holds no state between texts."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._index = {feature: i for i, feature in enumerate(model.features)}
        self._idf, self._topic, self._furniture = model.idf, model.topic, model.furniture
        self._lexicon = Lexicon(model.concepts.facets)

    def evidence(self, text: str) -> Evidence:
        """The evidence of a whole text taken as one document."""
        sentences = tokens.sentences(text, self._model.profile)
        counts: dict[int, int] = {}
        for feature in tokens.features(sentences):
            index = self._index.get(feature)
            if index is not None:
                counts[index] = counts.get(index, 0) + 1
        topic = furniture = squares = 0.0
        for index, count in counts.items():
            value = (1.0 + math.log(count)) * self._idf[index]
            squares += value * value
            topic += value * self._topic[index]
            furniture += value * self._furniture[index]
        norm = math.sqrt(squares) if squares else 1.0
        return Evidence(
            topic=topic / norm + self._concepts(sentences) + self._model.topic_bias,
            furniture=furniture / norm + self._model.furniture_bias,
            known=sum(counts.values()),
            words=sum(map(len, sentences)),
        )

    def evidence_many(self, texts: Sequence[str]) -> list[Evidence]:
        """The evidence of each text, in order."""
        return [self.evidence(text) for text in texts]

    def _concepts(self, sentences: Sequence[Sequence[str]]) -> float:
        weights = self._model.concepts.weights
        counts: dict[str, int] = {}
        for feature in self._lexicon.features(sentences):
            if feature in weights:
                counts[feature] = counts.get(feature, 0) + 1
        return sum((1.0 + math.log(count)) * weights[feature] for feature, count in counts.items())
