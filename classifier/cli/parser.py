"""The argument parser and the help texts that all sub-commands share."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from classifier.cli.exit_codes import USAGE
from classifier.documents import KINDS

DESCRIPTION = """usage: classify [COMMAND] [OPTION ...] [FILE ... | -]

Keeps a news scrape on topic: tells on-topic text from off-topic spillover, and cuts the spillover out."""

EPILOG = """`classify COMMAND --help` tells a command's options. Without a command, `score`.

examples:
  classify page.txt                                  is the page on topic?
  classify clean page.txt                            the page without its spillover
  classify filter < scrape.jsonl > on-topic.jsonl    keep the on-topic records
  classify explain page.txt                          which words and passages drove the verdict
  classify serve --port 8080                         the same over HTTP

exit codes: 0 ran, 1 some records failed, 64 usage, 65 bad data or model, 66 no such file or model, 69 unavailable,
74 output that cannot be written"""


class Parser(argparse.ArgumentParser):
    """argparse with sysexits' code for usage errors, and help texts laid out as written."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog, description=description, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def add_input(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reads documents."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="what to read; standard input if none, or for -")
    parser.add_argument(
        "--input", choices=KINDS, default="auto", help="a text or HTML file is one document, JSON Lines one a line (default: auto)"
    )
    parser.add_argument("--field", default="text", metavar="NAME", help="the field of a JSON record that holds its text (default: text)")
    parser.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes to use (default: 1)")
    parser.add_argument("--quiet", action="store_true", help="no progress and no remarks on standard error, only errors")
    parser.add_argument("--exit-code", action="store_true", help="exit with 10 if some are off topic, 11 if none are but some unsure")
    add_model(parser)


def add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        choices=("auto", "text", "jsonl"),
        default="auto",
        help="auto: readable on a terminal, JSON Lines elsewhere (default: auto)",
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME|PATH", help="a shipped model or the folder of any (default: belarus-tech-migration)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--threshold", type=_probability, metavar="P", help="the least probability of an on-topic text, 0 to 1")
    where.add_argument(
        "--recall", type=_probability, metavar="R", help="the threshold that kept this share of on-topic texts in validation"
    )


def _probability(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 0 to 1")
    return number


def positive(text: str) -> int:
    """A whole number from 1, as an argument's type."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1024):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1 to 1024")
    return int(text)
