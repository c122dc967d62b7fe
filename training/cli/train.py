"""`classify train`: a model for your own topic."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from classifier import store
from classifier.concepts import Lexicon
from classifier.errors import InputError, MissingExtraError

HELP = "make a model for your own topic from labelled texts"
EXAMPLES = """FILE is JSON Lines with a field `text` (`lang`, `kind` and `story` are used where given: items of one story are never
split between training and test), or a folder of .txt files.

examples:
  classify train --on wanted.jsonl --off unwanted.jsonl --out ./my-topic
  classify train --on wanted/ --off unwanted/ --concepts concepts.toml --out ./my-topic
  classify score --model ./my-topic page.txt"""


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    arguments.add_argument("--on", type=Path, action="append", required=True, metavar="FILE", help="on-topic texts; may be repeated")
    arguments.add_argument("--off", type=Path, action="append", required=True, metavar="FILE", help="off-topic texts; may be repeated")
    arguments.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the model goes; its name is the topic's")
    arguments.add_argument("--concepts", type=Path, metavar="TOML", help="facets of the topic: a table for each with its stems")
    arguments.add_argument("--exceptions", type=Path, metavar="TOML", help="explanations of what the audit finds (table [exceptions])")
    arguments.add_argument("--version", dest="model_version", default="1", metavar="V", help="the model's version (default: 1)")
    arguments.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default: 2); the result is the same for any number")
    arguments.add_argument("--quiet", action="store_true", help="only errors on standard error")


def run(args: argparse.Namespace) -> int:
    try:
        from training import audit, card, config, corpus, plots, results
        from training import run as training_run
    except ImportError as error:
        raise MissingExtraError("train", error.name) from error
    say = (lambda _: None) if args.quiet else _say
    facets = config.load_facets(args.concepts) if args.concepts else {}
    settings = config.Config(name=args.out.resolve().name, version=args.model_version, facets=facets, jobs=args.jobs)
    items, test = corpus.split(corpus.load_own(args.on, args.off))
    _check_size(items, settings.folds)
    passages = store.load(store.find()).passages
    made = training_run.train(items, test, settings, passages, say)
    exceptions = audit.load_exceptions(args.exceptions) if args.exceptions else {}
    say(audit.audit(items, test, made.checked.by_id, exceptions, Lexicon(facets)).render())
    nothing = results.Results(results.fingerprint(made.model))
    text = card.render(made.model, nothing, {item.id: card.opening(item.text) for item in items})
    digest = store.save(made.model, text, args.out, plots.draw(card.reports(made.model, nothing)))
    say(f"{args.out}: {made.model.full_name}, {len(made.model.features):,} features, digest {digest}")
    for listed in made.model.thresholds.for_recall:
        say(f"for a recall of {listed.recall:g}: threshold {listed.threshold:g} ({listed.low:g}-{listed.high:g})")
    return 0


def _check_size(items: list, folds: int) -> None:  # type: ignore[type-arg]
    for label, option in ((1, "--on"), (0, "--off")):
        stories = {item.story for item in items if item.label == label}
        if len(stories) < 2 * folds:
            raise InputError(f"{option}: expected at least {2 * folds} different texts to train on, found {len(stories)}; more is better")


def _say(message: str) -> None:
    print(f"classify: {message}", file=sys.stderr, flush=True)
