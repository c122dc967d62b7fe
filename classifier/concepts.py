"""Concept features: which facets of a topic a text has, and where they meet.

A topic such as "migration of Belarus's tech sector" is a conjunction, which single words cannot carry. Its facets (place,
tech, movement ...) are given as small lexicons of stems; a facet is met where a word begins with one of its stems. The
features are the meetings of up to three facets

    in a sentence, in two neighbouring sentences, in the headline (the first sentence), in the whole text,

which facet is met more often than which, and which is met without which. A meeting's value is 1 + ln(its count), with
neither idf nor norm, so that a long text does not thin it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise, permutations

from classifier import tokens
from classifier.errors import InputError

MOST_TOGETHER = 3
EXACT = "="
_MOST_REMEMBERED = 1 << 16

Pattern = tuple[str, ...]
"""Words that must follow each other: each a stem, or a whole word with EXACT behind it."""


class Lexicon:
    """The facets of a topic.

    facets: for each its stems. A stem matches every word that begins with it; with "=" behind it only that word; several
    stems with spaces between them match neighbouring words. Stems are folded as text is (see `tokens.fold`).

    :raises InputError: if a facet or a stem is empty, or a facet's name is not a plain word.
    """

    def __init__(self, facets: Mapping[str, Sequence[str]]) -> None:
        self._patterns: dict[str, list[tuple[Pattern, str]]] = {}
        for facet, stems in facets.items():
            if not facet.isidentifier() or not stems:
                raise InputError(f"facet {facet!r}: expected a plain word with at least one stem, found {len(stems)} stems")
            for stem in stems:
                first, *rest = _pattern(stem, facet)
                self._patterns.setdefault(first, []).append((tuple(rest), facet))
        self._longest = max((len(first.rstrip(EXACT)) for first in self._patterns), default=0)
        self._looked_up: dict[str, tuple[tuple[Pattern, str], ...]] = {}

    def facets(self, words: Sequence[str]) -> Counter[str]:
        """How often each facet is met in a sentence; a word counts once for a facet, however many stems it matches."""
        met: Counter[str] = Counter()
        for place, word in enumerate(words):
            patterns = self._looked_up[word] if word in self._looked_up else self._look_up(word)
            if patterns:
                met.update({facet for rest, facet in patterns if _follows(words, place + 1, rest)})
        return met

    def features(self, sentences: Iterable[Sequence[str]]) -> Iterator[str]:
        """Every occurrence of every concept feature of a text."""
        by_sentence = [self.facets(words) for words in sentences]
        for met in by_sentence:
            yield from _meetings(met, "in sentence")
        for one, other in pairwise(by_sentence):
            yield from _meetings(one.keys() | other.keys(), "in two sentences")
        if by_sentence:
            yield from _meetings(by_sentence[0], "in headline")
        total = sum(by_sentence, Counter())
        yield from _meetings(total, "in text")
        for more, less in permutations(sorted({facet for patterns in self._patterns.values() for _, facet in patterns}), 2):
            if total[more] and not total[less]:
                yield f"{more} without {less} in text"
            elif total[more] > total[less]:
                yield f"{more} over {less} in text"

    def _look_up(self, word: str) -> tuple[tuple[Pattern, str], ...]:
        """The patterns that a word can begin; remembered, as few words make up most of a text."""
        found = list(self._patterns.get(word + EXACT, ()))
        for length in range(1, min(len(word), self._longest) + 1):
            found += self._patterns.get(word[:length], ())
        if len(self._looked_up) >= _MOST_REMEMBERED:
            self._looked_up.clear()
        self._looked_up[word] = tuple(found)
        return self._looked_up[word]


def _pattern(stem: str, facet: str) -> list[str]:
    words = []
    for part in stem.split():
        [folded] = tokens.sentences(part.rstrip(EXACT), "news") or [[]]
        if len(folded) != 1:
            raise InputError(f"facet {facet!r}: stem {stem!r}: expected words of two or more letters, found {part!r}")
        words.append(folded[0] + (EXACT if part.endswith(EXACT) else ""))
    if not words:
        raise InputError(f"facet {facet!r}: expected stems, found an empty one")
    return words


def _follows(words: Sequence[str], place: int, pattern: Pattern) -> bool:
    if len(words) < place + len(pattern):
        return False
    return all(_matches(word, stem) for word, stem in zip(words[place:], pattern, strict=False))


def _matches(word: str, stem: str) -> bool:
    return word == stem[:-1] if stem.endswith(EXACT) else word.startswith(stem)


def _meetings(met: Iterable[str], where: str) -> Iterator[str]:
    facets = sorted(met)
    for together in range(1, MOST_TOGETHER + 1):
        for meeting in combinations(facets, together):
            yield f"{'+'.join(meeting)} {where}"
