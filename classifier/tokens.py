"""What a token is: the one definition that training and scoring share.

Two profiles:

- `news`: folded against disguise and inflection. Every code point is mapped by our own character table (case, accents,
  compatibility forms and marks go; invisible characters vanish without cutting a word), look-alike letters of another
  script are mended in words that mix scripts. Words are runs of two or more letters or digits, in small letters but for
  words of two or three capitals (IT and it, US and us are different words); pairs stay in a sentence.
- `sklearn`: exactly the analyser of scikit-learn's TfidfVectorizer(ngram_range=(1, 2)) on the running Python; it knows no
  sentences.

A feature is a string: a word (`minsk`), a pair of neighbours (`hi tech`), in `news` also the stem of a longer word (`prog*` of
programmers). What a model's facets add is in `concepts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import NamedTuple

import msgspec

from classifier import _characters
from classifier.errors import InputError

_TABLE = _characters.load()
UNICODE_VERSION = _TABLE.unicode_version

LONGEST_ACRONYM = 3
STEM_LENGTH = 4
"""Letters of a stem; chosen by cross-validation over 21 languages (docs/training-notes.md)."""

_WORD = re.compile(r"[^ .\n]{2,}")
_SENTENCE_END = re.compile(r"\.(?=[ .\n]|\Z)|\n")
LONGEST_TEXT = 1 << 28
"""Characters of a text at most: what is read of one must be told in 32 bits."""

_SKLEARN_WORD = re.compile(r"(?u)\b\w\w+\b")

# Letters that look alike in print, in the folded alphabet: Latin, then the Cyrillic and Greek letters taken for it.
_LOOK_ALIKE = {
    "a": "аα", "b": "вβ", "c": "с", "d": "ԁ", "e": "еε", "h": "нһη", "i": "іι", "j": "ј", "k": "кκ", "l": "ӏ", "m": "мμ",
    "n": "пν", "o": "оο", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "тτ", "u": "υ", "v": "ѵ", "w": "ԝω", "x": "хχ", "y": "уγ",
}  # fmt: skip
_TO_LATIN = {ord(other): latin for latin, others in _LOOK_ALIKE.items() for other in others}
_TO_CYRILLIC = {ord(latin): others[0] for latin, others in _LOOK_ALIKE.items() if others[0] >= "Ѐ"}
_GREEK_TO_LATIN = {other: latin for other, latin in _TO_LATIN.items() if other < ord("Ѐ")}
for _table in (_TO_LATIN, _TO_CYRILLIC, _GREEK_TO_LATIN):
    _table |= {ord(chr(key).upper()): value.upper() for key, value in _table.items()}
_IS_MIXED = re.compile("[A-Za-z][0-9]*[Ͱ-ԯ]|[Ͱ-ԯ][0-9]*[A-Za-z]|[Ͱ-Ͽ][0-9]*[Ѐ-ԯ]|[Ѐ-ԯ][0-9]*[Ͱ-Ͽ]")
_LATIN, _CYRILLIC, _GREEK = re.compile("[A-Za-z]"), re.compile("[Ѐ-ԯ]"), re.compile("[Ͱ-Ͽ]")


def sentences(text: str, profile: str) -> list[list[str]]:
    """The words of a text, sentence by sentence; a line break ends a sentence too.

    :raises InputError: if there is no such profile.
    """
    try:
        return PROFILES[profile].sentences(text)
    except KeyError:
        raise InputError(f"token profile {profile!r}: expected one of {', '.join(PROFILES)}") from None


class Word(NamedTuple):
    """A word as a profile reads it, and the code points [start, end) of the text that it was read from."""

    text: str
    start: int
    end: int


def located(text: str, profile: str) -> list[list[Word]]:
    """The words of `sentences`, each with its place. What vanishes in reading (accents, invisible characters) belongs to
    the word that it stands in or behind.

    :raises InputError: if there is no such profile.
    """
    found = sentences(text, profile)
    places = _places(text, PROFILES[profile])
    return [[Word(word, *next(places)) for word in words] for words in found]


def features(of_sentences: Iterable[list[str]], profile: str) -> Iterator[str]:
    """Every occurrence of every feature, kind by kind."""
    return chain.from_iterable(by_kind(list(of_sentences), profile))


def by_kind(of_sentences: list[list[str]], profile: str) -> Iterator[Iterator[str]]:
    """Every occurrence of every feature: the words, the pairs, and the stems if the profile has them."""
    yield chain.from_iterable(of_sentences)
    yield chain.from_iterable(map(_pairs, of_sentences))
    if PROFILES[profile].has_stems:
        yield chain.from_iterable(map(_stems, of_sentences))


def occurrences(of_sentences: list[list[str]], profile: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What `features` gives, each with the words it is made of: their numbers in the text, from 0."""
    words = list(chain.from_iterable(of_sentences))
    yield from ((word, (number,)) for number, word in enumerate(words))
    first = 0
    for sentence in of_sentences:
        yield from ((pair, (number, number + 1)) for number, pair in enumerate(_pairs(sentence), first))
        first += len(sentence)
    if PROFILES[profile].has_stems:
        yield from ((stem, (number,)) for number, word in enumerate(words) for stem in _stems([word]))


