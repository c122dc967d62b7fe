"""No teaser gets through, and nothing of the article is lost, wherever in the page the teaser stands."""

from __future__ import annotations

import re

import pytest
from leak import PLACEMENTS, Page, leaks, losses, ours, pages

from classifier import TopicFilter


@pytest.fixture(scope="module")
def topic() -> TopicFilter:
    return TopicFilter.load()


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_leak_and_no_loss(topic: TopicFilter, page: Page, placement: str) -> None:
    output = ours(topic)(page.html(placement), page.lang)
    assert (leaks(page, placement, output), losses(page, output)) == ([], [])


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_measure_sees_everything_leak_and_everything_lost(placement: str) -> None:
    for page in pages():
        shown = TopicFilter.load(threshold=0).clean_html(page.html(placement)).extracted
        assert leaks(page, placement, shown or "") == re.split(r"(?<=[.!?…])\s+", page.teaser(placement)["text"])
        assert losses(page, shown or "") == []
        assert (leaks(page, placement, ""), losses(page, "")) == ([], page.paragraphs)
