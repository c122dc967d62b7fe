"""`classify clean`: each text without its off-topic passages."""

from __future__ import annotations

import argparse
import sys

import msgspec

from classifier.cli import parser, work
from classifier.cli.exit_codes import USAGE
from classifier.documents import Document, Failure
from classifier.topicfilter import Cleaned, TopicFilter, Verdict

HELP = "the text with its off-topic passages cut out"
EXAMPLES = """examples:
  classify clean page.txt
  classify clean --output text page.html
  classify clean --show page.txt
  classify clean --output text pages/*.txt > articles.txt
  classify clean scrape.jsonl > cleaned.jsonl"""


class _Passage(msgspec.Struct):
    start: int
    end: int
    keep: bool
    probability: float
    reason: str


class _Answer(msgspec.Struct):
    id: msgspec.Raw
    on_topic: bool
    probability: float
    decision: str
    model: str
    text: str
    passages: list[_Passage]
    extracted: str | msgspec.UnsetType = msgspec.UNSET


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    parser.add_input(arguments)
    parser.add_output(arguments)
    arguments.add_argument(
        "--show",
        action="store_true",
        help="readable output of the whole text, what is dropped struck through; without a terminal or with NO_COLOR, "
        "'- ' stands before each dropped line and two spaces before each kept one",
    )


def run(args: argparse.Namespace) -> int:
    if args.show and args.output == "jsonl":
        print("classify clean: --show: expected readable output, found --output jsonl", file=sys.stderr)
        return USAGE
    tally = work.Tally()
    readable = args.show or work.is_readable_output(args)
    for record in work.judge_all(args, _judge, _verdict, tally):
        if not readable:
            work.write(msgspec.json.encode(_encodable(record)) + b"\n")
        elif not isinstance(record, Failure):
            _show(record, with_heading=len(args.files) > 1 or bool(record.document.raw), whole=args.show, quiet=args.quiet)
    return tally.exit_code(args.exit_code)


def _judge(topic: TopicFilter, document: Document) -> Cleaned:
    return topic.clean(document.text, document.blocks)


def _verdict(answer: Cleaned) -> Verdict:
    return answer.verdict


def _show(record: work.Answered[Cleaned], *, with_heading: bool, whole: bool, quiet: bool) -> None:
    """The kept text, or the whole, on standard output; what was decided, in a line, on standard error."""
    if with_heading:
        work.write(b"==> " + record.document.where.encode() + b" <==\n")
    if whole:
        _show_page(record)
    else:
        kept = record.answer.text
        work.write(kept.encode() + (b"" if kept.endswith("\n") or not kept else b"\n"))
    sys.stdout.flush()
    if not quiet:
        from classifier.cli import view

        view.console(stderr=True).print(view.tally(record.document, record.answer), soft_wrap=True)


def _show_page(record: work.Answered[Cleaned]) -> None:
    """Every passage where it stands; rich is imported only for this and for the tally."""
    from classifier.cli import view

    console = view.console()
    for line in view.page(record.document.text, record.answer.passages, styled=view.has_styles(console)):
        console.print(line, soft_wrap=True)


def _encodable(record: work.Answered[Cleaned] | Failure) -> msgspec.Struct:
    if isinstance(record, Failure):
        return work.Error(msgspec.Raw(record.id), record.error)
    cleaned, verdict = record.answer, record.answer.verdict
    passages = [_Passage(p.start, p.end, p.keep, p.probability, p.reason) for p in cleaned.passages]
    identity = msgspec.Raw(record.document.id)
    extracted = msgspec.UNSET if cleaned.extracted is None else cleaned.extracted
    return _Answer(identity, verdict.on_topic, verdict.probability, verdict.decision, verdict.model, cleaned.text, passages, extracted)
