"""One reading of a text, by either loop: document, passages and shares are the same bit for bit, wherever passages begin and end."""

from __future__ import annotations

import gc
from itertools import pairwise

import msgspec
import pytest
from conftest import TINY
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import TopicFilter, _reference
from classifier.concepts import Facet
from classifier.model import Concepts, ConceptWeights
from classifier.passages import Span
from classifier.scoring import Scorer

PHRASES = Concepts(
    {"place": Facet(("minsk", "hi tech park", "hi tech=", "belarus")), "move": Facet(("leav", "left=", "left for="), core=False)},
    {
        "move+place in sentence": ConceptWeights(1.5, 1.0),
        "place in sentence": ConceptWeights(0.7, 0.3),
        "place in headline": ConceptWeights(0.9, -0.4),
        "move+place in text": ConceptWeights(0.3, 0.1),
        "place over move in text": ConceptWeights(0.2, 0.6),
        "move without place in text": ConceptWeights(-2.0, -1.0),
    },
)
NEWS = msgspec.structs.replace(TINY, features=("cookies", "hi tech", "mins*", "minsk", "raid", "tech"), concepts=PHRASES)
SKLEARN = msgspec.structs.replace(NEWS, profile="sklearn", features=("cookies", "hi", "hi tech", "minsk", "raid", "tech"))
LOOPS = {name: (_reference.Scorer(model), Scorer(model)) for name, model in (("tiny", TINY), ("news", NEWS), ("sklearn", SKLEARN))}

VOCABULARY = [
    "hi tech Park",
    "hi tech",
    "Park",
    "Minsk",
    "raid",
    "leaving",
    "left for",
    "unknown",
    ".",
    "!",
    "\n",
    "Hi-Tech",
    "МИНСК",
    "M\u200binsk",
]
VOCABULARY += [
    "Мinsk",
    "Minsk\u0301\u200b",
    "İ",
    "ΟΔΟΣ",
    "𝐌𝐢𝐧𝐬𝐤",
    "ﬁ",
    "IT",
    "it",
    "Беларусь",
    "айтишники уехали",
    "programmers",
    "Belarusian",
]
TEXTS = st.one_of(st.text(max_size=150), st.lists(st.sampled_from(VOCABULARY), max_size=40).map(" ".join))


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """A text, and passages of it that begin and end anywhere: within words too, empty, apart or not."""
    text = draw(TEXTS)
    ends = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    step = draw(st.sampled_from((1, 2)))
    return text, [Span(start, end) for start, end in list(pairwise(ends))[::step]]


def assert_same(reference: _reference.Scorer, other: Scorer, text: str, spans: list[Span]) -> None:
    plain, found = reference.read(text, spans), other.read(text, spans)
    everything = range(len(spans))
    assert found.shares() == plain.shares()  # first: what comes behind must not depend on what was asked before
    assert found.together(everything) == plain.together(everything)
    assert found.document() == plain.document() == other.evidence(text) == reference.evidence(text)
    assert found.evidence == plain.evidence
    assert found.shares() == plain.shares()


@pytest.mark.parametrize("name", LOOPS)
@given(case=texts_with_spans())
def test_either_loop_gives_the_same(name: str, case: tuple[str, list[Span]]) -> None:
    assert_same(*LOOPS[name], *case)


@pytest.fixture(scope="module")
def of_shipped(shipped: TopicFilter) -> tuple[_reference.Scorer, Scorer]:
    return _reference.Scorer(shipped.model), Scorer(shipped.model)


@given(case=texts_with_spans())
@settings(max_examples=200)
def test_either_loop_gives_the_same_with_the_shipped_model(
    of_shipped: tuple[_reference.Scorer, Scorer], case: tuple[str, list[Span]]
) -> None:
    assert_same(*of_shipped, *case)


@pytest.mark.parametrize("scorer", LOOPS["news"], ids=["reference", "chosen"])
def test_what_a_passage_cuts_counts_for_the_document(scorer: Scorer) -> None:
    """`hi tech` is a pair and a phrase; between passages it is neither."""
    text = "leaving hi tech now"
    cut = scorer.read(text, [Span(0, 10), Span(11, len(text))])
    assert cut.document() == scorer.read(text, [Span(0, len(text))]).document() == scorer.evidence(text)
    assert cut.together((0, 1)).topic != cut.document().topic
    features = {one.feature: one.count for one in cut.shares().features}
    assert features == {"hi tech": 1, "tech": 1, "move+place in sentence": 1, "place in sentence": 1, "place in headline": 1} | {
        "move+place in text": 1
    }


def test_words_in_no_passage_count_for_the_document() -> None:
    reading = Scorer(NEWS).read("Minsk raid", [])
    assert (reading.evidence, reading.document().known) == ([], 2)
    assert [(one.start, one.end) for one in reading.shares().tokens] == [(0, 5), (6, 10)]


def test_a_reading_in_a_reference_cycle_is_freed() -> None:
    scorer = Scorer(TINY)
    holder: list[object] = [scorer.read("Minsk tech", [Span(0, 5)])]
    holder.append(holder)
    del holder
    gc.collect()
    assert scorer.read("Minsk", []).document() == scorer.evidence("Minsk")
