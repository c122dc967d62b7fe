"""Concept features: which facets of a topic a text has, and where they meet.

A topic such as "migration of Belarus's tech sector" is a conjunction, which single words cannot carry. Its facets (place,
tech, movement ...) are given as small lexicons of stems; a facet is met where a word begins with one of its stems. The
features are the meetings of facets

    in a sentence, in the headline (the first sentence), in the whole text,

of one facet, of any two, and of three core ones; which facet is met more often than which, and which is met without which. A
meeting's value is 1 + ln(its count), with neither idf nor norm, so that a long text does not thin it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import NamedTuple

import msgspec

from classifier import tokens
from classifier.errors import InputError

EXACT = "="
MOST_FACETS = 20
"""More would give a sentence thousands of meetings."""
_MOST_REMEMBERED = 1 << 16

Pattern = tuple[str, ...]
"""Words that must follow each other: each a stem, or a whole word with EXACT behind it."""


class Met(NamedTuple):
    """A facet that is met: from which word of the text on, and how many words stand for it, more than one where it is a phrase."""

    facet: str
    word: int
    n_words: int = 1


class Facet(msgspec.Struct, frozen=True):
    """One facet of a topic.

    stems: a stem matches every word that begins with it; with "=" behind it only that word; several stems with spaces
        between them match neighbouring words. Stems are folded as text is (see `tokens.fold`).
    core: whether three of its kind make a feature; a facet that only colours the others forms pairs.
    """

    stems: tuple[str, ...]
    core: bool = True


class Lexicon:
    """The facets of a topic, ready to be met.

    :raises InputError: if a facet or a stem is empty, a facet's name is not a plain word, or there are too many facets.
    """

    def __init__(self, facets: Mapping[str, Facet]) -> None:
        if len(facets) > MOST_FACETS:
            raise InputError(f"facets: expected at most {MOST_FACETS}, found {len(facets)}")
        self._patterns: dict[str, list[tuple[Pattern, str]]] = {}
        for name, facet in facets.items():
            if not name.isidentifier() or not facet.stems:
                raise InputError(f"facet {name!r}: expected a plain word with at least one stem, found {len(facet.stems)} stems")
            for stem in facet.stems:
                first, *rest = _pattern(stem, name)
                self._patterns.setdefault(first, []).append((tuple(rest), name))
        self._names = sorted(facets)
        self._core = frozenset(name for name, facet in facets.items() if facet.core)
        self._longest = max((len(first.rstrip(EXACT)) for first in self._patterns), default=0)
        self._looked_up: dict[str, tuple[tuple[Pattern, str], ...]] = {}
        self._meetings: dict[frozenset[str], tuple[str, ...]] = {}

    def patterns(self) -> Iterator[tuple[Pattern, str]]:
        """Each pattern whole, with the facet it stands for."""
        for first, found in self._patterns.items():
            yield from (((first, *rest), facet) for rest, facet in found)

    def look_up(self, word: str) -> tuple[tuple[Pattern, str], ...]:
        """The patterns that a word begins, each without its first word, and their facets; remembered, as few words make up
        most of a text."""
        found = list(self._patterns.get(word + EXACT, ()))
        for length in range(1, min(len(word), self._longest) + 1):
            found += self._patterns.get(word[:length], ())
        if len(self._looked_up) >= _MOST_REMEMBERED:
            self._looked_up.clear()
        self._looked_up[word] = tuple(found)
        return self._looked_up[word]

    def facets(self, words: Sequence[str]) -> Counter[str]:
        """How often each facet is met in a sentence; a word counts once for a facet, however many stems it matches."""
        met: Counter[str] = Counter()
        for place, word in enumerate(words):
            patterns = self._looked_up[word] if word in self._looked_up else self.look_up(word)
            if patterns:
                met.update({facet for rest, facet in patterns if _follows(words, place + 1, rest)})
        return met

    def features(self, sentences: Iterable[Sequence[str]]) -> Iterator[str]:
        """Every occurrence of every concept feature of a text."""
        return self.meetings([self.facets(words) for words in sentences])

    def meetings(self, by_sentence: Sequence[Counter[str]]) -> Iterator[str]:
        """The features of a text of which the facets of each sentence are known."""
        for met in by_sentence:
            yield from (f"{meeting} in sentence" for meeting in self._meet(met))
        if by_sentence:
            yield from (f"{meeting} in headline" for meeting in self._meet(by_sentence[0]))
        total = sum(by_sentence, Counter())
        yield from (f"{meeting} in text" for meeting in self._meet(total))
        for more in sorted(total):
            for less in self._names:
                if not total[less]:
                    yield f"{more} without {less} in text"
                elif total[more] > total[less]:
                    yield f"{more} over {less} in text"

    def occurrences(self, by_sentence: Sequence[Collection[Met]]) -> Iterator[tuple[str, list[set[int]]]]:
        """What `features` gives, in another order, each with the words behind it: for each facet that meets, the numbers in
        the text of the words that meet it. Where one facet is met over or without another, those that meet the one."""
        counts = [Counter(facet for facet, _ in {met[:2] for met in sentence}) for sentence in by_sentence]
        standing = [_standing(sentence) for sentence in by_sentence]
        within = {"sentence": standing, "headline": standing[:1], "text": [_standing(chain.from_iterable(by_sentence))]}
        for feature in dict.fromkeys(self.meetings(counts)):
            meeting, *_, where = feature.split(" ")
            names = meeting.split("+")
            wanted = set(names)
            yield from ((feature, [met[name] for name in names]) for met in within[where] if met.keys() >= wanted)

    def met(self, sentences: Iterable[Sequence[str]]) -> Iterator[list[Met]]:
        """Of each sentence, the facets that are met, by each word."""
        first = 0
        for words in sentences:
            found = ((place, rest, facet) for place, word in enumerate(words) for rest, facet in self.look_up(word))
            yield [Met(facet, first + place, 1 + len(rest)) for place, rest, facet in found if _follows(words, place + 1, rest)]
            first += len(words)

    def _meet(self, met: Iterable[str]) -> tuple[str, ...]:
        """The meetings of some facets: each, each two, each three core ones; remembered, as few sets of facets are common."""
        facets = frozenset(met)
        if facets not in self._meetings:
            names, core = sorted(facets), sorted(facets & self._core)
            groups = [*combinations(names, 1), *combinations(names, 2), *combinations(core, 3)]
            self._meetings[facets] = tuple("+".join(group) for group in groups)
        return self._meetings[facets]


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


def _standing(found: Iterable[Met]) -> dict[str, set[int]]:
    """The facets that are met, each with the numbers of the words that stand for it."""
    standing: dict[str, set[int]] = {}
    for facet, word, n_words in found:
        standing.setdefault(facet, set()).update(range(word, word + n_words))
    return standing


def _follows(words: Sequence[str], place: int, pattern: Pattern) -> bool:
    if len(words) < place + len(pattern):
        return False
    return all(_matches(word, stem) for word, stem in zip(words[place : place + len(pattern)], pattern, strict=True))


def _matches(word: str, stem: str) -> bool:
    return word == stem[:-1] if stem.endswith(EXACT) else word.startswith(stem)
