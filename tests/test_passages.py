"""Passages: found in any text, each in its block of markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import passages
from classifier.passages import Block, Span

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


def test_the_windows_of_a_long_line_are_in_its_block() -> None:
    text = "A title\n" + "The studio packed its desks and left for the coast. " * 60
    spans = passages.split(text)
    blocks = [block(0, 7), block(8, len(text))]
    assert len(spans) > 3
    assert passages.blocks_of(spans, blocks) == [blocks[0], *[blocks[1]] * (len(spans) - 1)]
