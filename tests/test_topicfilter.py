"""TopicFilter: verdicts, cleaning, and the promises of both."""

from __future__ import annotations

import doctest
import time

import numpy as np
import pytest
from conftest import OFF_TOPIC, ON_TOPIC, TINY
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from classifier import ClassifierError, TopicFilter, html, topicfilter
from classifier.errors import InputError

PAGE = "\n".join(
    [
        "Skip to content",
        "Minsk coders find a second home in Vilnius",
        ON_TOPIC,
        '"We packed in one night," she says.',
        "Read also: Agents raid a car wash in Fresno",
        "Lithuania has issued visas to hundreds of Belarusian programmers since the crackdown of 2020.",
        "Comments",
        OFF_TOPIC,
        "Subscribe to our newsletter",
    ]
)
LINES = st.lists(st.sampled_from([*PAGE.split("\n"), "", "한국어", "Правило", "• Opinion"]), max_size=14).map("\n".join)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(topicfilter) == (0, 5)


def test_on_and_off_topic(shipped: TopicFilter) -> None:
    kept, dropped = shipped.score(ON_TOPIC), shipped.score(OFF_TOPIC)
    assert (kept.on_topic, kept.decision) == (True, "keep")
    assert (dropped.on_topic, dropped.decision) == (False, "drop")
    assert kept.model == shipped.model.full_name
    assert kept.threshold == shipped.threshold


def test_many_are_scored_as_each_alone(shipped: TopicFilter) -> None:
    many = shipped.score_many([ON_TOPIC, "", OFF_TOPIC])
    assert (many.dtype, many.shape) == (np.float64, (3,))
    assert many.tolist() == [shipped.score(text).probability for text in (ON_TOPIC, "", OFF_TOPIC)]
    assert shipped.score_many([]).shape == (0,)


@pytest.mark.parametrize("text", ["", "  \n", "Hi", "한국어 문장입니다 그리고 또", "😀😀😀", "zzxxq wwkkj"])
def test_what_cannot_be_judged_is_unsure_and_left_whole(shipped: TopicFilter, text: str) -> None:
    verdict, cleaned = shipped.score(text), shipped.clean(text)
    assert (verdict.decision, verdict.probability) == ("unsure", shipped.model.calibration.prior)
    assert cleaned.verdict == verdict
    assert cleaned.text.strip() == text.strip()


def test_a_page_is_cleaned_of_its_spillover(shipped: TopicFilter) -> None:
    cleaned = shipped.clean(PAGE)
    lines = PAGE.split("\n")
    assert cleaned.verdict.decision == "keep"
    kept = cleaned.text.splitlines()
    assert [line for line in lines[1:4] if line in kept] == lines[1:4]
    assert lines[5] in kept
    assert not {*lines[4:5], *lines[6:]} & set(kept)


def test_an_html_page_is_cleaned_as_the_text_it_shows(shipped: TopicFilter) -> None:
    page = "".join(f"<p>{line}</p>" for line in PAGE.split("\n"))
    cleaned = shipped.clean_html(page.encode("utf-16-le"), "utf-16le")
    assert cleaned.extracted == PAGE
    assert replace(cleaned, extracted=None) == replace(shipped.clean(PAGE, html.read(page.encode()).blocks), extracted=None)
    assert ON_TOPIC in cleaned.text
    assert OFF_TOPIC not in cleaned.text
    assert shipped.clean_html(b"").extracted == ""
    assert shipped.clean_html("<meta charset=koi8-r><p>é 😀") == shipped.clean_html("<p>é 😀".encode(), "utf-8")
    assert shipped.clean(PAGE, ()).extracted == PAGE


def test_nothing_kept_is_a_drop(shipped: TopicFilter) -> None:
    cleaned = shipped.clean(OFF_TOPIC + "\nSubscribe to our newsletter")
    assert (cleaned.text, cleaned.verdict.decision, cleaned.verdict.on_topic) == ("", "drop", False)


@given(LINES)
def test_kept_passages_are_slices_and_cover_the_text(shipped: TopicFilter, text: str) -> None:
    cleaned = shipped.clean(text)
    end = 0
    for passage in cleaned.passages:
        assert not text[end : passage.start].strip()
        end = passage.end
    assert not text[end:].strip()
    kept = [text[p.start : p.end] for p in cleaned.passages if p.keep]
    assert cleaned.text.split() == " ".join(kept).split()


@given(LINES, st.floats(0, 1), st.floats(0, 1))
def test_raising_the_threshold_never_keeps_more(shipped: TopicFilter, text: str, a: float, b: float) -> None:
    low, high = (TopicFilter(shipped.model, threshold).clean(text) for threshold in sorted((a, b)))
    assert {p.start for p in high.passages if p.keep} <= {p.start for p in low.passages if p.keep}
    assert high.verdict.on_topic <= low.verdict.on_topic


@given(LINES)
def test_on_topic_is_probability_at_or_above_the_threshold(shipped: TopicFilter, text: str) -> None:
    for verdict in (shipped.score(text), shipped.clean(text).verdict):
        assert verdict.on_topic is (verdict.probability >= verdict.threshold)
        assert 0 <= verdict.probability <= 1


@given(LINES)
@settings(max_examples=30)
def test_the_newline_style_does_not_matter(shipped: TopicFilter, text: str) -> None:
    unix, windows = shipped.clean(text), shipped.clean(text.replace("\n", "\r\n"))
    assert [p.keep for p in unix.passages] == [p.keep for p in windows.passages]
    assert unix.text.split() == windows.text.split()


@pytest.mark.parametrize("separator", ["\n", " "])
def test_the_cost_of_a_page_grows_with_its_length_and_no_faster(shipped: TopicFilter, separator: str) -> None:
    """Ten times the passages take about ten times as long; were each compared with each other, it would be a hundred times."""
    page = PAGE.replace("\n", separator) + separator
    costs = []
    for n in (60, 600):
        start = time.process_time()
        shipped.clean(page * n)
        costs.append(time.process_time() - start)
    assert costs[1] <= 25 * costs[0]


def test_no_state_between_texts(shipped: TopicFilter) -> None:
    first = shipped.clean(PAGE)
    shipped.clean(OFF_TOPIC * 50)
    assert shipped.clean(PAGE) == first


def test_offsets_are_code_points(shipped: TopicFilter) -> None:
    text = "😀 " + ON_TOPIC + "\nе\u0301 " + ON_TOPIC
    assert [text[p.start : p.end] for p in shipped.clean(text).passages] == text.split("\n")


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_an_impossible_threshold_is_refused(threshold: float) -> None:
    with pytest.raises(InputError, match="expected a number from 0 to 1"):
        TopicFilter(TINY, threshold)


def test_a_recall_sets_the_threshold() -> None:
    shipped = TopicFilter.load(recall=0.95)
    assert shipped.threshold == shipped.model.thresholds.for_recall[1].threshold
    with pytest.raises(ClassifierError, match="one of the two"):
        TopicFilter.load(recall=0.95, threshold=0.5)
