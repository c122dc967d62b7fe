"""How few teasers get through, wherever in the page they stand, and that nothing of the article is lost."""

from __future__ import annotations

import re

import pytest
from leak import PLACEMENTS, Outcome, Page, System, characters, comparison, extractors, leaks, losses, ours, outcome, pages, table

from classifier import TopicFilter
from training.evaluate import Characters, PageReport

TOY = Page(
    name="toy",
    lang="en",
    headline="Coders leave",  # 12 characters
    byline="By Ada Quill",
    paragraphs=["They went to Riga.", "Sport is what they miss."],  # 18 and 24
    teasers=[{"headline": "Cup final", "text": "A goal fell. Late."}],  # 9 and 18
    navigation=["Sport", "News"],  # 5 and 4
    footer=["All rights reserved"],  # 19
)


@pytest.fixture(scope="module")
def topic() -> TopicFilter:
    return TopicFilter.load()


MOST_LEAKS = {"plain paragraph": 6, "promo": 1, "caption": 1, "tail": 1}
"""Pages, of six, on which a teaser in that place gets through; elsewhere none does. A brief in a plain paragraph, with nothing to tell
it by but its words, is where the passage model falls short. Lower them when it improves."""


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_few_leaks_and_no_loss(topic: TopicFilter, placement: str) -> None:
    outputs = [(page, ours(topic)(page.html(placement), page.lang)) for page in pages()]
    leaking = [page.name for page, output in outputs if leaks(page, placement, output)]
    assert len(leaking) <= MOST_LEAKS.get(placement, 0), leaking
    assert not [lost for page, output in outputs for lost in losses(page, output)]


def test_every_other_extractor_leaks_far_more(topic: TopicFilter) -> None:
    mine, *theirs = (outcome(system.extract, pages()).leaking.total() for system in extractors(topic).values())
    assert min(theirs) >= 2 * mine


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_measure_sees_everything_leak_and_everything_lost(placement: str) -> None:
    for page in pages():
        shown = TopicFilter.load(threshold=0).clean_html(page.html(placement)).extracted
        assert leaks(page, placement, shown or "") == re.split(r"(?<=[.!?…])\s+", page.teaser(placement)["text"])
        assert losses(page, shown or "") == []
        assert (leaks(page, placement, ""), losses(page, "")) == ([], page.paragraphs)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Coders leave\nThey went\n to Riga.\nSport is what they miss.", Characters(54, 0, 0)),
        ("By Ada Quill They went to Riga. Sport is what they", Characters(18, 36, 5)),
        ("They went to Riga. Cup final. A goal fell.", Characters(18, 36, 9)),
        ("News Sport Coders leave A goal fell. Late. All rights reserved", Characters(12, 42, 46)),
        ("", Characters(0, 54, 0)),
    ],
)
def test_characters_worked_out_by_hand(output: str, expected: Characters) -> None:
    assert characters(TOY, "tail", output) == expected


def test_an_outcome_and_its_table_worked_out_by_hand() -> None:
    systems = {"all": System("Everything.", lambda html, _: html.decode()), "none": System("Nothing.", lambda *_: "")}
    outcomes = {name: outcome(system.extract, [TOY]) for name, system in systems.items()}
    assert outcomes["none"] == Outcome(outcomes["none"].leaking, 16, PageReport(8, 0.0, 0.0, 8, None, 0.0))
    f1 = 108 / (108 + 9 + 18 + 9 + 19)
    assert outcomes["all"].report == PageReport(8, round(f1, 4), round(f1, 4), 0, round(54 / (54 + 55), 4), 1.0)
    assert list(table(outcomes, [TOY]))[2:] == [f"| all |{' 1 |' * 8} 8 | 0 | {f1:.3f} |", f"| none |{' 0 |' * 8} 0 | 16 | 0.000 |"]
    assert comparison(outcomes, systems).systems[0].sets == {"articles with a teaser": outcomes["all"].report}
    assert comparison(outcomes, systems).sets == {"articles with a teaser": 8}
