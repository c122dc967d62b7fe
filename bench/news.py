"""Seeded news-like text: a Zipf vocabulary of made-up words in sentences, so that nothing needs to be downloaded."""

from __future__ import annotations

import hashlib
import random

SEED = 7
DIGEST = "b8d06f63124621eab00eea69cc52a1ddce55a00bf12a20a263d1c22bc1faa4e9"
_OF_THE_TOPIC = ["Minsk", "programmers", "left", "Belarusian", "IT", "moved", "software", "visas", "Ukraine"]
_SYLLABLES = ["ba", "re", "mi", "no", "sta", "ve", "li", "kor", "ten", "du", "pra", "sho", "gen", "al", "is", "om"]


def documents(n: int, length: int, vocabulary: int = 50_000) -> list[str]:
    """n documents of about `length` characters, the same for the same numbers."""
    rng = random.Random(SEED)
    words = sorted({"".join(rng.choices(_SYLLABLES, k=rng.randint(1, 5))) for _ in range(vocabulary)})
    rng.shuffle(words)
    for place, word in enumerate(_OF_THE_TOPIC):
        words.insert(40 * (place + 1), word)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return [_document(rng, words, weights, length) for _ in range(n)]


def digest(texts: list[str]) -> str:
    """SHA-256 of the texts, to be sure that every run measures the same."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _document(rng: random.Random, words: list[str], weights: list[float], length: int) -> str:
    lines, size = [], 0
    while size < length:
        sentences = [" ".join(rng.choices(words, weights, k=rng.randint(6, 24))).capitalize() + "." for _ in range(rng.randint(1, 4))]
        lines.append(" ".join(sentences))
        size += len(lines[-1]) + 1
    return "\n".join(lines)
