"""Passages: found in any text, decided over their sequence."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import passages
from classifier.model import OBSERVATIONS, PassageWeights
from classifier.passages import Block, Span
from classifier.scoring import Evidence

TEXT = st.text(alphabet=st.one_of(st.sampled_from("a. \n\r\t\u2028\u0301😀\u200b!?\u00a0"), st.characters()), max_size=400)


@given(st.one_of(TEXT, TEXT.map(lambda text: text * 40)))
def test_passages_are_apart_in_order_and_cover_everything(text: str) -> None:
    end = 0
    for span in passages.split(text):
        assert end <= span.start < span.end <= len(text)
        assert not text[end : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n\n", "\u2028"])
def test_lines_are_passages_whatever_ends_them(newline: str) -> None:
    lines = ["A headline", "A paragraph, indented.", "• a bullet"]
    text = newline.join(lines)
    assert [text[s.start : s.end] for s in passages.split(text)] == lines


def test_a_long_line_is_cut_between_sentences() -> None:
    sentence = "The developers of the studio packed their desks and took the night bus to the capital next door."
    text = " ".join([sentence] * 40)
    pieces = [text[s.start : s.end] for s in passages.split(text)]
    assert len(pieces) > 5
    assert all(piece.startswith("The developers") and piece.endswith("next door.") for piece in pieces)


@pytest.mark.parametrize(("unit", "longest"), [("word ", passages.LONG_LINE), ("x", passages.LONG_LINE)])
def test_text_without_sentences_is_cut_all_the_same(unit: str, longest: int) -> None:
    text = unit * 5000
    spans = passages.split(text)
    assert max(span.end - span.start for span in spans) <= longest
    assert "".join(text[s.start : s.end] for s in spans).replace(" ", "") == text.replace(" ", "")


def block(start: int, end: int) -> Block:
    return Block(start, end, "p", 0.0, False, False, False, False)


def test_the_block_of_each_passage() -> None:
    text = "one two\n\nthree\nfour"
    blocks = [block(0, 3), block(4, 7), block(9, 14)]
    spans = [Span(0, 3), Span(5, 6), Span(9, 11), Span(12, 14), Span(15, 19)]
    assert passages.blocks_of(spans, blocks) == [blocks[0], blocks[1], blocks[2], blocks[2], None]
    assert passages.blocks_of(passages.split(text), blocks) == [None, blocks[2], None]
    assert passages.blocks_of(spans, []) == [None] * 5


def observe(lines: list[str], topics: list[float]) -> list[dict[str, float]]:
    text = "\n".join(lines)
    evidence = [Evidence(0.0, t, -t, 3, 9) for t in topics]
    rows = passages.observe(text, passages.split(text), evidence)
    return [dict(zip(OBSERVATIONS, row, strict=True)) for row in rows]


def test_shape_is_observed() -> None:
    head, quote, bullet, link = observe(
        ["Minsk coders leave", '"I packed in an hour," he said, and shut the door behind him for good.', "• SPORT 24", "![x](https://x.y)"],
        [1.0] * 4,
    )
    assert (head["short"], head["ends a sentence"]) == (1, 0)
    assert (quote["quotation"], quote["ends a sentence"], quote["short"]) == (1, 1, 0)
    assert bullet["bullet"] == 1
    assert bullet["capitals"] > head["capitals"]
    assert bullet["digits"] > 0
    assert link["image or link"] == 1


def test_topic_reaches_to_neighbours_and_fades() -> None:
    rows = observe(["one line"] * 6, [4.0, 0, 0, 0, 0, 2.0])
    reaching = [row["topic above 0, reaching from before"] for row in rows]
    assert reaching == [*sorted(reaching[:5], reverse=True), reaching[5]]
    assert reaching[1] == pytest.approx(4.0 - passages.REACH)
    assert rows[3]["topic above 0, reaching from both sides"] == pytest.approx(2.0 - 2 * passages.REACH)


def test_the_run_of_most_topic_bridges_a_neutral_passage() -> None:
    assert passages._best_run([-3, 2, -1, 3, -9, 4]) == range(1, 4)
    assert passages._best_run([-1, -2]) == range(0)


def test_a_block_of_prose_shares_its_strongest_topic_across_short_breaks() -> None:
    prose, promo = "Here stands a sentence that is long enough to be prose.", "More"
    lines = [prose, promo, prose, promo, promo, promo, prose]
    strongest = [row["strongest topic of its prose"] for row in observe(lines, [3.0, 0, 1.0, 0, 0, 0, 0.5])]
    assert strongest == pytest.approx([3.0 - passages.NEUTRAL, 0, 3.0 - passages.NEUTRAL, 0, 0, 0, 0.5 - passages.NEUTRAL])


def test_a_passage_with_nothing_known_has_no_evidence() -> None:
    [row] = passages.observe("a b", passages.split("a b"), [Evidence(5.0, 5.0, 5.0, 0, 0)])
    seen = dict(zip(OBSERVATIONS, row, strict=True))
    assert (seen["topic"], seen["furniture"], seen["nothing known"]) == (0, 0, 1)


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=8), st.tuples(*[st.floats(-3, 3)] * 4))
def test_decoding_equals_summing_over_every_labelling(scores: list[float], transitions: tuple[float, float, float, float]) -> None:
    marginals = passages.decode([[score] for score in scores], PassageWeights((1.0,), transitions))
    totals = [[0.0, 0.0] for _ in scores]
    for states in itertools.product((0, 1), repeat=len(scores)):
        weight = sum(score for score, state in zip(scores, states, strict=True) if state)
        weight += sum(transitions[2 * a + b] for a, b in itertools.pairwise(states))
        for place, state in enumerate(states):
            totals[place][state] += math.exp(weight)
    assert marginals == pytest.approx([keep / (drop + keep) for drop, keep in totals], abs=1e-9)


def test_no_passages_decode_to_nothing() -> None:
    assert passages.decode([], PassageWeights((), (0, 0, 0, 0))) == []


@pytest.mark.parametrize(
    ("keep", "p", "topic", "furniture", "word"),
    [
        (True, 0.99, 2, -1, "topic"),
        (True, 0.99, -2, -1, "context"),
        (False, 0.01, -2, 1, "furniture"),
        (False, 0.01, -2, -1, "off-topic"),
        (True, 0.55, 2, 1, "unsure"),
    ],
)
def test_reasons(keep: bool, p: float, topic: float, furniture: float, word: str) -> None:
    assert passages.reason(keep, p, topic, furniture) == word
