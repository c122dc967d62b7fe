"""What is seen of a page's passages before anything is decided: their evidence, their neighbours', their shape, the words they
share with the rest of the page, and what its markup says of them.

The numbers of a passage stand in the order of `model.OBSERVATIONS`, about -10 to 10 each; the passage model weighs them.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from classifier.model import MARKUP, OBSERVATIONS
from classifier.passages import Block, Span, blocks_of
from classifier.scoring import Evidence

REACH = 0.35
"""Log-odds that a passage's topic evidence loses with each passage of distance."""
LIMIT = 10.0
"""Margins are cut off here: beyond, they say no more."""
SHORT = 3.7
"""Logarithm of the length of a short passage: of fewer than 40 characters, as menus and captions are."""
BREAK = 3
"""Passages in a row that are no prose and so end a block of it."""
NEUTRAL = -0.75
"""Log-odds of a passage that says nothing of any topic; chosen on assembled and scraped pages (docs/training-notes.md)."""
STORY = -1.5
"""Log-odds about the middle of those of other stories' passages, below nearly all of an article's own."""
FEW_WORDS, FEW_IDF = 2.0, 8.0
"""What is added to a passage's words, and to the sum of their idf, before shares of them are taken: a share of few says little."""

_BULLET = re.compile(r"[•·▪►*–—-]\s|\d{1,2}[.)]\s")
QUOTATION = re.compile("[\"'«„“”‘—–]")
_ENDS_SENTENCE = re.compile(r"[.!?…。:;][\"'»”’)\]]*\Z")
_BRACKETED = re.compile(r"\[.*\]|\(.*\)|>>.*|.*>>|→.*|.*→|».*")
_LABEL = re.compile(r"[^.:!?]{2,25}:(?:\s|\Z)")
_IMAGE_OR_LINK = re.compile(r"!?\[|https?://|www\.|©|\|")

Rows = list[list[float]]


def observe(
    text: str,
    spans: Sequence[Span],
    evidence: Sequence[Evidence],
    vocabularies: Sequence[Mapping[Hashable, float]],
    blocks: Sequence[Block] = (),
) -> Rows:
    """What is seen of each passage, a row each.

    evidence, vocabularies: of each passage (see `Reading.vocabulary`). blocks: of the text, where it comes from an HTML page.
    """
    topics = [clip(e.passage) if e.known else 0.0 for e in evidence]
    furniture = [clip(e.furniture) if e.known else 0.0 for e in evidence]
    lengths = [math.log(span.end - span.start + 1) for span in spans]
    prose = [length >= SHORT and f < 1 for length, f in zip(lengths, furniture, strict=True)]
    run = best_run([t - NEUTRAL for t in topics])
    parts = (
        _of_evidence(spans, evidence, topics, furniture, prose, run),
        _of_shape(text, spans, lengths, prose),
        _of_words(vocabularies, prose, run),
        _of_markup(text, blocks_of(spans, blocks), topics),
    )
    return [[number for part in row for number in part] for row in zip(*parts, strict=True)]


def _of_evidence(
    spans: Sequence[Span],
    evidence: Sequence[Evidence],
    topics: Sequence[float],
    furniture: Sequence[float],
    prose: Sequence[bool],
    run: range,
) -> Rows:
    before = _reach(topics)
    after = _reach(topics[::-1])[::-1]
    mass = math.log1p(sum(max(0.0, t) * (s.end - s.start) / 100 for t, s in zip(topics, spans, strict=True)))
    strongest, mean = _blocks(topics, prose)
    near = (_surroundings(topics, 1), _surroundings(topics, 5), _surroundings(furniture, 1), _surroundings(furniture, 5))
    return [
        [
            1.0,
            topics[i],
            max(0.0, topics[i]),
            max(0.0, topics[i] - NEUTRAL),
            float(i in run),
            math.log1p(max(run.start - i, 0)),
            math.log1p(max(i - run.stop + 1, 0)),
            float(prose[i]),
            prose[i] * strongest[i],
            prose[i] * max(0.0, strongest[i]),
            prose[i] * mean[i],
            (i in run) * furniture[i],
            float(evidence[i].known == 0),
            furniture[i],
            max(0.0, furniture[i]),
            max(0.0, furniture[i] - 2.0),
            *(values[i] for values in near),
            before[i],
            after[i],
            min(before[i], after[i]),
            mass,
            float(i in run and spans[i].end - spans[i].start + 1 < math.exp(SHORT)),
            (i in run) * min(0.0, topics[i] - STORY),
        ]
        for i in range(len(spans))
    ]


def _of_shape(text: str, spans: Sequence[Span], lengths: Sequence[float], prose: Sequence[bool]) -> Rows:
    rows = []
    ends = [bool(_ENDS_SENTENCE.search(text, span.start, span.end)) for span in spans]
    for i, span in enumerate(spans):
        passage = text[span.start : span.end]
        ends_sentence = ends[i]
        rows.append(
            [
                lengths[i] - 4.0,
                float(lengths[i] < SHORT),
                float(lengths[i] > 5.0),
                float(ends_sentence),
                float(ends_sentence and lengths[i] > 4.4),
                float(bool(_BULLET.match(passage))),
                float(bool(QUOTATION.match(passage))),
                _share(str.isdigit, passage),
                _share(str.isupper, passage),
                float(bool(_IMAGE_OR_LINK.search(passage))),
                float(bool(_BRACKETED.fullmatch(passage))),
                float(bool(_LABEL.match(passage))),
                float(0 < i < len(spans) - 1 and ends[i - 1] and ends[i + 1] and not ends_sentence),
                float(prose[i] and not any(prose[max(0, i - BREAK) : i])),
                float(all(length < SHORT for length in lengths[max(0, i - 1) : i + 2])),
                float(i < 3),
                min(i / 40, 1.0),
            ]
        )
    return rows


