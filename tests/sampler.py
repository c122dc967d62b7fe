"""Random documents, the same for the same seed: mixed scripts, edges of every table, letters that look alike, words of the models."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import msgspec
from conftest import TINY
from fuzzing import MEETING, SENTENCES

from classifier import TopicFilter, tokens
from classifier.model import Model

MIB = 1 << 20
ENDS = (*" " * 12, "", "  ", ". ", "! ", "? ", ".", "\n", "\n\n", "\r\n", "\t", "-", ", ", "'", "_", "\0", "\x1c", "\x85", "\u2028", "。")
MARKS = (
    "\u0300\u0301\u0307\u0308\u0345\u0483\u0591\u064b\u093c\u0e31\u20dd\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\ufe0f\U000e0061\U000e0100"
)
EDGES = (
    "\0\x1f !./09:@AZ[_`az{\x7f\x80\x85\xa0\xaa\xad\xb2\xbd\xbf\xc0\xdf\xff\u0100\u0130\u0131\u017f\u01c4\u01c5\u036f\u0370\u03a3\u03c2"
    "\u03ff\u0400\u052f\u0530\u07ff\u0800\u1e9e\u1f80\u2160\u24b6\uac00\ud7ff\ud800\udfff\ue000\ufb03\ufdfa\uff21\uff41\uffff"
    "\U00010000\U00010400\U0001d400\U0001f1e7\U0001f600\U0010ffff"
)
LOOK_ALIKE = "".join(sorted({chr(letter) for alike in tokens.look_alikes() for pair in alike.items() for letter in pair}))
BLOCKS = tuple(
    map(ord, "\0\x80\u0100\u0370\u0400\u0500\u05d0\u0620\u0900\u0e00\u1e00\u1f00\u2000\u3040\u4e00\uac00\uff00\U0001d400\U0001f300")
)


@cache
def models() -> dict[str, Model]:
    """The shipped model and small ones, of both profiles."""
    sklearn = {"profile": "sklearn", "features": ("cookies", "hi", "hi tech", "minsk", "raid", "tech")}
    return {
        "shipped": TopicFilter.load().model,
        "tiny": TINY,
        "tiny of sklearn": msgspec.structs.replace(TINY, **sklearn),
        "meeting": msgspec.structs.replace(TINY, concepts=MEETING),
        "meeting of sklearn": msgspec.structs.replace(TINY, concepts=MEETING, **sklearn),
    }


@cache
def vocabulary() -> tuple[str, ...]:
    """Words of the shipped model and of its facets, of the small ones, and acronyms."""
    shipped = models()["shipped"]
    stems = [word for facet in shipped.concepts.facets.values() for stem in facet.stems for word in stem.replace("=", "").split()]
    small = (*" ".join(SENTENCES).split(), "IT", "it", "ICE", "US", "США", "ЕС", "EU", "a", "I") * 20
    return (*(feature.rstrip("*") for feature in shipped.features[::11]), *stems, *small)


def _words(rng: random.Random, length: int) -> str:
    words = []
    for _ in range(length // 6 + 1):
        word = rng.choice(vocabulary())
        case = rng.random()
        words.append(word.upper() if case < 0.1 else word.capitalize() if case < 0.3 else word)
        words.append(rng.choice(ENDS) if rng.random() < 0.5 else " ")
    return "".join(words)


def _letters(rng: random.Random, letters: Sequence[str], length: int) -> str:
    """Runs of some letters, in both cases, between ends."""
    found = "".join(rng.choice(letters) for _ in range(length))
    if rng.random() < 0.5:
        found = "".join(letter.upper() if rng.random() < 0.4 else letter for letter in found)
    places = sorted(rng.randrange(length + 1) for _ in range(length // rng.randint(2, 12)))
    return "".join(found[start:end] + rng.choice(ENDS) for start, end in pairwise([0, *places, length]))


def _piece(rng: random.Random, length: int) -> str:
    block = rng.choice(BLOCKS)
    match rng.randrange(8):
        case 0 | 1 | 2:
            return _words(rng, length)
        case 3:
            return _letters(rng, LOOK_ALIKE + "0123456789", length)
        case 4:
            return _letters(rng, EDGES, length)
        case 5:
            return _letters(rng, MARKS + "aя", length) if rng.random() < 0.5 else "".join(rng.choice(MARKS) for _ in range(length))
        case 6:
            return _letters(rng, [chr(rng.randrange(0x110000)) for _ in range(20)], length)
        case _:
            return _letters(rng, [chr(block + rng.randrange(256)) for _ in range(30)], length)


def document(rng: random.Random) -> str:
    """Up to some hundred characters, now and then some ten thousand; also none."""
    length = int(2 ** rng.uniform(0, 14 if rng.random() < 0.002 else 8)) - 1
    text = "".join(_piece(rng, rng.randint(1, length)) for _ in range(rng.randint(1, 3))) if length else ""
    return text * rng.randint(2, 1500 // len(text) + 2) if text and rng.random() < 0.02 else text


def documents(n: int, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    return (document(rng) for _ in range(n))
