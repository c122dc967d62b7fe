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
    assert found == ["the", "coder", "аитишники", "the coder", "code*", "аити*"]


def test_forms_of_a_word_share_its_stem() -> None:
    forms = "айтишник айтишники айтишников айтишникам"
    assert {feature for feature in tokens.features(news(forms), "news") if feature.endswith("*")} == {"аити*"}


@pytest.mark.parametrize("mark", INVISIBLE.values(), ids=INVISIBLE)
def test_invisible_characters_change_nothing(mark: str) -> None:
    text = "Minsk programmers left for Vilnius. Айтишники уехали"
    assert news(mark.join(text)) == news(text)


def test_every_composed_character_is_read_as_its_parts_are() -> None:
    composed = [chr(cp) for cp in range(0x110000) if not 0xD800 <= cp < 0xE000 and unicodedata.decomposition(chr(cp))[:1] not in ("", "<")]
    assert len(composed) > 2000
    assert [c for c in composed if news(f"{c}x {c}") != news(unicodedata.normalize("NFD", f"{c}x {c}"))] == []


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


@pytest.mark.parametrize(
    ("text", "profile", "places"),
    [
        ("Żółw — M\u200binsk!", "news", [("zolw", "Żółw"), ("minsk", "M\u200binsk")]),
        ("\ufeffcafe\u0301, ﬁrst", "news", [("cafe", "cafe\u0301"), ("first", "ﬁrst")]),
        ("abİcd İİ Straße", "sklearn", [("abi", "abİ"), ("cd", "cd"), ("straße", "Straße")]),
    ],
)
def test_words_are_located_in_the_text_as_it_came(text: str, profile: str, places: list[tuple[str, str]]) -> None:
    found = [word for sentence in tokens.located(text, profile) for word in sentence]
    assert [(word.text, text[word.start : word.end]) for word in found] == places


@pytest.mark.parametrize("profile", tokens.PROFILES)
@given(text=st.text().map(lambda text: text.replace("Σ", "")))
def test_a_located_word_read_alone_is_that_word(profile: str, text: str) -> None:
    """Capital sigma is left out: `str.lower` looks at what follows it."""
    found = tokens.located(text, profile)
    assert [[word.text for word in words] for words in found] == tokens.sentences(text, profile)
    for word in (word for words in found for word in words):
        assert tokens.sentences(text[word.start : word.end], profile) == [[word.text]]


@pytest.mark.parametrize("profile", tokens.PROFILES)
@given(text=st.lists(st.sampled_from(["Minsk", "coders", "IT", ".", "\n"]), max_size=20).map(" ".join))
def test_occurrences_are_the_features_with_their_words(profile: str, text: str) -> None:
    sentences = tokens.sentences(text, profile)
    found = list(tokens.occurrences(sentences, profile))
    assert sorted(feature for feature, _ in found) == sorted(tokens.features(sentences, profile))
    words = [word for sentence in sentences for word in sentence]
    for feature, numbers in found:
        made_of = " ".join(words[number] for number in numbers)
        assert made_of == feature or (len(numbers) == 1 and made_of.startswith(feature.removesuffix("*")))


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(InputError, match="token profile 'latin': expected one of news, sklearn"):
        tokens.sentences("text", "latin")
