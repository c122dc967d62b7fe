"""`classify explain`: what drove the verdict on each document."""

from __future__ import annotations

import argparse

import msgspec

from classifier.cli import parser, work
from classifier.documents import Document, Failure
from classifier.scoring import FeatureShare, TokenShare
from classifier.topicfilter import Explanation, PassageShare, TopicFilter, Verdict

HELP = "which words and passages drove the verdict"
EXAMPLES = """A share is what a word, a feature or a passage adds to the margin, above 0 for the topic. The bias and the shares of the
words add up to the margin, and so do the bias and those of the features, or of the passages. The verdict is that of `score`, on the
text as it is; keep and drop beside a passage are those of `clean`, which looks for an article on the page: a headline among menus
is none.

examples:
  classify explain page.txt
  classify explain --output text --top 20 page.txt
  classify explain scrape.jsonl > shares.jsonl"""


class _Answer(msgspec.Struct):
    id: msgspec.Raw
    on_topic: bool
    probability: float
    decision: str
    model: str
    threshold: float
    margin: float
    bias: float
    tokens: tuple[TokenShare, ...]
    features: tuple[FeatureShare, ...]
    passages: tuple[PassageShare, ...]
    extracted: str | msgspec.UnsetType = msgspec.UNSET


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    parser.add_input(arguments)
    parser.add_output(arguments)
    arguments.add_argument(
        "--top", type=parser.positive, default=10, metavar="N", help="readable output: N words for the topic, N against (default: 10)"
    )


def run(args: argparse.Namespace) -> int:
    tally = work.Tally()
    readable = work.is_readable_output(args)
    for record in work.judge_all(args, _judge, _verdict, tally):
        if readable:
            _show(record, args.top)
        else:
            work.write(msgspec.json.encode(_encodable(record)) + b"\n")
    return tally.exit_code(args.exit_code)


def _judge(topic: TopicFilter, document: Document) -> Explanation:
    return topic.explain(document.text, document.blocks)


def _verdict(answer: Explanation) -> Verdict:
    return answer.verdict


def _show(record: work.Answered[Explanation] | Failure, top: int) -> None:
    """Prints an answer for people; rich is imported only for them."""
    from classifier.cli import view

    console = view.console()
    lines = [view.failure(record)] if isinstance(record, Failure) else view.explanation(record.document, record.answer, top)
    for line in lines:
        console.print(line, soft_wrap=True)


def _encodable(record: work.Answered[Explanation] | Failure) -> msgspec.Struct:
    if isinstance(record, Failure):
        return work.Error(msgspec.Raw(record.id), record.error)
    found, verdict = record.answer, record.answer.verdict
    return _Answer(
        msgspec.Raw(record.document.id),
        verdict.on_topic,
        verdict.probability,
        verdict.decision,
        verdict.model,
        verdict.threshold,
        found.margin,
        found.bias,
        found.tokens,
        found.features,
        found.passages,
        msgspec.UNSET if found.extracted is None else found.extracted,
    )
