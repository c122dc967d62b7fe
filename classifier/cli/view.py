"""How answers look to a person: one line each, in colour where the terminal has it (NO_COLOR is honoured)."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from classifier.documents import Document, Failure
from classifier.topicfilter import Cleaned, Verdict

COLOURS = {"keep": "green", "unsure": "yellow", "drop": "red"}


def console(*, stderr: bool = False) -> Console:
    """A console that writes plain text where it is not a terminal."""
    return Console(stderr=stderr, highlight=False, markup=False)


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
