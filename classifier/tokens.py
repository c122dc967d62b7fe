"""What a token is: the one definition that training and scoring share.

Two profiles:

- `news`: folded against disguise and inflection. Every code point is mapped by our own character table (case, accents,
  compatibility forms and marks go; invisible characters vanish without cutting a word), look-alike letters of another
  script are mended in words that mix scripts. Words are runs of two or more letters or digits, in small letters but for
  words of two or three capitals (IT and it, US and us are different words); pairs stay in a sentence.
- `sklearn`: exactly the default analyser of scikit-learn's TfidfVectorizer on the running Python, with word pairs; it
  knows no sentences.

A feature is a string: a word (`minsk`) or a pair of neighbours (`hi tech`). What a model's facets add is in `concepts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from classifier import _characters
from classifier.errors import InputError

_TABLE = _characters.load()
UNICODE_VERSION = _TABLE.unicode_version

LONGEST_ACRONYM = 3

_WORD = re.compile(r"[^ .\n]{2,}")
_SENTENCE_END = re.compile(r"\.(?=[ .\n]|\Z)|\n")
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
        return PROFILES[profile](text)
    except KeyError:
        raise InputError(f"token profile {profile!r}: expected one of {', '.join(PROFILES)}") from None


def features(of_sentences: Iterable[list[str]]) -> Iterator[str]:
    """Every occurrence of every feature: of each sentence its words, then its pairs."""
    for words in of_sentences:
        yield from words
        for first, second in pairwise(words):
            yield f"{first} {second}"


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


PROFILES: dict[str, Callable[[str], list[list[str]]]] = {"news": _news_sentences, "sklearn": _sklearn_sentences}
