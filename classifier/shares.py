"""What of the margin of topic is each word's and each feature's (the margin: `_reference`).

A feature's share is its term of the sum. It is split evenly over the feature's occurrences; of an occurrence over its members (the words
of a pair, the facets that meet); of a facet over the words that meet it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from classifier.concepts import Lexicon, Met
from classifier.evidence import FeatureShare, Shares, TokenShare
from classifier.model import Model


class Found(NamedTuple):
    """What a scoring loop found in a text.

    places: of each word, the code points [start, end). occurrences: of the features that the model knows, kind by kind: the number of
    the feature in the model, and the numbers of the words that it is made of. met: of each sentence, the words that meet facets.
    """

    places: Sequence[tuple[int, int]]
    occurrences: Iterable[tuple[int, tuple[int, ...]]]
    met: Sequence[Collection[Met]]


Occurrence = Sequence[Collection[int]]
"""An occurrence of a feature: its members, each the numbers of the words that stand for it."""


def share_out(found: Found, model: Model, lexicon: Lexicon) -> Shares:
    """The margin of what was found, shared out. lexicon: of the model's facets."""
    of_feature: list[FeatureShare] = []
    of_word: dict[int, float] = {}
    for feature, share, occurrences in (*_terms(found, model), *_concept_terms(found, model, lexicon)):
        of_feature.append(FeatureShare(feature, share, len(occurrences)))
        for word, part in _parts(occurrences):
            of_word[word] = of_word.get(word, 0.0) + share * part
    return Shares(
        tokens=tuple(TokenShare(*found.places[word], of_word[word]) for word in sorted(of_word)),
        features=tuple(sorted(of_feature, key=lambda one: (-abs(one.share), one.feature))),
    )


def _terms(found: Found, model: Model) -> Iterator[tuple[str, float, Sequence[Occurrence]]]:
    """The features that are no concepts: name, term of the sum, occurrences."""
    by_number: dict[int, list[Occurrence]] = {}
    for number, words in found.occurrences:
        by_number.setdefault(number, []).append([(word,) for word in words])
    values = {number: _value(occurrences) * model.idf[number] for number, occurrences in by_number.items()}
    norm = math.sqrt(sum(value * value for value in values.values()))
    for number, occurrences in by_number.items():
        yield model.features[number], values[number] / norm * model.topic[number], occurrences


def _concept_terms(found: Found, model: Model, lexicon: Lexicon) -> Iterator[tuple[str, float, Sequence[Occurrence]]]:
    weights = model.concepts.weights
    by_name: dict[str, list[Occurrence]] = {}
    for feature, members in lexicon.occurrences(found.met):
        if feature in weights:
            by_name.setdefault(feature, []).append(members)
    for feature, occurrences in by_name.items():
        yield feature, _value(occurrences) * weights[feature].topic, occurrences


def _value(occurrences: Sequence[Occurrence]) -> float:
    return 1.0 + math.log(len(occurrences))


def _parts(occurrences: Sequence[Occurrence]) -> Iterator[tuple[int, float]]:
    """The words behind a feature, each with the part it has of one occurrence; all parts add up to 1."""
    for members in occurrences:
        for words in members:
            part = 1.0 / (len(occurrences) * len(members) * len(words))
            for word in words:
                yield word, part