def fold(text: str) -> str:
    """The text as `news` reads it: letters folded but for their case, a full stop for whatever ends a sentence, a line
    feed for whatever ends a line, and a space for whatever else is no letter or digit."""
    return text.translate(_TABLE)


def small(word: str) -> str:
    """A folded word in small letters, unless it is two or three capitals."""
    return word if len(word) <= LONGEST_ACRONYM and word.isupper() else word.lower()


def _news_sentences(text: str) -> list[list[str]]:
    folded = fold(text)
    found = (_WORD.findall(sentence) for sentence in _SENTENCE_END.split(folded))
    if _IS_MIXED.search(folded):
        return [[small(_mend(word)) for word in words] for words in found if words]
    return [[small(word) for word in words] for words in found if words]


def _sklearn_sentences(text: str) -> list[list[str]]:
    return [_SKLEARN_WORD.findall(text.lower())]


def _places(text: str, profile: Profile) -> Iterator[tuple[int, int]]:
    """Where each word of the text was read from. A text is read code point by code point, each giving none, one or several."""
    origins = [n for n, character in enumerate(text) for _ in profile.read(character)] + [len(text)]
    for word in profile.word.finditer(profile.read(text)):
        yield origins[word.start()], max(origins[word.end() - 1] + 1, origins[word.end()])


def _mend(word: str) -> str:
    """A word that mixes scripts, with its look-alike letters written in the script that most of its letters have."""
    if not _IS_MIXED.search(word):
        return word
    latin, cyrillic, greek = (len(script.findall(word)) for script in (_LATIN, _CYRILLIC, _GREEK))
    if latin >= max(cyrillic, greek):
        return word.translate(_TO_LATIN)
    if cyrillic > greek:
        return word.translate(_GREEK_TO_LATIN).translate(_TO_CYRILLIC)
    return word


def _pairs(words: list[str]) -> Iterator[str]:
    return (f"{first} {second}" for first, second in pairwise(words))


def _stems(words: list[str]) -> Iterator[str]:
    return (word[:STEM_LENGTH] + "*" for word in words if len(word) > STEM_LENGTH)


def look_alikes() -> tuple[dict[int, int], dict[int, int]]:
    """What `news` makes of the small letters of a word that mixes scripts, where most of it is Latin, and where it is Cyrillic."""
    letters = [letter for letter in (*_TO_LATIN, *_TO_CYRILLIC) if chr(letter) == chr(letter).lower()]
    to_cyrillic = {letter: chr(letter).translate(_GREEK_TO_LATIN).translate(_TO_CYRILLIC) for letter in letters}
    return {letter: ord(chr(letter).translate(_TO_LATIN)) for letter in letters}, {letter: ord(to_cyrillic[letter]) for letter in letters}


class Profile(msgspec.Struct, frozen=True):
    """What a profile does.

    sentences: of a text, each a list of words. has_stems: whether stems are features.
    read, word: the text in the letters that words are cut from, and what cuts them.
    """

    sentences: Callable[[str], list[list[str]]]
    has_stems: bool
    read: Callable[[str], str]
    word: re.Pattern[str]


PROFILES = {
    "news": Profile(_news_sentences, True, fold, _WORD),
    "sklearn": Profile(_sklearn_sentences, False, str.lower, _SKLEARN_WORD),
}
