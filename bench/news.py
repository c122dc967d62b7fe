"""Seeded news-like text: made-up words in sentences and paragraphs, so that nothing needs to be downloaded.

Words come by a Zipf law, the frequent ones short; a part of them in set phrases, and a part from the few words that a document is
about, since real text repeats its pairs. Each vocabulary favours some words in documents of one class and some in those of the other.
`bench/test_news.py` holds how like news that is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEED = 7
DIGEST = "c7f9ec73ffc4a19135690c1fefb6150c3d801b95bdc81a5b0601b5f15c300824"
"""Of documents(400, 2700)."""

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

_WORDS, _PHRASES, _NUMBERS = 60_000, 40_000, 600
_IN_PHRASES, _OF_THE_SUBJECT = 0.22, 0.10
"""Shares of places at which a phrase begins, or a word that the document is about stands. They were chosen so that of the pairs of
unseen documents about 45 in a hundred are in a vocabulary of 100,000 words and pairs."""
_SUBJECT = 12
_SPREAD = 4
"""How far words may stand from the order of their lengths; chosen for 4.7 letters a word in English."""
_NAMES = 0.07
_FAVOUR = 3.0
_BETWEEN = 1.19
"""Characters between a word and the next, on average."""
_AT_ONCE = 500
"""Documents drawn in one go, which bounds the memory."""

_OF_THE_TOPIC = {
    "latin": ("Minsk", "programmers", "left", "Belarusian", "IT", "moved", "software", "visas", "Ukraine"),
    "cyrillic": ("Минск", "программисты", "уехали", "белорусский", "ИТ", "переехали", "софт", "визы", "Украина"),
}
_SYLLABLES = {
    "latin": (
        ("", "b", "br", "c", "ch", "d", "f", "g", "h", "l", "m", "n", "p", "pr", "r", "s", "sh", "st", "t", "th", "tr", "v", "w"),
        ("a", "a", "e", "e", "e", "i", "i", "o", "o", "u", "y", "ea", "ou"),
        ("", "", "", "", "n", "n", "r", "s", "t", "l", "d", "nd", "ck", "ng"),
    ),
    "cyrillic": (
        ("", "б", "в", "вз", "г", "д", "ж", "з", "к", "кр", "л", "м", "н", "п", "пр", "р", "с", "ст", "т", "тр", "х", "ц", "ч", "ш"),
        ("а", "а", "е", "е", "и", "и", "о", "о", "о", "у", "ы", "э", "ю", "я", "ё"),
        ("", "", "", "", "й", "л", "н", "р", "с", "т", "м", "ть", "сь", "щ"),
    ),
}
_POSSESSIVE = {"latin": "'s ", "cyrillic": " "}
SCRIPTS = tuple(_SYLLABLES)


class _Vocabulary(NamedTuple):
    """Words as they stand in a sentence and at its beginning, phrases of three words, and for each class what is drawn how often."""

    forms: NDArray[np.object_]
    possessive: str
    phrases: Ints
    characters_a_word: float
    words_drawn: list[Floats]
    phrases_drawn: list[Floats]


def documents(n: int, length: int = 2700, script: str = "latin", seed: int = SEED) -> list[str]:
    """n documents of about `length` characters, the same for the same arguments; the first, third ... are of one class."""
    vocabulary = _vocabulary(script)
    drawn = [_draw(vocabulary, min(_AT_ONCE, n - first), length, [seed, first]) for first in range(0, n, _AT_ONCE)]
    return [text for texts in drawn for text in texts]


def labels(n: int) -> Ints:
    """The classes of n documents: 0, 1, 0, 1 ..."""
    return np.arange(n) % 2


def digest(texts: Sequence[str]) -> str:
    """SHA-256 of the texts, to be sure that every run measures the same."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _draw(vocabulary: _Vocabulary, n: int, length: int, seed: list[int]) -> list[str]:
    rng = np.random.default_rng(seed)
    ids = _word_ids(rng, vocabulary, n, length)
    begins, after = _marks(rng, ids.size, vocabulary.possessive)
    begins[:: ids.shape[1]] = True
    after[ids.shape[1] - 1 :: ids.shape[1]] = "."
    pieces = np.empty((ids.size, 2), dtype=object)
    pieces[:, 0] = vocabulary.forms[begins.astype(np.intp), ids.ravel()]
    pieces[:, 1] = after
    return ["".join(row) for row in pieces.reshape(n, -1).tolist()]


