"""`classify filter`: the on-topic records of JSON Lines, byte for byte."""

from __future__ import annotations

import argparse

from classifier.cli import parser, score, work
from classifier.documents import Failure

HELP = "JSON Lines in, only the on-topic records out, otherwise unchanged"
EXAMPLES = """Records that are kept or unsure pass; --strict lets only those pass that are surely kept.

examples:
  classify filter < scrape.jsonl > on-topic.jsonl
  classify filter --strict --field body --jobs 2 *.jsonl > on-topic.jsonl"""


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    parser.add_input(arguments)
    arguments.set_defaults(input="jsonl")
    arguments.add_argument("--strict", action="store_true", help="pass only records whose decision is keep, not those that are unsure")


def run(args: argparse.Namespace) -> int:
    args.input = "jsonl"
    tally = work.Tally()
    passing = {"keep"} if args.strict else {"keep", "unsure"}
    for record in work.judge_all(args, score.judge, score.verdict, tally):
        if not isinstance(record, Failure) and record.answer.decision in passing:
            work.write(record.document.raw if record.document.raw.endswith(b"\n") else record.document.raw + b"\n")
    return tally.exit_code(args.exit_code)
