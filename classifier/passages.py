"""The passages of a text, and the decision over their sequence: which belong to the article, which were pasted in.

A passage is a line, or a window of sentences where a line is long. Each is observed (topic and furniture evidence, its
shape, its surroundings), and a linear-chain model decides over the page as a whole, as what stands next to a passage
says much about it: a quote with no topic word belongs to the article around it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from classifier.decision import log_odds, sigmoid
from classifier.model import PassageWeights
from classifier.scoring import Evidence

Reason = Literal["topic", "context", "off-topic", "furniture", "unsure"]

LONG_LINE = 1200
"""Characters beyond which a line is cut into windows of sentences: longer than nearly all newspaper paragraphs."""
WINDOW = 400
"""Characters a window of sentences grows to: about a paragraph."""

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'»”’)\]]*\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points, neither empty nor surrounded by white space."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a page's text, and what the page's markup says of it.

    start, end: half-open, in code points. tag: of the nearest element at block level. link_density: share of its characters in links
    and buttons, 0 to 1. navigation: in a menu, form, sidebar, or the page's own header or footer. article: in <article> or <main>.
    boilerplate_name: it or something around it is named as page furniture is.
    """

    start: int
    end: int
    tag: str
    link_density: float
    navigation: bool
    article: bool
    heading: bool
    boilerplate_name: bool


def blocks_of(spans: Sequence[Span], blocks: Sequence[Block]) -> list[Block | None]:
    """The block that each span lies in, None where it lies in none. Both are in order."""
    found: list[Block | None] = []
    place = 0
    for span in spans:
        while place < len(blocks) and blocks[place].end <= span.start:
            place += 1
        is_inside = place < len(blocks) and blocks[place].start <= span.start and span.end <= blocks[place].end
        found.append(blocks[place] if is_inside else None)
    return found


def split(text: str) -> list[Span]:
    """The passages of a text: in order, apart, together covering every character that is not white space."""
    spans: list[Span] = []
    for line in _LINE.finditer(text):
        span = _trim(text, line.start(), line.end())
        if span:
            spans += _windows(text, span) if span.end - span.start > LONG_LINE else [span]
    return spans


def _windows(text: str, line: Span) -> Iterator[Span]:
    """A long line as windows of whole sentences; where a sentence is itself too long, cut at a space if there is one."""
    start = line.start
    while line.end - start > WINDOW:
        latest = start + LONG_LINE
        ends = [m.end() for m in _SENTENCE_END.finditer(text, start, min(latest, line.end))]
        cut = next((end for end in ends if end - start >= WINDOW), None) or (ends[-1] if ends else None)
        if cut is None:
            if line.end <= latest:
                break
            space = max(text.rfind(" ", start, latest), text.rfind("\t", start, latest))
            cut = space + 1 if space > start else latest
        window = _trim(text, start, cut)
        if window:
            yield window
        start = cut
    rest = _trim(text, start, line.end)
    if rest:
        yield rest


