"""A page judged as a whole: read once, cut by the passage model, stood for by its longest block."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import msgspec
import pytest
from conftest import TINY
from hypothesis import given
from hypothesis import strategies as st

from classifier import page, sequence
from classifier.model import PAGE_OBSERVATIONS, PassageWeights
from classifier.observations import BREAK
from classifier.page import ARTICLE, PARAGRAPH
from classifier.passages import Block, Span
from classifier.scoring import Evidence, Scorer

SCORER = Scorer(TINY)
APART = PassageWeights((1.0,), (0.0, 0.0, 0.0, 0.0), ())
"""Weighs the one number observed of a passage; neighbours count for nothing."""
WORDS = ["hi", "tech", "minsk", "raid", "cookies", "leaving", "left", "unknown", ".", "Hi-Tech", "МИНСК"]
LINES = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=12)


@given(LINES)
def test_the_readings_together_are_the_evidence_of_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    read = page.read(text, SCORER)
    assert read.reading.together(range(len(read.spans))) == SCORER.evidence(text)


@given(st.lists(st.text(max_size=80), max_size=6))
def test_so_they_are_of_any_passages_on_lines_of_their_own(lines: list[str]) -> None:
    read = page.read("\n".join(lines), SCORER)
    own_lines = "\n".join(read.text[span.start : span.end] for span in read.spans)
    assert read.reading.together(range(len(read.spans))) == SCORER.evidence(own_lines)


def test_a_page_is_read_into_passages_with_evidence_of_their_own() -> None:
    blocks = [Block(0, 10, "p", 0.0, False, False, False, False)]
    read = page.read("Minsk tech\n\n  raid", SCORER, blocks)
    assert read.lengths == [10, 4]
    assert read.evidence == [SCORER.evidence("Minsk tech"), SCORER.evidence("raid")]
    assert read.blocks is blocks


def test_blocks_are_observed() -> None:
    blocks = [Block(0, 10, "p", 0.0, False, True, False, False)]
    plain, marked = (page.observe(page.read("Minsk tech\nraid", SCORER, given)) for given in ((), blocks))
    assert plain[0] != marked[0]
    assert plain[1] == marked[1]


def test_the_words_of_the_page_are_observed() -> None:
    """Nothing else tells the two pages apart: neither of the names is known."""
    again, stranger = (page.read(f"Minsk tech Kavalenka\n{name}", SCORER) for name in ("Kavalenka", "Kovalenko"))
    assert page.observe(again)[1] != page.observe(stranger)[1]


def made_of(scores: Sequence[float], lengths: Sequence[int] = ()) -> page.Cut:
    """The cut of a page whose passages have these scores."""
    text = "\n".join("x" * length for length in lengths or [10] * len(scores))
    return page.cut(page.read(text, SCORER), [[score] for score in scores], APART)


@pytest.mark.parametrize("dropped", range(BREAK + 2))
def test_a_block_bridges_so_many_dropped_passages_and_no_more(dropped: int) -> None:
    block = made_of([9.0, 9.0, *[-9.0] * dropped, 9.0]).block
    assert block == ([0, 1, dropped + 2] if dropped <= BREAK else [0, 1])


def test_the_longest_block_is_that_of_the_most_characters_kept() -> None:
    gap = [-9.0] * (BREAK + 1)
    scores = [9.0, 9.0, 9.0, *gap, 9.0, -9.0, 9.0]
    assert made_of(scores, [10] * 3 + [10] * 4 + [20, 5, 11]).block == [7, 9]
    assert made_of(scores, [10] * 3 + [10] * 4 + [19, 500, 10]).block == [0, 1, 2]


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=BREAK + 2))
def test_the_boundary_is_that_of_the_best_expected_f1(scores: list[float]) -> None:
    lengths = [10 + 7 * i for i in range(len(scores))]
    p = sequence.decode([[score] for score in scores], APART)
    threshold, _ = sequence.cut(p, lengths)
    made = made_of(scores, lengths)
    assert [odds >= 0 for odds in made.passages] == [one >= threshold for one in p]
    assert all(map(math.isfinite, made.passages))
    assert made.block == [i for i, one in enumerate(p) if one >= threshold]


def test_being_sure_is_no_infinity() -> None:
    [above] = made_of([1000.0]).passages
    assert 15 < above < 30
    assert made_of([1000.0, -1000.0]).passages[1] == pytest.approx(-above, abs=1)


def test_an_empty_page_has_no_block() -> None:
    empty = page.read(" \n", SCORER)
    assert page.cut(empty, page.observe(empty), TINY.passages) == page.Cut([], [])
    assert page.observe_block(empty, []) == [1.0, *[TINY.topic_bias] * 3, pytest.approx(math.log(1 / ARTICLE))]


def block_of(*lines: str, block: Sequence[int] | None = None) -> dict[str, float]:
    """What is seen of a block of lines: of all of them where none are given."""
    read = page.read("\n".join(lines), SCORER)
    observed = page.observe_block(read, range(len(lines)) if block is None else block)
    return dict(zip(PAGE_OBSERVATIONS, observed, strict=True))


def topic_of(*lines: str) -> float:
    return SCORER.evidence("\n".join(lines)).topic


def test_only_the_block_is_seen_of_a_page() -> None:
    seen = block_of("raid", "Minsk", "tech", "raid", block=[1, 2])
    assert seen["always"] == 1
    assert seen["topic of the block"] == topic_of("Minsk", "tech")


def test_the_strongest_passage_of_a_block_is_left_out_once() -> None:
    name = "topic of the block without its strongest passage"
    assert block_of("raid", "Leaving Minsk", "tech")[name] == topic_of("raid", "tech")
    assert block_of("Leaving Minsk", "tech", "Leaving Minsk")[name] == topic_of("tech", "Leaving Minsk")
    assert block_of("Leaving Minsk")[name] == TINY.topic_bias


def test_the_paragraphs_of_a_block_are_judged_without_its_headlines() -> None:
    long, short = ("raid " + "x" * (length - 5) for length in (PARAGRAPH, PARAGRAPH - 1))
    name = "topic of the block's paragraphs"
    assert block_of("Leaving Minsk", long)[name] == topic_of(long)
    assert block_of("Leaving Minsk", short)[name] == TINY.topic_bias


def test_a_block_is_short_of_an_article_or_it_is_not() -> None:
    name = "shorter than an article"
    assert block_of("x" * 60, "y" * 39)[name] == pytest.approx(math.log(100 / ARTICLE))
    assert block_of("x" * ARTICLE)[name] == 0
    assert block_of("x" * ARTICLE * 2)[name] == 0


def test_margins_of_a_block_are_cut_off() -> None:
    assert block_of("raid")["topic of the block"] == topic_of("raid") == -4.5
    heavy = Scorer(msgspec.structs.replace(TINY, topic=array("f", [10 * w for w in TINY.topic])))
    assert heavy.evidence("raid").topic == -40.5
    assert page.observe_block(page.read("raid", heavy), [0])[1] == -10.0


def test_log_odds_of_the_page_are_what_its_block_weighs() -> None:
    weights = PassageWeights((), (0.0, 0.0, 0.0, 0.0), (-1.0, 2.0, 0.5, 0.0, 3.0))
    assert page.log_odds([1.0, 1.5, -2.0, 7.0, -0.5], weights) == -1.0 + 3.0 - 1.0 - 1.5


@pytest.mark.parametrize(
    ("keep", "above", "topic", "furniture", "word"),
    [
        (True, 4.6, 2, -1, "topic"),
        (True, 4.6, -2, 1, "context"),
        (True, 4.6, 0, 1, "context"),
        (False, -4.6, -2, 1, "furniture"),
        (False, -4.6, 2, -1, "off-topic"),
        (True, 1.0, 2, 1, "topic"),
        (True, 0.99, 2, 1, "unsure"),
        (False, -0.99, 2, 1, "unsure"),
        (False, -1.0, 2, 1, "furniture"),
    ],
)
def test_reasons(keep: bool, above: float, topic: float, furniture: float, word: str) -> None:
    assert page.reason(keep, above, Evidence(0.0, topic, furniture, 3, 9)) == word


def test_passages_that_are_known_are_not_cut_again() -> None:
    lines = ["Minsk tech. " * 200, "raid"]
    spans = [Span(0, len(lines[0]) - 1), Span(len(lines[0]) + 1, len(lines[0]) + 5)]
    assert len(page.read("\n".join(lines), SCORER).spans) > 2
    assert page.read("\n".join(lines), SCORER, spans=spans).lengths == [len(lines[0]) - 1, 4]
