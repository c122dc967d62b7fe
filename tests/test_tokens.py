"""Tokens: folding, words, sentences, disguise, and exact agreement with scikit-learn's default analyser."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier import tokens
from classifier.errors import InputError

INVISIBLE = {
    "zero width space": "\u200b",
    "zero width non-joiner": "\u200c",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "variation selector": "\ufe0f",
    "tag letter": "\U000e0061",
    "bidirectional override": "\u202e",
    "combining strike": "\u0336",
}


def news(text: str) -> list[list[str]]:
    return tokens.sentences(text, "news")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Łódź Žalgiris Ёлка Їжак straße", [["lodz", "zalgiris", "елка", "іжак", "strasse"]]),
        ("Belarus's hi-tech", [["belarus", "hi", "tech"]]),
        ("IT and it, US and us", [["IT", "and", "it", "US", "and", "us"]]),
        ("ПВТ растёт", [["ПВТ", "растет"]]),
        ("NATO BELARUS", [["nato", "belarus"]]),
        ("a b c", []),
        ("belarus_it 2020 ½ 😀", [["belarus", "it", "2020"]]),
        ("ﬁrst ｆｕｌｌ 𝐦𝐚𝐭𝐡", [["first", "full", "math"]]),
    ],
)
def test_words_are_folded(text: str, words: list[list[str]]) -> None:
    assert news(text) == words


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("One here. Two here! Three here? Four", 4),
        ("dev.by at 3.5 per cent", 1),
        ("Line one\nline two\r\nline three", 3),
        ('"Quoted end." Next', 2),
    ],
)
def test_sentences_end_at_stops_and_lines(text: str, n: int) -> None:
    assert len(news(text)) == n


def test_longer_words_have_a_stem() -> None:
    found = list(tokens.features(news("The coder. Айтишники"), "news"))
    assert found == ["the", "coder", "the coder", "code*", "аитишники", "аити*"]


def test_forms_of_a_word_share_its_stem() -> None:
    forms = "айтишник айтишники айтишников айтишникам"
    assert {feature for feature in tokens.features(news(forms), "news") if feature.endswith("*")} == {"аити*"}


@pytest.mark.parametrize("mark", INVISIBLE.values(), ids=INVISIBLE)
def test_invisible_characters_change_nothing(mark: str) -> None:
    text = "Minsk programmers left for Vilnius. Айтишники уехали"
    assert news(mark.join(text)) == news(text)


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "Z"])))
def test_composed_and_decomposed_text_is_the_same(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert news(composed) == news(unicodedata.normalize("NFD", composed))


@pytest.mark.parametrize("disguised", ["Веlаrus", "Bеlarus", "Belаruѕ", "Belαrus"])
def test_look_alike_letters_are_mended(disguised: str) -> None:
    assert disguised != "Belarus"
    assert news(disguised) == [["belarus"]]


@pytest.mark.parametrize("word", ["программист", "Мінск", "αβγδ", "розробник", "ΟΔΟΣ"])
def test_words_of_one_script_are_left_alone(word: str) -> None:
    [[found]] = news(word)
    assert all(ord(letter) > 0x300 for letter in found)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = " ".join(word for sentence in news(text) for word in sentence)
    assert [word for sentence in news(once) for word in sentence] == once.split()


SKLEARN = TfidfVectorizer(ngram_range=(1, 2)).build_analyzer()


@given(st.text())
def test_sklearn_profile_is_the_default_analyser(text: str) -> None:
    assert sorted(tokens.features(tokens.sentences(text, "sklearn"), "sklearn")) == sorted(SKLEARN(text))


@pytest.mark.slow
def test_sklearn_profile_agrees_on_every_character() -> None:
    """Each of the 1,112,064 scalar values: alone, inside a word, and at its end."""
    characters = [chr(cp) for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]
    assert len(characters) == 1_112_064
    for form in ("{}", "wo{}rd", "word{}"):
        for first in range(0, len(characters), 20_000):
            text = "\n".join(form.format(c) for c in characters[first : first + 20_000])
            assert sorted(tokens.features(tokens.sentences(text, "sklearn"), "sklearn")) == sorted(SKLEARN(text))


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(InputError, match="token profile 'latin': expected one of news, sklearn"):
        tokens.sentences("text", "latin")
