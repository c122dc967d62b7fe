"""`python -m training` makes the shipped model; its sub-commands do what else the corpus and the model need."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import joblib

from classifier import store
from classifier.concepts import Lexicon
from classifier.errors import ClassifierError
from classifier.topicfilter import TopicFilter
from training import audit, baselines, card, characters, config, corpus, evaluate, fit, gate, page_baselines, publish, results, run
from training.evaluate import LabelledPage

EXCEPTIONS = "audit-exceptions.toml"


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        work: Callable[[argparse.Namespace], int] = args.work
        return work(args)
    except ClassifierError as error:
        print(f"training: {error}", file=sys.stderr)
        return 65


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.set_defaults(work=_model)
    commands = parser.add_subparsers(metavar="COMMAND")

    def add(name: str, work: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(work=work)
        return command

    for target in (parser, add("model", _model, "make the shipped model from the corpus (what happens without a command)")):
        target.add_argument("--data", type=Path, default=config.DATA, metavar="FOLDER", help="the corpus: *.jsonl and concepts.toml")
        target.add_argument("--out", type=Path, default=config.MODELS / store.DEFAULT_MODEL, metavar="FOLDER", help="where the model goes")
        target.add_argument("--pipeline-out", type=Path, metavar="FILE", help="also write the fitted scikit-learn pipeline, with joblib")
    add("audit", _audit, "look for duplicates, templates, giveaway words and doubted labels in the corpus; 1 if any is unexplained")
    judged = add("record", _record, "record the shipped model's figures on data outside the project, for its card")
    judged.add_argument("folder", type=Path, metavar="FOLDER", help=f"with {', '.join((*results.DOCUMENTS, *results.PAGES))}")
    compared = add("baselines", _baselines, "train simpler systems on the same corpus, compare, and record the table for the card")
    compared.add_argument("data", nargs="*", type=Path, metavar="FILE", help="labelled documents to judge on, beside the frozen test part")
    compared.add_argument("--pages", type=Path, metavar="FOLDER", help=f"with {', '.join(results.PAGES)}, to cut beside the frozen pages")
    floors = add("gate", _gate, "compare the shipped model with the recorded floors; 1 if it is worse")
    floors.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="data outside the project, as for record")
    floors.add_argument("--record", action="store_true", help="record the figures as the new floors")
    floors.add_argument("--lower", action="store_true", help="let --record lower a floor")
    add("characters", _characters, "make classifier/characters.bin from this Python's Unicode data")
    return parser


def _model(args: argparse.Namespace) -> int:
    items = corpus.load(args.data)
    _say(f"{len(items):,} items in {args.data}")
    settings = config.shipped(args.data)
    made = run.train(items, corpus.load(config.TEST), settings, say=_say)
    digest = publish.save(made.model, items, args.out)
    _say(f"{args.out}: {len(made.model.features):,} features, digest {digest}")
    if args.pipeline_out:
        topic, *_ = fit.pipelines(made.checked.fitted, settings)
        joblib.dump(topic, args.pipeline_out)
        _say(f"{args.pipeline_out}: the scikit-learn pipeline")
    return 0


def _audit(_: argparse.Namespace) -> int:
    items, test = corpus.load(config.DATA), corpus.load(config.TEST)
    settings = config.shipped()
    exceptions = audit.load_exceptions(config.DATA / EXCEPTIONS)
    report = audit.audit(items, test, run.check(items, settings).by_id, exceptions, Lexicon(settings.facets))
    print(report.render())
    return 0 if report.is_clean else 1


def _record(args: argparse.Namespace) -> int:
    topic = TopicFilter.load()
    _say(f"{publish.record(topic.model, results.record(topic, args.folder, _say))}: recorded")
    return 0


def _baselines(args: argparse.Namespace) -> int:
    topic = TopicFilter.load()
    settings = config.shipped()
    held_back = [item for item in corpus.load(config.TEST) if run.is_document(item, settings)]
    judged = {card.TEST: evaluate.labelled(held_back)}
    judged |= {card.NAMES.get(path.name, path.name): evaluate.load([path]) for path in args.data}
    items = corpus.load(config.DATA)
    compared = baselines.compare(items, judged, settings, topic)
    print(baselines.table(compared))
    on_pages = page_baselines.compare(items, _labelled_pages(args.pages), settings, topic)
    print(page_baselines.table(on_pages))
    _say(f"{publish.record(topic.model, {'baselines': compared, 'page_baselines': on_pages})}: recorded")
    return 0


def _labelled_pages(folder: Path | None) -> dict[str, list[LabelledPage]]:
    """The frozen pages and, where a folder is given, those outside the project, by the name that the card gives them."""
    files = {card.TEST_PAGES: config.TEST_PAGES} | {card.NAMES[name]: folder / name for name in results.PAGES if folder}
    return {name: evaluate.load_pages([path]) for name, path in files.items()}


def _gate(args: argparse.Namespace) -> int:
    measured = gate.measure(TopicFilter.load(), args.folder)
    for name, floor in measured.items():
        _say(f"{name}: {floor.recorded}")
    if args.record:
        before = gate.load() if gate.PATH.exists() else None
        gate.save(gate.updated(measured, before, gate.frozen_digest(), lower=args.lower))
        return 0
    worse = gate.check(measured, gate.load(), gate.frozen_digest())
    for complaint in worse:
        _say(complaint)
    return 1 if worse else 0


def _characters(_: argparse.Namespace) -> int:
    path = Path(store.__file__).parent / "characters.bin"
    path.write_bytes(characters.build())
    _say(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
