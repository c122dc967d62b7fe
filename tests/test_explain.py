"""Shares: by hand, adding up to the margin, and standing where their words stand."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Sequence

import msgspec
import pytest
from conftest import OFF_TOPIC, ON_TOPIC, TINY
from hypothesis import given, settings
from hypothesis import strategies as st
from test_tokens import INVISIBLE

from classifier import TopicFilter
from classifier.concepts import Facet
from classifier.model import Concepts, ConceptWeights, Model
from classifier.passages import Span
from classifier.scoring import FeatureShare, Reading, Scorer
from classifier.topicfilter import Explanation
from training import config, corpus

VOCABULARY = ["hi", "tech", "Minsk", "raid", "cookies", "leaving", "left", "unknown", "\n", ".", "Hi-Tech", "МИНСК", "M\u200binsk", "İ"]
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join))
NEWS_VOCABULARY = ["Minsk", "developers", "IT", "it", "left for", "ICE", "Беларусь", "айтишники", "уехали", ".", "\n", "raid", "Веlarus"]
NEWS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(NEWS_VOCABULARY), max_size=60).map(" ".join))
SKLEARN = msgspec.structs.replace(TINY, profile="sklearn", features=("cookies", "hi", "hi tech", "minsk", "raid", "tech"))
FILTERS = {"news": TopicFilter(TINY), "sklearn": TopicFilter(SKLEARN)}
ITEMS = corpus.load(config.DATA)


def shares_of(model: Model, text: str) -> list[tuple[str, float]]:
    return [(text[token.start : token.end], token.share) for token in TopicFilter(model).explain(text).tokens]


def concepts_only(feature: str, weight: float) -> Model:
    """The tiny model, judging by one concept feature alone."""
    facets = {"place": Facet(("minsk", "hi tech park")), "move": Facet(("leav", "left="))}
    concepts = Concepts(facets, {feature: ConceptWeights(weight, 0.0)})
    return msgspec.structs.replace(TINY, features=tuple("uvwxyz"), concepts=concepts)


def assert_adds_up(found: Explanation) -> None:
    for parts in (found.tokens, found.features, found.passages):
        total = math.fsum([found.bias, *(part.share for part in parts)])
        assert total == pytest.approx(found.margin, rel=1e-9, abs=1e-9)


def test_shares_worked_out_by_hand(tiny: Model) -> None:
    """`minsk` and its stem occur twice, each time with half of both shares; `leaving minsk` meets once, half for each."""
    minsk, stem, tech = (1 + math.log(2)) * 1.25, (1 + math.log(2)) * 3.0, 1.0
    norm = math.sqrt(minsk**2 + stem**2 + tech**2)
    half = (3.0 * minsk + 2.0 * stem) / norm / 2
    words, values = zip(*shares_of(tiny, "Leaving Minsk. Minsk tech"), strict=True)
    assert words == ("Leaving", "Minsk", "Minsk", "tech")
    assert values == pytest.approx((0.75, half + 0.75, half, 1.5 / norm), abs=1e-12)


def test_features_come_with_their_counts_the_largest_share_first(tiny: Model) -> None:
    found = TopicFilter(tiny).explain("Leaving Minsk. Minsk tech").features
    counts = {one.feature: one.count for one in found}
    assert counts == {"mins*": 2, "minsk": 2, "move+place in sentence": 1, "tech": 1}
    assert [abs(one.share) for one in found] == sorted((abs(one.share) for one in found), reverse=True)
    assert FeatureShare("move+place in sentence", 1.5, 1) in found


def test_each_word_of_a_pair_has_half(with_changes: Callable[..., Model]) -> None:
    model = with_changes(features=("cookies", "hi tech", "mins*", "minsk", "raid", "zoo"))
    assert shares_of(model, "the hi tech") == [("hi", 0.125), ("tech", 0.125)]


@pytest.mark.parametrize(
    ("feature", "text", "expected"),
    [
        ("move+place in sentence", "Minsk left Minsk", [("Minsk", 1.5), ("left", 3.0), ("Minsk", 1.5)]),
        ("place in sentence", "left for the Hi-Tech Park", [("Hi", 2.0), ("Tech", 2.0), ("Park", 2.0)]),
        ("place in headline", "Minsk today\nMinsk", [("Minsk", 6.0)]),
        ("move+place in text", "Minsk. Left. Minsk", [("Minsk", 1.5), ("Left", 3.0), ("Minsk", 1.5)]),
        ("place over move in text", "Minsk left Minsk", [("Minsk", 3.0), ("Minsk", 3.0)]),
        ("move without place in text", "Leaving now. They left", [("Leaving", 3.0), ("left", 3.0)]),
    ],
)
def test_what_meets_shares_evenly(feature: str, text: str, expected: list[tuple[str, float]]) -> None:
    found = shares_of(concepts_only(feature, 6.0), text)
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [share for _, share in found] == pytest.approx([share for _, share in expected], abs=1e-12)


def test_each_sentence_has_an_equal_part() -> None:
    total = 6.0 * (1 + math.log(2))
    found = shares_of(concepts_only("place in sentence", 6.0), "Minsk and Minsk.\nIn Minsk")
    assert [share for _, share in found] == pytest.approx([total / 4, total / 4, total / 2], abs=1e-12)


@pytest.mark.parametrize("profile", FILTERS)
@given(text=TEXTS)
def test_shares_and_bias_add_up_to_the_margin(profile: str, text: str) -> None:
    found = FILTERS[profile].explain(text)
    assert found.verdict == FILTERS[profile].score(text)
    assert_adds_up(found)


@given(NEWS)
@settings(max_examples=50)
def test_they_add_up_with_the_shipped_model(shipped: TopicFilter, text: str) -> None:
    assert_adds_up(shipped.explain(text))


def test_they_add_up_on_real_items(shipped: TopicFilter) -> None:
    texts = [item.text for item in ITEMS[::150]]
    assert len(texts) >= 50
    for text in texts:
        assert_adds_up(shipped.explain(text))


@given(TEXTS)
def test_tokens_are_in_order_inside_the_text_and_apart(text: str) -> None:
    end = 0
    for token in FILTERS["news"].explain(text).tokens:
        assert end <= token.start < token.end <= len(text)
        end = token.end


@given(TEXTS)
def test_a_passage_has_what_its_words_have(text: str) -> None:
    found = FILTERS["news"].explain(text)
    for passage in found.passages:
        inside = [token.share for token in found.tokens if passage.start <= token.start < passage.end]
        assert passage.share == pytest.approx(sum(inside), abs=1e-9)


def test_verdict_and_passages_are_those_of_score_and_clean(shipped: TopicFilter) -> None:
    text = f"{ON_TOPIC}\nShare this\n{OFF_TOPIC}"
    found, cleaned = shipped.at(threshold=0.9).explain(text), shipped.at(threshold=0.9).clean(text)
    assert found.verdict == shipped.at(threshold=0.9).score(text)
    shown = [(p.start, p.end, p.keep, p.probability, p.reason) for p in found.passages]
    assert shown == [(p.start, p.end, p.keep, p.probability, p.reason) for p in cleaned.passages]


def test_a_text_is_read_once(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """And by nothing but `read`: whatever else is asked of the scorer is an error."""

    class Counting:
        def __init__(self) -> None:
            self.scorer = Scorer(tiny)
            self.texts: list[str] = []

        def read(self, text: str, spans: Sequence[Span]) -> Reading:
            self.texts.append(text)
            return self.scorer.read(text, spans)

    topic, counting = TopicFilter(tiny), Counting()
    monkeypatch.setattr(topic, "_scorer", counting)
    topic.explain("Leaving Minsk. Minsk tech\nraid")
    topic.clean("Minsk tech\nraid")
    assert counting.texts == ["Leaving Minsk. Minsk tech\nraid", "Minsk tech\nraid"]


def test_unknown_words_have_no_share(tiny: Model) -> None:
    assert [word for word, _ in shares_of(tiny, "Zzz Minsk qqq")] == ["Minsk"]


@pytest.mark.parametrize("mark", INVISIBLE.values(), ids=INVISIBLE)
def test_an_invisible_disguise_is_part_of_its_word(tiny: Model, mark: str) -> None:
    disguised = mark.join("Minsk")
    text = f"In {disguised} tech"
    plain = shares_of(tiny, "In Minsk tech")
    assert shares_of(tiny, text) == [(disguised, plain[0][1]), plain[1]]


@pytest.mark.parametrize("disguised", ["Мinsk", "Mіnѕk", "𝐌𝐢𝐧𝐬𝐤", "Ｍｉｎｓｋ", "Mi\u0301nsk\u0301"])
def test_letters_of_another_kind_keep_their_place(tiny: Model, disguised: str) -> None:
    assert disguised != "Minsk"
    assert [word for word, _ in shares_of(tiny, f"😀 {disguised}, tech")] == [disguised, "tech"]


@pytest.mark.parametrize("text", ["", " \n", "unknown words only"])
def test_where_nothing_is_known_the_bias_is_all(tiny: Model, text: str) -> None:
    found = TopicFilter(tiny).explain(text)
    assert (found.margin, found.tokens, found.features) == (tiny.topic_bias, (), ())
    assert (found.verdict.decision, [p.share for p in found.passages]) == ("unsure", [0.0] if text.strip() else [])


def test_an_explanation_can_be_sent_to_a_process(tiny: Model) -> None:
    found = TopicFilter(tiny).explain("Leaving Minsk\nMinsk tech")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own object
