"""`classify score`: a verdict for each document."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import msgspec

from classifier.cli import parser, work
from classifier.documents import Document, Failure
from classifier.topicfilter import TopicFilter, Verdict

HELP = "a verdict for each document (what `classify` does without a command)"
EXAMPLES = """examples:
  classify page.txt other.txt
  classify score --recall 0.99 scrape.jsonl > verdicts.jsonl
  curl -s https://example.org/feed.jsonl | classify score --field body -"""


class _Answer(msgspec.Struct):
    id: msgspec.Raw
    on_topic: bool
    probability: float
    decision: str
    model: str


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    parser.add_input(arguments)
    parser.add_output(arguments)


def run(args: argparse.Namespace) -> int:
    tally = work.Tally()
    show = _shower() if work.is_readable_output(args) else None
    for record in work.judge_all(args, judge, verdict, tally):
        if show is None:
            work.write(msgspec.json.encode(_encodable(record)) + b"\n")
        else:
            show(record)
    return tally.exit_code(args.exit_code)


def _shower() -> Callable[[work.Answered[Verdict] | Failure], None]:
    """Prints an answer for people; rich is imported only for them."""
    from classifier.cli import view

    console = view.console()

    def show(record: work.Answered[Verdict] | Failure) -> None:
        line = view.failure(record) if isinstance(record, Failure) else view.verdict(record.document, record.answer)
        console.print(line, soft_wrap=True)

    return show


def judge(topic: TopicFilter, document: Document) -> Verdict:
    return topic.score(document.text)


def verdict(answer: Verdict) -> Verdict:
    return answer


def _encodable(record: work.Answered[Verdict] | Failure) -> msgspec.Struct:
    if isinstance(record, Failure):
        return work.Error(msgspec.Raw(record.id), record.error)
    verdict = record.answer
    return _Answer(msgspec.Raw(record.document.id), verdict.on_topic, verdict.probability, verdict.decision, verdict.model)