def _trim(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return Span(start + left, start + right) if left < right else None


REACH = 0.35
"""Log-odds that a passage's topic evidence loses with each passage of distance."""
_LIMIT = 10.0
SHORT = 3.7
"""Logarithm of the length of a short passage: of fewer than 40 characters, as menus and captions are."""
BREAK = 3
"""Passages in a row that are no prose and so end a block of it."""
NEUTRAL = -0.75
"""Log-odds of a passage that says nothing of any topic; chosen on assembled and scraped pages (docs/training-notes.md)."""
_BULLET = re.compile(r"[•·▪►*–—-]\s|\d{1,2}[.)]\s")
_QUOTATION = re.compile("[\"'«„“”‘—–]")
_ENDS_SENTENCE = re.compile(r"[.!?…。:;][\"'»”’)\]]*\Z")
_BRACKETED = re.compile(r"\[.*\]|\(.*\)|>>.*|.*>>|→.*|.*→|».*")
_IMAGE_OR_LINK = re.compile(r"!?\[|https?://|www\.|©|\|")


def observe(
    text: str,
    spans: Sequence[Span],
    evidence: Sequence[Evidence],
    blocks: Sequence[Block] = (),  # noqa: ARG001 - no model has weights for them yet
) -> list[list[float]]:
    """What is seen of each passage: rows of numbers in the order of `model.OBSERVATIONS`, about -10..10 each.

    evidence: of each passage. blocks: of the text, where it comes from an HTML page.
    """
    topics = [_clip(e.passage) if e.known else 0.0 for e in evidence]
    furniture = [_clip(e.furniture) if e.known else 0.0 for e in evidence]
    lengths = [math.log(span.end - span.start + 1) for span in spans]
    before = _reach(topics)
    after = _reach(topics[::-1])[::-1]
    mass = math.log1p(sum(max(0.0, t) * (s.end - s.start) / 100 for t, s in zip(topics, spans, strict=True)))
    run = _best_run([t - NEUTRAL for t in topics])
    is_short = [length < SHORT for length in lengths]
    prose = [float(not short and f < 1) for short, f in zip(is_short, furniture, strict=True)]
    strongest, mean = _blocks(topics, prose)
    near = (_surroundings(topics, 1), _surroundings(topics, 5), _surroundings(furniture, 1), _surroundings(furniture, 5))
    rows = []
    for i, span in enumerate(spans):
        passage = text[span.start : span.end]
        ends_sentence = float(bool(_ENDS_SENTENCE.search(passage)))
        neighbours_short = all(is_short[max(0, i - 1) : i + 2])
        rows.append(
            [
                1.0,
                topics[i],
                max(0.0, topics[i]),
                max(0.0, topics[i] - NEUTRAL),
                float(i in run),
                math.log1p(max(run.start - i, 0)),
                math.log1p(max(i - run.stop + 1, 0)),
                prose[i],
                prose[i] * strongest[i],
                prose[i] * max(0.0, strongest[i]),
                prose[i] * mean[i],
                float(i in run) * furniture[i],
                float(i in run and is_short[i]),
                float(evidence[i].known == 0),
                furniture[i],
                max(0.0, furniture[i]),
                *(values[i] for values in near),
                before[i],
                after[i],
                min(before[i], after[i]),
                mass,
                lengths[i] - 4.0,
                float(is_short[i]),
                float(lengths[i] > 5.0),
                ends_sentence,
                ends_sentence * (lengths[i] > 4.4),
                float(bool(_BULLET.match(passage))),
                float(bool(_QUOTATION.match(passage))),
                _share(str.isdigit, passage),
                _share(str.isupper, passage),
                float(bool(_IMAGE_OR_LINK.search(passage))),
                float(bool(_BRACKETED.fullmatch(passage))),
                float(neighbours_short),
                float(i < 3),
                min(i / 40, 1.0),
            ]
        )
    return rows


def decode(observations: Sequence[Sequence[float]], weights: PassageWeights) -> list[float]:
    """The probability of each passage that it is kept, given the whole page: forward-backward over two states.

    The model is a linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): the log-potential of
    keeping a passage is weights . observations, of dropping it 0, and each pair of neighbours adds its transition.
    """
    scores = [sum(w * x for w, x in zip(weights.weights, row, strict=True)) for row in observations]
    drop_drop, drop_keep, keep_drop, keep_keep = weights.transitions
    forward = _sweep(scores, drop_drop, drop_keep, keep_drop, keep_keep)
    backward = _sweep(scores[::-1], drop_drop, keep_drop, drop_keep, keep_keep)[::-1]
    return [sigmoid(f + b - score) for f, b, score in zip(forward, backward, scores, strict=True)]


def _sweep(scores: Sequence[float], drop_drop: float, drop_keep: float, keep_drop: float, keep_keep: float) -> list[float]:
    """Log-odds of keep against drop at each passage, given it and all that came before it."""
    odds = [scores[0]] if scores else []
    for score in scores[1:]:
        to_keep = _log_add(drop_keep, odds[-1] + keep_keep)
        to_drop = _log_add(drop_drop, odds[-1] + keep_drop)
        odds.append(score + to_keep - to_drop)
    return odds


def reason(keep: bool, p: float, topic: float, furniture: float, ends_in_doubt: float = 1.0) -> Reason:
    """Why a passage was kept or dropped, in a word; `unsure` within a log-odds of the boundary."""
    if abs(log_odds(p)) < ends_in_doubt:
        return "unsure"
    if keep:
        return "topic" if topic > 0 else "context"
    return "furniture" if furniture > 0 else "off-topic"


def _log_add(a: float, b: float) -> float:
    high, low = (a, b) if a > b else (b, a)
    return high + math.log1p(math.exp(low - high))


def _clip(x: float) -> float:
    return max(-_LIMIT, min(_LIMIT, x))


def _reach(topics: Sequence[float]) -> list[float]:
    """The strongest topic evidence so far, fading with distance."""
    reach, out = 0.0, []
    for topic in topics:
        reach = max(topic, reach - REACH, 0.0)
        out.append(reach)
    return out


def _blocks(topics: Sequence[float], prose: Sequence[float]) -> tuple[list[float], list[float]]:
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
        for i in range(places[first], places[last] + 1):
            strongest[i], mean[i] = max(block) - NEUTRAL, sum(block) / len(block) - NEUTRAL
        first = last + 1
    return strongest, mean


def _best_run(gains: Sequence[float]) -> range:
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


def _surroundings(values: Sequence[float], radius: int) -> list[float]:
    """The mean of up to `radius` values on either side of each, itself left out."""
    totals = [0.0]
    for value in values:
        totals.append(totals[-1] + value)
    out = []
    for i, value in enumerate(values):
        first, last = max(0, i - radius), min(len(values), i + radius + 1)
        out.append((totals[last] - totals[first] - value) / (last - first - 1) if last - first > 1 else 0.0)
    return out


def _share(kind: Callable[[str], bool], passage: str) -> float:
    return sum(map(kind, passage)) / len(passage)
