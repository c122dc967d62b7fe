"""`classify evaluate`: how good a model is on labelled documents."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from classifier.cli import parser, work
from classifier.errors import MissingExtraError

HELP = "judge a model on labelled documents"
EXAMPLES = """DATA is JSON Lines with `text` and `label` (1 on topic, 0 not); `lang` and `kind` make the rows of the tables;
a document with `"grade": "partial"` is left out.

examples:
  classify evaluate labelled.jsonl
  classify evaluate --model ./my-topic --output jsonl labelled.jsonl"""


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    arguments.add_argument("data", nargs="+", type=Path, metavar="DATA")
    parser.add_model(arguments)
    parser.add_output(arguments)


def run(args: argparse.Namespace) -> int:
    try:
        from training import evaluate
    except ImportError as error:
        raise MissingExtraError("train", error.name) from error
    topic = work.load_filter(args)
    report = evaluate.judge(topic, evaluate.load(args.data))
    if work.is_readable_output(args):
        print(evaluate.table(report, topic.model.full_name))
    else:
        work.write(msgspec.json.encode(report) + b"\n")
    return 0
