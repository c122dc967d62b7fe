"""What is seen of a page's passages: of their evidence, shape, words and markup."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest
from conftest import TINY
from hypothesis import given
from hypothesis import strategies as st

from classifier import observations, page, passages
from classifier.model import MARKUP, OBSERVATIONS
from classifier.observations import FEW_IDF, FEW_WORDS, NEUTRAL, REACH, STORY
from classifier.passages import Block
from classifier.scoring import Evidence, Scorer

Seen = dict[str, float]
PROSE = "Here stands a sentence that is long enough to be prose."
MORE = "More"


def observe(
    lines: Sequence[str],
    topics: Sequence[float] = (),
    words: Sequence[Mapping[str, float]] = (),
    blocks: Sequence[Block] = (),
    furniture: Sequence[float] = (),
) -> list[Seen]:
    """What is seen of lines by name; all evidence is 0 and there are no words where none are given."""
    text = "\n".join(lines)
    nothing = [0.0] * len(lines)
    evidence = [Evidence(0.0, t, f, 3, 9) for t, f in zip(topics or nothing, furniture or nothing, strict=True)]
    rows = observations.observe(text, passages.split(text), evidence, words or [{}] * len(lines), blocks)
    return [dict(zip(OBSERVATIONS, row, strict=True)) for row in rows]


def column(seen: Sequence[Seen], name: str) -> list[float]:
    return [one[name] for one in seen]


# Evidence


def test_topic_reaches_to_neighbours_and_fades() -> None:
    seen = observe(["one line"] * 6, [4.0, 0, 0, 0, 0, 2.0])
    before = [4.0, *(4.0 - REACH * n for n in range(1, 5)), max(2.0, 4.0 - REACH * 5)]
    after = [4.0, *(2.0 - REACH * n for n in range(4, 0, -1)), 2.0]
    assert column(seen, "topic above 0, reaching from before") == pytest.approx(before)
    assert column(seen, "topic above 0, reaching from after") == pytest.approx(after)
    both = [min(a, b) for a, b in zip(before, after, strict=True)]
    assert column(seen, "topic above 0, reaching from both sides") == pytest.approx(both)
    assert column(observe([MORE] * 3, [-5.0] * 3), "topic above 0, reaching from before") == [0, 0, 0]


def test_the_run_of_most_topic_bridges_a_neutral_passage() -> None:
    assert observations.best_run([-3, 2, -1, 3, -9, 4]) == range(1, 4)
    assert observations.best_run([-1, -2]) == range(0)


@given(st.lists(st.integers(-9, 9), max_size=9))
def test_no_run_has_more_topic_than_the_best(gains: list[int]) -> None:
    best = observations.best_run(gains)
    runs = [gains[start:end] for start in range(len(gains) + 1) for end in range(start, len(gains) + 1)]
    assert sum(gains[best.start : best.stop]) == max(map(sum, runs))


def test_the_run_takes_in_what_is_above_neutral_and_is_measured_from() -> None:
    seen = observe([MORE] * 6, [-4, 3.0, NEUTRAL + 0.1, 3.0, -4, -4])
    assert column(seen, "in the run of most topic") == [0, 1, 1, 1, 0, 0]
    assert column(seen, "distance before the run") == pytest.approx([math.log(2), 0, 0, 0, 0, 0])
    assert column(seen, "distance behind the run") == pytest.approx([0, 0, 0, 0, math.log(2), math.log(3)])


def test_in_the_run_evidence_below_another_storys_counts_against() -> None:
    seen = observe([MORE] * 5, [6.0, -3.0, STORY + 0.5, 6.0, -9.0])
    assert column(seen, "in the run of most topic") == [1, 1, 1, 1, 0]
    assert column(seen, "topic below another story's, in the run") == pytest.approx([0, -3.0 - STORY, 0, 0, 0])


def test_a_block_of_prose_shares_its_topic_across_short_breaks() -> None:
    seen = observe([PROSE, MORE, PROSE, MORE, MORE, MORE, PROSE], [3.0, 0, 1.0, 0, 0, 0, -2.0])
    assert column(seen, "prose") == [1, 0, 1, 0, 0, 0, 1]
    strongest, mean, last = 3.0 - NEUTRAL, 2.0 - NEUTRAL, -2.0 - NEUTRAL
    assert column(seen, "strongest topic of its prose") == pytest.approx([strongest, 0, strongest, 0, 0, 0, last])
    assert column(seen, "strongest topic of its prose, above neutral") == pytest.approx([strongest, 0, strongest, 0, 0, 0, 0])
    assert column(seen, "mean topic of its prose") == pytest.approx([mean, 0, mean, 0, 0, 0, last])


def test_what_looks_like_furniture_is_no_prose() -> None:
    assert column(observe([PROSE] * 3, furniture=[0.9, 1.0, -2.0]), "prose") == [1, 0, 1]


def test_the_first_of_its_prose_has_none_shortly_before_it() -> None:
    lines = [MORE, PROSE, MORE, MORE, PROSE, MORE, MORE, MORE, PROSE]
    assert column(observe(lines), "first of its prose") == [0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_a_passage_with_nothing_known_has_no_evidence() -> None:
    [row] = observations.observe("a b", passages.split("a b"), [Evidence(5.0, 5.0, 5.0, 0, 0)], [{}])
    seen = dict(zip(OBSERVATIONS, row, strict=True))
    assert (seen["topic"], seen["furniture"], seen["nothing known"]) == (0, 0, 1)


def test_evidence_is_cut_off_and_neighbours_are_averaged_without_the_passage() -> None:
    seen = observe([MORE] * 4, [99.0, 1.0, -3.0, -99.0], furniture=[2.0, 0, 0, 4.0])
    assert column(seen, "topic") == [10, 1, -3, -10]
    assert column(seen, "topic of the two neighbours") == pytest.approx([0.5, 3.5, -4.5, -1.5])
    assert column(seen, "topic of the ten neighbours") == pytest.approx([-1.2, -0.3, 0.1, 0.8])
    assert column(seen, "furniture of the two neighbours") == pytest.approx([0, 1, 2, 0])
    assert column(observe([MORE], [2.0]), "topic of the two neighbours") == [0]


# Shape


def test_shape_is_observed() -> None:
    head, quote, bullet, link, bracket = observe([
        "Minsk coders leave",
        '"I packed in an hour," he said, and shut the door behind him for good.',
        "• SPORT 24",
        "![x](https://x.y)",
        "[Read on]",
    ])  # fmt: skip
    assert (head["short"], head["ends a sentence"], head["bullet"], head["quotation"]) == (1, 0, 0, 0)
    assert (quote["quotation"], quote["ends a sentence"], quote["ends a sentence, long"], quote["short"]) == (1, 1, 0, 0)
    assert head["length"] == pytest.approx(math.log(19) - 4)
    assert bullet["bullet"] == 1
    assert (bullet["capitals"], bullet["digits"]) == (0.5, 0.2)
    assert (link["image or link"], bracket["image or link"], head["image or link"]) == (1, 1, 0)
    assert (link["in brackets or behind an arrow"], bracket["in brackets or behind an arrow"]) == (0, 1)


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("Photo: the new office", 1),
        ("Read also:", 1),
        ("10:30", 0),
        ("It rained. Then: sun", 0),
        ("A sentence too long to be a label of anything: so it is", 0),
    ],
)
def test_a_label_ends_in_a_colon(line: str, seen: int) -> None:
    assert column(observe([line]), "label and colon") == [seen]


def test_no_sentence_between_sentences() -> None:
    name = "no sentence between sentences"
    assert column(observe(["One.", "Two", "Three!", "Four.", "Five"]), name) == [0, 1, 0, 0, 0]
    assert column(observe(["One.", "Two.", "Three."]), name) == [0, 0, 0]
    assert column(observe(["One", "Two", "Three."]), name) == [0, 0, 0]
    assert column(observe(["One.", "Two", "Three"]), name) == [0, 0, 0]


def test_place_on_the_page() -> None:
    seen = observe([MORE] * 3 + [PROSE] + [MORE] * 77)
    assert column(seen, "first passages")[:5] == [1, 1, 1, 0, 0]
    assert [seen[i]["depth"] for i in (0, 20, 40, 80)] == [0, 0.5, 1, 1]
    assert column(seen, "short, both neighbours short")[:6] == [1, 1, 0, 0, 0, 1]


# Words


def test_a_name_shared_with_the_run_is_met_there_and_a_strangers_is_not() -> None:
    words = [
        {"kavalenka": 6.0, "left": 2.0},
        {"kavalenka": 6.0, "studio": 4.0},
        {"kavalenka": 6.0, "said": 2.0},
        {"brandt": 6.0, "said": 2.0},
    ]
    seen = observe([MORE] * 4, [4.0, 4.0, -5.0, -5.0], words)
    assert column(seen, "in the run of most topic") == [1, 1, 0, 0]
    assert column(seen, "idf of words met in the run") == pytest.approx([6 / (8 + FEW_IDF), 6 / (10 + FEW_IDF), 6 / (8 + FEW_IDF), 0])
    assert column(seen, "words met in the run") == pytest.approx([1 / (2 + FEW_WORDS)] * 3 + [0])
    assert column(seen, "idf of words met outside the run") == pytest.approx(
        [6 / (8 + FEW_IDF), 6 / (10 + FEW_IDF), 2 / (8 + FEW_IDF), 2 / (8 + FEW_IDF)]
    )
    assert column(seen, "words met outside the run") == pytest.approx([1 / (2 + FEW_WORDS)] * 4)


def test_a_passage_does_not_meet_itself() -> None:
    seen = observe([MORE] * 2, [4.0, -5.0], [{"alone": 5.0}, {"apart": 5.0}])
    assert column(seen, "words met in the run") == column(seen, "words met outside the run") == [0, 0]


def test_words_met_in_the_run_count_apart_in_the_run_and_in_prose() -> None:
    met = 5 / (5 + FEW_IDF)
    seen = observe([PROSE, MORE, PROSE, MORE], [4.0, 4.0, -9.0, -9.0], [{"word": 5.0}] * 4)
    assert column(seen, "idf of words met in the run") == pytest.approx([met] * 4)
    assert column(seen, "idf of words met in the run, in the run") == pytest.approx([met, met, 0, 0])
    assert column(seen, "idf of words met in the run, prose") == pytest.approx([met, 0, met, 0])


def test_words_are_met_in_the_two_passages_of_prose_on_either_side() -> None:
    met = 5 / (5 + FEW_IDF)
    lines = [PROSE, PROSE, MORE, PROSE, PROSE]
    seen = observe(lines, words=[{"word": 5.0}, {"a": 5.0}, {"word": 5.0}, {"b": 5.0}, {"word": 5.0}])
    assert column(seen, "idf of words met in the prose before") == pytest.approx([0, 0, met, 0, 0])
    assert column(seen, "idf of words met in the prose behind") == pytest.approx([0, 0, met, 0, 0])
    near = observe(lines, words=[{"word": 5.0}, {"a": 5.0}, {}, {"word": 5.0}, {"b": 5.0}])
    assert column(near, "idf of words met in the prose before") == pytest.approx([0, 0, 0, met, 0])
    assert column(near, "idf of words met in the prose behind") == pytest.approx([met, 0, 0, 0, 0])


# Markup


def marked(line: str, start: int, tag: str = "p", link_density: float = 0.0, **flags: bool) -> Block:
    names = ("navigation", "article", "heading", "boilerplate_name")
    return Block(start, start + len(line), tag, link_density, *(flags.get(name, False) for name in names))


def see_markup(*marks: tuple[str, dict[str, object]], topics: Sequence[float] = ()) -> list[Seen]:
    """What is seen of lines, each with its markup."""
    blocks, start = [], 0
    for line, mark in marks:
        blocks.append(marked(line, start, **mark))  # type: ignore[arg-type]
        start += len(line) + 1
    return observe([line for line, _ in marks], topics, blocks=blocks)


def test_without_blocks_nothing_is_seen_of_markup() -> None:
    for seen in observe([PROSE, MORE], [-5.0, 2.0]):
        assert [seen[name] for name in OBSERVATIONS[MARKUP:]] == [0.0] * (len(OBSERVATIONS) - MARKUP)


def test_a_passage_in_no_block_has_no_markup_among_those_that_have() -> None:
    seen = observe([PROSE, MORE], blocks=[marked(PROSE, 0, article=True)])
    assert column(seen, "inside the article") == [1, 0]
    assert column(seen, "outside the article") == [0, 0]


def test_each_mark_is_seen() -> None:
    article, *rest = see_markup(
        (PROSE, {"article": True}),
        (MORE, {"navigation": True}),
        ("Title", {"heading": True}),
        (MORE, {"tag": "li"}),
        ("Caption", {"tag": "figcaption"}),
        ("A link", {"link_density": 0.75}),
        ("Share", {"boilerplate_name": True}),
    )
    assert [name for name in OBSERVATIONS[MARKUP:] if article[name]] == ["inside the article"]
    names = ("navigation", "heading", "list item", "caption by markup", "links", "named as furniture")
    values = (1, 1, 1, 1, 0.75, 1)
    for seen, name, value in zip(rest, names, values, strict=True):
        assert seen[name] == value
        assert {other for other in names if seen[other]} == {name}


def test_outside_the_article_only_where_there_is_one() -> None:
    assert column(see_markup((PROSE, {"article": True}), (MORE, {})), "outside the article") == [0, 1]
    assert column(see_markup((PROSE, {}), (MORE, {})), "outside the article") == [0, 0]


def test_a_quotation_by_markup_may_lack_its_mark() -> None:
    seen = see_markup((PROSE, {"tag": "blockquote"}), ("“I left,” she said.", {"tag": "blockquote"}), ("“We left.”", {}))
    assert column(seen, "quotation by markup") == [1, 1, 0]
    assert column(seen, "quotation by markup, no quotation mark") == [1, 0, 0]


def test_the_mark_of_a_long_quotation_is_that_of_its_block() -> None:
    text = "“" + "We packed our desks and took the night bus to the coast. " * 60
    spans = passages.split(text)
    blocks = [marked(text, 0, tag="blockquote")]
    rows = observations.observe(text, spans, [Evidence(0, 0, 0, 3, 9)] * len(spans), [{}] * len(spans), blocks)
    unmarked = OBSERVATIONS.index("quotation by markup, no quotation mark")
    assert len(rows) > 3
    assert [row[unmarked] for row in rows] == [0] * len(rows)


def test_a_furniture_name_says_nothing_where_most_of_the_article_has_one() -> None:
    name = "named as furniture, unlike most of the article"
    plain, named = (PROSE, {"article": True}), (MORE, {"article": True, "boilerplate_name": True})
    menu = ("Menu", {"boilerplate_name": True})
    assert column(see_markup(plain, plain, named, menu), name) == [0, 0, 1, 1]
    assert column(see_markup(plain, named, named, menu), name) == [0, 0, 0, 0]
    # What stands outside the article or in the navigation has no say in it.
    assert column(see_markup(plain, menu, menu), name) == [0, 1, 1]
    navigation = ("Menu", {"boilerplate_name": True, "navigation": True})
    assert column(see_markup((PROSE, {}), navigation, navigation), name) == [0, 1, 1]


def test_evidence_below_another_storys_counts_against_by_markup_inside_the_article() -> None:
    name = "topic below another story's, by markup inside the article"
    inside, outside = (PROSE, {"article": True}), (PROSE, {})
    assert column(see_markup(inside, inside, outside, topics=[2.0, STORY - 2, STORY - 2]), name) == pytest.approx([0, -2, 0])
    assert column(see_markup(outside, outside, topics=[2.0, STORY - 2]), name) == pytest.approx([0, -2])


# Any text

BLOCKS = st.tuples(st.sampled_from(["p", "li", "blockquote", "figcaption", "h2"]), st.floats(0, 1), *[st.booleans()] * 4)
LINES = st.lists(
    st.tuples(st.one_of(st.text(max_size=60), st.sampled_from(["Minsk tech", "raid", PROSE, '"Hi-Tech'])), BLOCKS), max_size=12
)


@given(LINES, st.booleans())
def test_every_passage_has_all_its_observations(
    lines: list[tuple[str, tuple[str, float, bool, bool, bool, bool]]], has_markup: bool
) -> None:
    blocks, start = [], 0
    for line, mark in lines:
        blocks.append(Block(start, start + len(line), *mark))
        start += len(line) + 1
    scorer = Scorer(TINY)
    made = page.read("\n".join(line for line, _ in lines), scorer, blocks if has_markup else ())
    rows = page.observe(made)
    assert len(rows) == len(made.spans)
    for row in rows:
        assert len(row) == len(OBSERVATIONS)
        assert all(map(math.isfinite, row))
        assert has_markup or not any(row[MARKUP:])
