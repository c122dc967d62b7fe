"""Concept features: facets, phrases, meetings."""

from __future__ import annotations

import pickle

import pytest

from classifier import tokens
from classifier.concepts import MOST_FACETS, Facet, Lexicon
from classifier.errors import InputError

LEXICON = Lexicon(
    {
        "place": Facet(("belarus", "Мінск", "hi tech park")),
        "tech": Facet(("programm", "IT=")),
        "move": Facet(("left=", "leav")),
        "mood": Facet(("sad",), core=False),
    }
)


def features(text: str) -> set[str]:
    return set(LEXICON.features(tokens.sentences(text, "news")))


def test_a_stem_meets_every_word_that_begins_with_it() -> None:
    assert LEXICON.facets(["belarusian", "programmers", "мінску"]) == {"place": 2, "tech": 1}


@pytest.mark.parametrize(("word", "met"), [("left", True), ("lefty", False), ("IT", True), ("it", False), ("ITs", False)])
def test_an_exact_stem_meets_only_its_word(word: str, met: bool) -> None:
    assert bool(LEXICON.facets([word])) is met


def test_a_phrase_wants_all_its_words() -> None:
    assert LEXICON.facets(["hi", "tech", "parks"]) == {"place": 1}
    assert LEXICON.facets(["hi", "tech"]) == {}


def test_meetings_in_sentence_headline_and_text() -> None:
    found = features("Belarusian programmers. They are leaving. They left.")
    assert {"place+tech in sentence", "place+tech in headline", "move+place+tech in text"} <= found
    assert "move+place+tech in sentence" not in found
    assert "move over place in text" in found


def test_occurrences_are_the_features_with_their_words() -> None:
    sentences = tokens.sentences("Sad programmers. They left the hi tech park; Belarus! IT programmers left Belarus", "news")
    found = list(LEXICON.occurrences(list(LEXICON.met(sentences))))
    assert sorted(feature for feature, _ in found) == sorted(LEXICON.features(sentences))
    assert ("place+tech in sentence", [{12}, {9, 10}]) in found
    assert ("place in text", [{5, 6, 7, 8, 12}]) in found
    assert ("place over move in text", [{5, 6, 7, 8, 12}]) in found


def test_one_facet_without_another() -> None:
    assert features("Belarus") == {
        f"place {where}"
        for where in ("in sentence", "in headline", "in text", "without tech in text", "without move in text", "without mood in text")
    }


def test_a_text_without_facets_has_no_features() -> None:
    assert features("The weather will be fine.") == features("") == set()


def test_a_lexicon_can_be_sent_to_a_process() -> None:
    again = pickle.loads(pickle.dumps(LEXICON))  # noqa: S301 - our own object
    assert again.facets(["belarusian"]) == {"place": 1}


def test_a_facet_that_is_not_core_forms_pairs_alone() -> None:
    found = features("Sad Belarusian programmers left")
    assert {"mood+place in sentence", "move+place+tech in sentence"} <= found
    assert not any("mood" in feature and feature.count("+") == 2 for feature in found)


@pytest.mark.parametrize(
    "facets",
    [
        {"place": Facet(())},
        {"not a word": Facet(("x1",))},
        {"place": Facet(("x",))},
        {"place": Facet(("",))},
        {f"f{n}": Facet(("word",)) for n in range(MOST_FACETS + 1)},
    ],
)
def test_bad_lexicons_are_refused(facets: dict[str, Facet]) -> None:
    with pytest.raises(InputError, match="facet"):
        Lexicon(facets)
