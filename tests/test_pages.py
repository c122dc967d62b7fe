"""Assembled pages: their gold is right, and the same seed gives the same pages."""

from __future__ import annotations

import pytest

from training import config, corpus, evaluate
from training.pages import Assembler, Page, frozen

ITEMS = corpus.load(config.DATA)[::3]


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return Assembler(ITEMS, seed=3).pages()


def test_every_layout_occurs(pages: list[Page]) -> None:
    assert {page.kind for page in pages} == {"host", "related", "decoy"}
    assert any(not any(page.keep) for page in pages)
    assert len(pages) >= 150


def test_kept_lines_are_of_on_topic_articles_their_bylines_and_context(pages: list[Page]) -> None:
    own = [item for item in ITEMS if item.label or item.kind in ("byline", "timestamp")]
    on_topic = {" ".join(line.split()) for item in own for line in item.text.split("\n")}
    for page in pages:
        assert len(page.lines) == len(page.keep)
        assert all(line in on_topic for line, keep in zip(page.lines, page.keep, strict=True) if keep)


def test_decoys_keep_nothing(pages: list[Page]) -> None:
    assert not any(any(page.keep) for page in pages if page.kind == "decoy")


def test_the_same_seed_gives_the_same_pages(pages: list[Page]) -> None:
    assert Assembler(ITEMS, seed=3).pages() == pages
    assert Assembler(ITEMS, seed=4).pages() != pages


def test_about_as_many_pages_as_asked_for() -> None:
    assert len(Assembler(ITEMS, seed=3).pages(most=60)) == 60


def test_the_frozen_pages_are_those_of_the_frozen_items() -> None:
    made = frozen(corpus.load(config.TEST), config.SEED)
    assert len(made) >= 150
    assert evaluate.load_pages([config.TEST_PAGES]) == made


def test_gold_spans_cut_whole_lines() -> None:
    for page in frozen(corpus.load(config.TEST), config.SEED):
        assert [page.text[start:end] for start, end, _ in page.spans] == page.text.split("\n")
        assert page.label == any(gold == "keep" for _, _, gold in page.spans)
