"""Assembled pages: their gold is right, their markup fits their lines, and the same seed gives the same pages."""

from __future__ import annotations

import random

import msgspec
import pytest

from classifier.passages import Block
from training import config, corpus, evaluate
from training.corpus import Item
from training.evaluate import LabelledPage
from training.pages import Assembler, Line, Markup, Page

ITEMS = corpus.load(config.DATA)[::3]
SEEDS = range(40)


def lines_of(items: list[Item]) -> set[str]:
    return {" ".join(line.split()) for item in items for line in item.text.split("\n")}


def may_be_kept(items: list[Item]) -> set[str]:
    """The lines of on-topic articles and of passages of context, and the bylines that stand in them."""
    return lines_of([item for item in items if item.label or item.kind in ("byline", "timestamp")])


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return Assembler(ITEMS, seed=3).pages()


@pytest.fixture(scope="module")
def marked_up() -> list[Page]:
    return Assembler(ITEMS, seed=3, markup=True).pages(most=150)


def test_every_layout_occurs(pages: list[Page]) -> None:
    assert {page.kind for page in pages} == {"host", "related", "decoy"}
    assert any(not any(page.keep) for page in pages)
    assert len(pages) >= 150


def test_kept_lines_are_of_on_topic_articles_their_bylines_and_context(pages: list[Page]) -> None:
    known = may_be_kept(ITEMS)
    for page in pages:
        assert len(page.lines) == len(page.keep)
        assert all(line in known for line, keep in zip(page.lines, page.keep, strict=True) if keep)


def test_context_is_kept_and_strays_are_not(pages: list[Page]) -> None:
    gold = {True: set[str](), False: set[str]()}
    for page in pages:
        for line, keep in zip(page.lines, page.keep, strict=True):
            gold[keep].add(line)
    context, strays = (lines_of([item for item in ITEMS if item.kind == kind]) for kind in ("context", "stray"))
    assert len(context & gold[True]) > 100
    assert len(strays & gold[False]) > 10
    assert not context & gold[False]
    assert not strays & gold[True]


def test_decoys_keep_nothing(pages: list[Page]) -> None:
    assert not any(any(page.keep) for page in pages if page.kind == "decoy")


def test_spans_are_those_of_the_lines(pages: list[Page]) -> None:
    for page in pages:
        assert [page.text[span.start : span.end] for span in page.spans] == list(page.lines)


@pytest.mark.parametrize("markup", [False, True])
def test_the_same_seed_gives_the_same_pages(markup: bool) -> None:
    made = Assembler(ITEMS, seed=3, markup=markup).pages(most=60)
    assert Assembler(ITEMS, seed=3, markup=markup).pages(most=60) == made
    assert Assembler(ITEMS, seed=4, markup=markup).pages(most=60) != made


def test_about_as_many_pages_as_asked_for() -> None:
    assert len(Assembler(ITEMS, seed=3).pages(most=60)) == 60


# Markup


def test_pages_have_markup_only_where_asked_for(pages: list[Page], marked_up: list[Page]) -> None:
    assert not any(page.blocks for page in pages)
    assert all(page.blocks for page in marked_up)


def test_every_line_has_a_block_of_its_own(marked_up: list[Page]) -> None:
    for page in marked_up:
        assert [page.text[block.start : block.end] for block in page.blocks] == list(page.lines)


def test_articles_are_marked_up_as_such(marked_up: list[Page]) -> None:
    """On the pages that mark up an article at all, all of it is in it; none is navigation."""
    for page in marked_up:
        kept = [block for block, keep in zip(page.blocks, page.keep, strict=True) if keep]
        assert not any(block.navigation for block in kept)
        assert len({block.article for block in kept}) <= 1
    dropped = [block for page in marked_up for block, keep in zip(page.blocks, page.keep, strict=True) if not keep]
    assert {block.navigation for block in dropped} == {block.article for block in dropped} == {True, False}


def mark_up(lines: list[Line], seed: int) -> list[Block]:
    """The blocks of the lines but for their place."""
    blocks = Markup(random.Random(seed)).blocks(lines)
    return [msgspec.structs.replace(block, start=0, end=0) for block in blocks]


def test_what_was_pasted_in_together_is_marked_up_alike() -> None:
    """Lines of a headline's length; longer ones are linked or headings less often."""
    strays = [Line(f"A storm closed the harbour {n}", False, "stray") for n in range(3)]
    marks = [mark_up(strays, seed) for seed in SEEDS]
    assert all(first == second == third for first, second, third in marks)
    assert len({blocks[0].tag for blocks in marks}) > 3


@pytest.mark.parametrize("between", ["paragraph", "teaser"])
def test_what_was_pasted_in_apart_need_not_be(between: str) -> None:
    stray, line = Line("A storm closed the harbour", False, "stray"), Line("Then they left", True, between)  # type: ignore[arg-type]
    marks = [mark_up([stray, line, stray], seed) for seed in SEEDS]
    assert any(first != last for first, _, last in marks)


def test_neighbouring_promos_are_each_marked_up_in_their_own_way() -> None:
    promos = [Line("Get the app", False, "promo"), Line("Read on", False, "promo")]
    assert any(first != second for first, second in (mark_up(promos, seed) for seed in SEEDS))


def test_the_headline_is_the_heading_and_teasers_are_links_as_a_rule() -> None:
    lines = [Line("Studio leaves for the coast", True, "headline"), Line("A harbour opens", False, "teaser")]
    marks = [mark_up(lines, seed) for seed in SEEDS]
    assert {(headline.tag, headline.heading) for headline, _ in marks} == {("h1", True)}
    assert sum(teaser.link_density == 1 for _, teaser in marks) > len(SEEDS) / 2


# The frozen pages, which stay as they are


@pytest.fixture(scope="module")
def frozen() -> list[LabelledPage]:
    return evaluate.load_pages([config.TEST_PAGES])


def test_gold_spans_of_the_frozen_pages_cut_whole_lines(frozen: list[LabelledPage]) -> None:
    assert len(frozen) >= 150
    for page in frozen:
        assert [page.text[start:end] for start, end, _ in page.spans] == page.text.split("\n")
        assert page.label == any(gold == "keep" for _, _, gold in page.spans)


def test_kept_lines_of_the_frozen_pages_are_of_frozen_items(frozen: list[LabelledPage]) -> None:
    known = may_be_kept(corpus.load(config.TEST))
    for page in frozen:
        assert {page.text[start:end] for start, end, gold in page.spans if gold == "keep"} <= known
