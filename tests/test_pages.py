"""Assembled pages: their gold is right, and the same seed gives the same pages."""

from __future__ import annotations

import pytest

from training import config, corpus
from training.pages import Assembler, Page

ITEMS = [item for item in corpus.load(config.DATA) if not item.is_test][::3]


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
