"""`python -m training` makes the shipped model; its sub-commands do what else the corpus and the model need."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib

from classifier import store
from classifier.errors import ClassifierError
from training import card, characters, config, corpus, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    make = commands.add_parser("model", help="make the shipped model from the corpus (what happens without a command)")
    for target in (parser, make):
        target.add_argument("--data", type=Path, default=config.DATA, metavar="FOLDER", help="the corpus: *.jsonl and concepts.toml")
        target.add_argument("--out", type=Path, default=config.MODELS / store.DEFAULT_MODEL, metavar="FOLDER", help="where the model goes")
        target.add_argument("--pipeline-out", type=Path, metavar="FILE", help="also write the fitted scikit-learn pipeline, with joblib")
    commands.add_parser("characters", help="make classifier/characters.bin from this Python's Unicode data")
    args = parser.parse_args(argv)
    try:
        return _make_characters() if args.command == "characters" else _make_model(args)
    except ClassifierError as error:
        print(f"training: {error}", file=sys.stderr)
        return 65


def _make_model(args: argparse.Namespace) -> int:
    items = corpus.load(args.data)
    _say(f"{len(items):,} items in {args.data}")
    result = run.train(items, config.shipped(args.data), say=_say)
    digest = store.save(result.model, card.render(result.model), args.out)
    _say(f"{args.out}: {len(result.model.features):,} features, digest {digest}")
    if args.pipeline_out:
        joblib.dump(result.fitted.topic, args.pipeline_out)
        _say(f"{args.pipeline_out}: the scikit-learn pipeline")
    return 0


def _make_characters() -> int:
    path = Path(store.__file__).parent / "characters.bin"
    path.write_bytes(characters.build())
    _say(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
