"""Reading, judging and answering, as `score`, `clean`, `filter` and `explain` share it."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

from classifier import documents, scoring
from classifier.cli.exit_codes import DATA, NO_INPUT, OFF_TOPIC, OK, ONLY_UNSURE, SOME_FAILED, USAGE
from classifier.documents import Document, Failure, Record
from classifier.errors import ClassifierError, InputError
from classifier.topicfilter import TopicFilter, Verdict

T = TypeVar("T")
Judge = Callable[[TopicFilter, Document], T]
"""What a command asks the filter about a document: a function of a module, so that a process can be told its name."""

CHUNK = 32
"""Documents handed to a process at once: enough to make the hand-over cheap, few enough to keep answers flowing."""


class Tally(msgspec.Struct):
    """What happened, for the exit code."""

    answered: int = 0
    failed: int = 0
    unreadable: int = 0
    decisions: Counter[str] = msgspec.field(default_factory=Counter)

    def exit_code(self, ask_decisions: bool) -> int:
        """66 if a file could not be opened; 65 if no record could be answered; 1 if some; else what was decided, if asked."""
        if self.unreadable:
            return NO_INPUT
        if self.failed:
            return SOME_FAILED if self.answered else DATA
        if not ask_decisions:
            return OK
        return OFF_TOPIC if self.decisions["drop"] else ONLY_UNSURE if self.decisions["unsure"] else OK


class Error(msgspec.Struct):
    """The answer to a record that is no document."""

    id: msgspec.Raw
    error: str


class Answered(msgspec.Struct, Generic[T], frozen=True):
    document: Document
    answer: T


def load_filter(args: argparse.Namespace) -> TopicFilter:
    """The filter that the options ask for.

    :raises SystemExit: with the code for usage, if the model was not measured at the recall that is asked for.
    """
    try:
        return TopicFilter.load(args.model, threshold=args.threshold, recall=args.recall)
    except InputError as error:
        print(f"classify: {error}", file=sys.stderr)
        raise SystemExit(USAGE) from error


def judge_all(args: argparse.Namespace, judge: Judge[T], verdict: Callable[[T], Verdict], tally: Tally) -> Iterator[Answered[T] | Failure]:
    """The answer to each record of the files, in order; failures are reported on standard error as they come."""
    topic = load_filter(args)
    remark = scoring.remark()
    if remark and not args.quiet:
        print(f"classify: {remark}", file=sys.stderr)
    for record in _answers(_progress(_records(args, tally), args.quiet), judge, topic, args.jobs):
        if isinstance(record, Failure):
            tally.failed += 1
            print(f"classify: {record.where}: {record.error}", file=sys.stderr)
        else:
            tally.answered += 1
            tally.decisions[verdict(record.answer).decision] += 1
            if not record.document.text.strip() and not args.quiet:
                print(f"classify: {record.document.where}: the text is empty; there is nothing to judge", file=sys.stderr)
        yield record


def is_readable_output(args: argparse.Namespace) -> bool:
    """Whether answers are for people: asked for, or by default on a terminal."""
    return bool(args.output == "text" or (args.output == "auto" and sys.stdout.isatty()))


def write(line: bytes) -> None:
    """Standard output, in bytes: records pass through as they came."""
    sys.stdout.buffer.write(line)


def _records(args: argparse.Namespace, tally: Tally) -> Iterator[Record]:
    for name in args.files or ["-"]:
        try:
            with _open(name) as stream:
                yield from documents.read(stream, name, args.input, args.field)
        except OSError as error:
            tally.unreadable += 1
            print(f"classify: {name}: cannot be read: {error.strerror or error}", file=sys.stderr)


def _open(name: str) -> contextlib.AbstractContextManager[BinaryIO]:
    return contextlib.nullcontext(sys.stdin.buffer) if name == "-" else open(name, "rb")


def _answers(records: Iterator[Record], judge: Judge[T], topic: TopicFilter, jobs: int) -> Iterator[Answered[T] | Failure]:
    if jobs == 1:
        yield from (_answer(record, judge, topic) for record in records)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, initializer=_start_process, initargs=(topic, judge)) as pool:
        waiting = deque(pool.submit(_answer_chunk, chunk) for chunk in islice(_chunks(records), 2 * jobs))
        for chunk in _chunks(records):
            yield from waiting.popleft().result()
            waiting.append(pool.submit(_answer_chunk, chunk))
        for done in waiting:
            yield from done.result()


def _answer(record: Record, judge: Judge[T], topic: TopicFilter) -> Answered[T] | Failure:
    return record if isinstance(record, Failure) else Answered(record, judge(topic, record))


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


_in_process: tuple[TopicFilter, Judge[Any]] | None = None


def _start_process(topic: TopicFilter, judge: Judge[Any]) -> None:
    global _in_process  # noqa: PLW0603 - what an initialiser leaves for its process has no other place
    _in_process = (topic, judge)


def _answer_chunk(chunk: list[Record]) -> list[Answered[Any] | Failure]:
    if _in_process is None:
        raise ClassifierError("a worker process was given work before its model")
    topic, judge = _in_process
    return [_answer(record, judge, topic) for record in chunk]


def _progress(records: Iterable[Record], quiet: bool) -> Iterator[Record]:
    """The records, counted on standard error where that is a terminal and standard output is not."""
    if quiet or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from records
        return
    from classifier.cli import view

    with view.progress() as bar:
        task = bar.add_task("", total=None)
        for record in records:
            yield record
            bar.advance(task)
