"""How answers look to a person: lines of text, in colour where the terminal has it (NO_COLOR is honoured)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import accumulate, groupby
from operator import attrgetter

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from classifier.documents import Document, Failure
from classifier.topicfilter import Cleaned, Explanation, Passage, PassageShare, Verdict

COLOURS = {"keep": "green", "unsure": "yellow", "drop": "red"}
DROPPED = "dim strike"
"""How a dropped passage looks."""
MARKS = {True: "  ", False: "- "}
"""What stands before a kept line and before a dropped one where there are no styles, as in a diff."""
SHOWN = 80
"""Characters shown of a passage."""
DRIVING = 0.1
"""A word is coloured if its share is at least this part of the strongest word's."""


def console(*, stderr: bool = False) -> Console:
    """A console that writes plain text where it is not a terminal; a character that standard output cannot encode becomes `?`."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(stderr=stderr, highlight=False, markup=False)


def has_styles(target: Console) -> bool:
    """Whether styles reach the reader: a terminal that is not dumb, and no NO_COLOR."""
    return target.color_system is not None and not target.no_color


def verdict(document: Document, found: Verdict) -> Text:
    """`keep    0.974  page.txt`"""
    return Text.assemble(_decision(found), f"  {found.probability:.3f}  {document.where}")


def tally(document: Document, cleaned: Cleaned) -> Text:
    """`keep    0.974  page.txt: kept 812 of 2,034 characters in 7 of 21 passages`"""
    kept = [passage for passage in cleaned.passages if passage.keep]
    n_kept = sum(passage.end - passage.start for passage in kept)
    n_all = sum(passage.end - passage.start for passage in cleaned.passages)
    counts = f": kept {n_kept:,} of {n_all:,} characters in {len(kept)} of {len(cleaned.passages)} passages"
    return verdict(document, cleaned.verdict).append(counts)


def explanation(document: Document, found: Explanation, top: int) -> Iterator[Text]:
    """The verdict; the `top` words that spoke most for the topic and against it; each passage with its driving words coloured.

    keep    0.974  page.txt: margin +2.41, of which bias -1.20
    for      Minsk +0.61, programmers +0.42
    against  raid -0.31
    keep   +2.10  topic      0.981  Minsk programmers find a second home in Vilnius
    """
    yield verdict(document, found.verdict).append(f": margin {found.margin:+.2f}, of which bias {found.bias:+.2f}")
    words: dict[str, float] = {}
    for token in found.tokens:
        word = _printable(document.text[token.start : token.end])
        words[word] = words.get(word, 0.0) + token.share
    ranked = sorted(words.items(), key=lambda pair: -pair[1])
    yield _ranking("for      ", [(word, share) for word, share in ranked if share > 0][:top])
    yield _ranking("against  ", [(word, share) for word, share in reversed(ranked) if share < 0][:top])
    least = DRIVING * max((abs(token.share) for token in found.tokens), default=0)
    driving = [(token.start, token.end, _colour(token.share)) for token in found.tokens if abs(token.share) >= least]
    yield from (_passage(document.text, passage, driving) for passage in found.passages)


def page(text: str, passages: Sequence[Passage], *, styled: bool) -> Iterator[Text]:
    """Every line of a text, its dropped passages struck through and dimmed.

    styled: if not, a mark stands before each line instead; a line is broken where its passages part ways.
    """
    start = place = 0
    for end in accumulate(map(len, text.splitlines(keepends=True))):
        first = place
        while place < len(passages) and passages[place].end <= end:
            place += 1
        inside = passages[first:place]
        if styled or not inside:
            yield _struck(text, start, end, inside)
        else:
            yield from _marked(text, start, inside)
        start = end


def failure(failed: Failure) -> Text:
    """`error          page.txt: expected UTF-8, found ...`"""
    return Text.assemble(("error ", "bold red"), f"         {failed.where}: {failed.error}")


class _Rate(ProgressColumn):
    """Documents a second, once there have been some."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


def progress() -> Progress:
    """A count of documents on standard error, gone when it ends; standard output is left alone."""
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} documents"), _Rate(), TimeElapsedColumn())
    return Progress(*columns, console=console(stderr=True), transient=True, redirect_stdout=False)


def _decision(found: Verdict) -> tuple[str, str]:
    return f"{found.decision:<6}", COLOURS[found.decision]


def _ranking(heading: str, words: list[tuple[str, float]]) -> Text:
    shown = Text(", ").join(Text.assemble((word, _colour(share)), f" {share:+.2f}") for word, share in words)
    return Text(heading).append(shown if words else Text("no word"))


def _passage(text: str, passage: PassageShare, driving: list[tuple[int, int, str]]) -> Text:
    end = min(passage.end, passage.start + SHOWN)
    shown = Text(_printable(text[passage.start : end]))
    for first, last, colour in driving:
        if passage.start <= first < end:
            shown.stylize(colour, first - passage.start, last - passage.start)
    word = "keep" if passage.keep else "drop"
    line = Text.assemble((f"{word}  ", COLOURS[word]), f"{passage.share:+z7.2f}  {passage.reason:<9}  {passage.probability:.3f}  ")
    return line.append(shown).append(" ..." if end < passage.end else "")


def _struck(text: str, start: int, end: int, inside: Sequence[Passage]) -> Text:
    """The line from `start` to `end`, in which these passages lie."""
    shown = Text(_printable_with_tabs(text[start:end]).rstrip())
    for passage in inside:
        if not passage.keep:
            shown.stylize(DROPPED, passage.start - start, passage.end - start)
    return shown


def _marked(text: str, start: int, inside: Sequence[Passage]) -> Iterator[Text]:
    """The line from `start`, indented as it was, and a line more each time that a kept passage follows a dropped one or the reverse."""
    runs = [list(run) for _, run in groupby(inside, key=attrgetter("keep"))]
    starts = [start, *(run[0].start for run in runs[1:])]
    for begin, run in zip(starts, runs, strict=True):
        yield Text(MARKS[run[0].keep] + _printable_with_tabs(text[begin : run[-1].end]))


def _printable_with_tabs(line: str) -> str:
    return "\t".join(map(_printable, line.split("\t")))


def _printable(text: str) -> str:
    """The text on one line, as long as it was, with nothing in it that a terminal obeys; what is invisible becomes a dot."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "·" for c in text)


def _colour(share: float) -> str:
    return "green" if share > 0 else "red"