def _of_words(vocabularies: Sequence[Mapping[Hashable, float]], prose: Sequence[bool], run: range) -> Rows:
    """What share of a passage's words, and of their idf, is met elsewhere: an article goes on about the same people and
    things, in one language (lexical cohesion; Hearst, "TextTiling", 1997)."""
    inside, outside = Counter[Hashable](), Counter[Hashable]()
    for i, vocabulary in enumerate(vocabularies):
        (inside if i in run else outside).update(vocabulary.keys())
    places = [i for i, is_prose in enumerate(prose) if is_prose]
    rows = []
    for i, vocabulary in enumerate(vocabularies):
        here, there = (1, 0) if i in run else (0, 1)
        in_run = [word for word in vocabulary if inside[word] > here]
        out_of_run = [word for word in vocabulary if outside[word] > there]
        place = bisect_left(places, i)
        behind = bisect_left(places, i + 1)
        before = _words_of(vocabularies, places[max(0, place - 2) : place])
        after = _words_of(vocabularies, places[behind : behind + 2])
        again = _share_of_idf(in_run, vocabulary)
        rows.append(
            [
                again,
                _share_of_idf(out_of_run, vocabulary),
                len(in_run) / (len(vocabulary) + FEW_WORDS),
                len(out_of_run) / (len(vocabulary) + FEW_WORDS),
                here * again,
                prose[i] * again,
                _share_of_idf([word for word in vocabulary if word in before], vocabulary),
                _share_of_idf([word for word in vocabulary if word in after], vocabulary),
            ]
        )
    return rows


def _words_of(vocabularies: Sequence[Mapping[Hashable, float]], places: Iterable[int]) -> set[Hashable]:
    return {word for place in places for word in vocabularies[place]}


def _share_of_idf(some: Iterable[Hashable], vocabulary: Mapping[Hashable, float]) -> float:
    return sum(vocabulary[word] for word in some) / (sum(vocabulary.values()) + FEW_IDF)


def _of_markup(text: str, blocks: Sequence[Block | None], topics: Sequence[float]) -> Rows:
    """All 0 of a text without markup."""
    has_article = any(block.article for block in blocks if block)
    is_quoted = [bool(block and QUOTATION.match(text, block.start)) for block in blocks]
    inside = [block for block in blocks if block and not block.navigation and (block.article or not has_article)]
    misnamed = 2 * sum(block.boilerplate_name for block in inside) > len(inside)
    return [
        [
            float(block.article),
            block.link_density,
            float(block.navigation),
            float(has_article and not block.article),
            float(block.heading),
            float(block.boilerplate_name),
            float(block.tag == "li"),
            float(block.tag == "blockquote"),
            float(block.tag == "blockquote" and not quoted),
            float(block.tag == "figcaption"),
            min(0.0, topic - STORY) * (block.article or not has_article),
            float(block.boilerplate_name and not misnamed),
        ]
        if block
        else [0.0] * (len(OBSERVATIONS) - MARKUP)
        for block, topic, quoted in zip(blocks, topics, is_quoted, strict=True)
    ]


def clip(x: float) -> float:
    """x, or the nearer LIMIT if it lies beyond."""
    return max(-LIMIT, min(LIMIT, x))


def best_run(gains: Sequence[float]) -> range:
    """The run of passages with the greatest sum of gains, found in one pass (Kadane's algorithm; Bentley 1984)."""
    best = total = 0.0
    start, run = 0, range(0)
    for i, gain in enumerate(gains):
        total += gain
        if total <= 0:
            total, start = 0.0, i + 1
        elif total > best:
            best, run = total, range(start, i + 1)
    return run


def _reach(topics: Sequence[float]) -> list[float]:
    """The strongest topic evidence so far, fading with distance."""
    reach, out = 0.0, []
    for topic in topics:
        reach = max(topic, reach - REACH, 0.0)
        out.append(reach)
    return out


def _blocks(topics: Sequence[float], prose: Sequence[bool]) -> tuple[list[float], list[float]]:
    """Of the block of prose that each passage is in: its strongest and its mean topic evidence over its prose.

    A block ends where BREAK passages in a row are no prose; fewer are promos and captions inside an article.
    """
    strongest, mean = [0.0] * len(topics), [0.0] * len(topics)
    first = 0
    places = [i for i, is_prose in enumerate(prose) if is_prose]
    while first < len(places):
        last = first
        while last + 1 < len(places) and places[last + 1] - places[last] <= BREAK:
            last += 1
        block = [topics[i] for i in places[first : last + 1]]
        width = places[last] + 1 - places[first]
        strongest[places[first] : places[last] + 1] = [max(block) - NEUTRAL] * width
        mean[places[first] : places[last] + 1] = [sum(block) / len(block) - NEUTRAL] * width
        first = last + 1
    return strongest, mean


def _surroundings(values: Sequence[float], radius: int) -> list[float]:
    """The mean of `radius` values on either side of each, itself left out; beyond the page they are 0."""
    totals = [0.0]
    for value in values:
        totals.append(totals[-1] + value)
    out = []
    for i, value in enumerate(values):
        first, last = max(0, i - radius), min(len(values), i + radius + 1)
        out.append((totals[last] - totals[first] - value) / (2 * radius))
    return out


def _share(kind: Callable[[str], bool], passage: str) -> float:
    return sum(map(kind, passage)) / len(passage)