def _word_ids(rng: np.random.Generator, vocabulary: _Vocabulary, n: int, length: int) -> Ints:
    """Numbers of words, a row for each document."""
    ids = np.empty((n, max(3, round(length / vocabulary.characters_a_word))), dtype=np.intp)
    for label, (words, phrases) in enumerate(zip(vocabulary.words_drawn, vocabulary.phrases_drawn, strict=True)):
        drawn = np.searchsorted(words, rng.random(ids[label::2].shape))
        subject = np.searchsorted(words, 0.4 + 0.6 * rng.random((len(drawn), _SUBJECT)))
        about = rng.random(drawn.shape) < _OF_THE_SUBJECT
        drawn[about] = subject[np.nonzero(about)[0], (rng.random(about.sum()) * _SUBJECT).astype(np.intp)]
        _put_phrases(rng, drawn.ravel(), vocabulary.phrases, phrases)
        ids[label::2] = drawn
    return ids


def _put_phrases(rng: np.random.Generator, ids: Ints, phrases: Ints, drawn: Floats) -> None:
    """Writes phrases over the words of some places; where two overlap, the second cuts the first short."""
    starts = np.flatnonzero(rng.random(ids.size)[:-2] < _IN_PHRASES)
    said = phrases[np.searchsorted(drawn, rng.random(starts.size))]
    for place in (2, 1, 0):
        ids[starts + place] = said[:, place]


def _marks(rng: np.random.Generator, n: int, possessive: str) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """For n words in a row: which of them begin a sentence, and what stands between each and the next."""
    lengths = 7 + (rng.random(n // 7 + 2) * 26).astype(np.intp)
    ends = np.cumsum(lengths) - 1
    ends = ends[ends < n]
    after = np.full(n, " ", dtype=object)
    kind = rng.random(n)
    for mark, low, high in ((", ", 0, 0.055), (possessive, 0.055, 0.065), ("-", 0.065, 0.077), (" - ", 0.077, 0.081), (' "', 0.081, 0.087)):
        after[(kind >= low) & (kind < high)] = mark
    opened = np.flatnonzero(after == ' "')
    opened = opened[opened + 4 < n]
    after[opened + 4] = '" '
    kind = rng.random(ends.size)
    after[ends] = np.where(kind < 0.35, ".\n", np.where(kind < 0.9, ". ", np.where(kind < 0.95, '," ', "? ")))
    begins = np.zeros(n, dtype=bool)
    begins[np.minimum(ends + 1, n - 1)] = True
    return begins, after


@lru_cache
def _vocabulary(script: str) -> _Vocabulary:
    rng = np.random.default_rng([SEED, SCRIPTS.index(script)])
    words = _words(rng, script)
    forms = np.array([words, [word[0].upper() + word[1:] for word in words]], dtype=object)
    words_drawn = _drawn(rng, len(words), flat=0.6)
    phrases = np.searchsorted(words_drawn[0], rng.random((_PHRASES, 3)))
    letters = float(np.diff(words_drawn[0], prepend=0) @ [len(word) for word in words])
    return _Vocabulary(forms, _POSSESSIVE[script], phrases, letters + _BETWEEN, words_drawn, _drawn(rng, _PHRASES, flat=20))


def _words(rng: np.random.Generator, script: str) -> list[str]:
    """Distinct words and numbers, the most frequent first and mostly short, a part of them names."""
    columns = []
    for n_syllables in (1, 2, 3, 4):
        parts = (np.array(part, dtype=object) for part in _SYLLABLES[script] * n_syllables)
        columns.append(np.sum([part[(rng.random(_WORDS) * len(part)).astype(np.intp)] for part in parts], axis=0))
    made = sorted(set(np.concatenate(columns)))
    noise = np.abs(rng.standard_normal((3, len(made)))).sum(axis=0)
    order = np.argsort([len(word) for word in made] + _SPREAD * noise, kind="stable")[: _WORDS - _NUMBERS]
    words = [made[place] for place in order]
    named = rng.random(len(words)) < _NAMES
    words = [word.capitalize() if is_name and rank > 100 else word for rank, (word, is_name) in enumerate(zip(words, named, strict=True))]
    for number, place in enumerate(np.sort(150 + (rng.random(_NUMBERS) ** 2 * 20_000).astype(np.intp))):
        words.insert(place, str(number + 1 if number % 3 else 1950 + number // 3))
    for place, word in enumerate(_OF_THE_TOPIC[script]):
        words.insert(40 * (place + 1), word)
    return words


def _drawn(rng: np.random.Generator, n: int, flat: float) -> list[Floats]:
    """For each class the running sum of the shares of n things by Zipf's law, flatter at the top; a tenth of them favoured."""
    shares = 1 / (np.arange(1, n + 1) + flat)
    lot = rng.random(n)
    sums = [np.cumsum(np.where((lot >= low) & (lot < low + 0.1) & (np.arange(n) >= 30), _FAVOUR, 1) * shares) for low in (0.0, 0.1)]
    return [running / running[-1] for running in sums]
