"""`classify score`: a verdict for each document."""

from __future__ import annotations

import argparse

import msgspec

from classifier.cli import parser, view, work
from classifier.documents import Failure
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
    readable = work.is_readable_output(args)
    console = view.console() if readable else None
    for record in work.judge_all(args, judge, verdict, tally):
        if console is not None:
            console.print(
                view.failure(record) if isinstance(record, Failure) else view.verdict(record.document, record.answer), soft_wrap=True
            )
        else:
            work.write(msgspec.json.encode(_encodable(record)) + b"\n")
    return tally.exit_code(args.exit_code)


def judge(topic: TopicFilter, text: str) -> Verdict:
    return topic.score(text)


def verdict(answer: Verdict) -> Verdict:
    return answer


def _encodable(record: work.Answered[Verdict] | Failure) -> msgspec.Struct:
    if isinstance(record, Failure):
        return work.Error(msgspec.Raw(record.id), record.error)
    verdict = record.answer
    return _Answer(msgspec.Raw(record.document.id), verdict.on_topic, verdict.probability, verdict.decision, verdict.model)
