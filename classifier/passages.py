"""The passages of a text: a line each, or a window of sentences where a line is long. `page` decides which of them are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

LONG_LINE = 1200
"""Characters beyond which a line is cut into windows of sentences: longer than nearly all newspaper paragraphs."""
WINDOW = 100
"""Characters a window of sentences grows to: a sentence or two. Pages without line breaks are cut the better the less it is, down to
single sentences, of which too little is known (docs/training-notes.md)."""

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'»”’)\]]*\s+")


class Span(msgspec.Struct, frozen=True):
    """A half-open range of code points, neither empty nor surrounded by white space."""

    start: int
    end: int


class Block(msgspec.Struct, frozen=True):
    """A line of a page's text, and what the page's markup says of it.

    start, end: half-open, in code points. tag: of the quotation, caption or list entry it stands in, else of the nearest element
    at block level. link_density: share of its characters in links and buttons, 0 to 1. navigation: in a menu, form, sidebar, or
    the page's own header or footer. article: in <article> or <main>. boilerplate_name: it or something around it is named as page
    furniture is.
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
