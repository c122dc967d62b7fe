"""That the generated text is like news in what the speed of scoring depends on."""

from __future__ import annotations

import re
import statistics

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bench.news import DIGEST, SCRIPTS, digest, documents, labels

LETTERS_A_WORD = {"latin": 4.7, "cyrillic": 4.4}


def test_the_same_for_the_same_arguments() -> None:
    assert digest(documents(400, 2700)) == DIGEST
    assert documents(3, 100, "cyrillic") == documents(3, 100, "cyrillic")


def test_another_seed_is_other_documents() -> None:
    assert not set(documents(50, 300)) & set(documents(50, 300, seed=1))


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("length", [100, 2700, 100_000])
def test_documents_have_the_length_asked_for(script: str, length: int) -> None:
    assert statistics.mean(map(len, documents(30 + 60_000 // length, length, script))) == pytest.approx(length, rel=0.03)


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_and_sentences(script: str) -> None:
    text = "\n".join(documents(300, 2700, script))
    words = re.findall(r"\w+", text)
    assert statistics.mean(map(len, words)) == pytest.approx(LETTERS_A_WORD[script], abs=0.1)
    assert np.mean([word[0].isupper() for word in words]) == pytest.approx(0.1, abs=0.04)
    assert len(words) / len(re.findall(r"[.?]", text)) == pytest.approx(20, abs=2)


@pytest.mark.parametrize("script", SCRIPTS)
def test_as_many_words_and_pairs_are_known_as_in_news(script: str) -> None:
    """Of unseen documents, a third to a half of the pairs and nearly all words are among the 100,000 commonest of 4,000 documents."""
    analyse = CountVectorizer(ngram_range=(1, 2)).build_analyzer()
    known = set(CountVectorizer(ngram_range=(1, 2), max_features=100_000).fit(documents(4000, 2700, script, seed=1)).vocabulary_)
    seen = [feature for text in documents(200, 2700, script) for feature in analyse(text)]
    pairs = [feature in known for feature in seen if " " in feature]
    words = [feature in known for feature in seen if " " not in feature]
    assert len(known) == 100_000
    assert np.mean(pairs) == pytest.approx(0.45, abs=0.03)
    assert np.mean(words) == pytest.approx(0.97, abs=0.01)


def test_classes_alternate() -> None:
    assert labels(3).tolist() == [0, 1, 0]
