"""`classify model`: what is known of a model; its files verified."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import msgspec

from classifier import scoring, store
from classifier.cli import parser, work
from classifier.model import Model

HELP = "inspect a model and verify its files"
EXAMPLES = """examples:
  classify model                     the default model
  classify model ./my-topic --top 20
  classify model --list"""


def add_arguments(arguments: argparse.ArgumentParser) -> None:
    arguments.add_argument(
        "model", nargs="?", metavar="NAME|PATH", help="a shipped model or the folder of any (default: belarus-tech-migration)"
    )
    arguments.add_argument("--list", action="store_true", help="the names of the shipped models, nothing else")
    arguments.add_argument("--top", type=int, default=0, metavar="N", help="the N features that speak loudest for and against the topic")
    parser.add_output(arguments)


def run(args: argparse.Namespace) -> int:
    if args.list:
        for name, folder in store.shipped().items():
            print(f"{name}\t{folder}")
        return 0
    folder = store.find(args.model)
    model = store.load(folder)
    if work.is_readable_output(args):
        print("\n".join(_describe(model, str(folder), args.top)))
    else:
        work.write(msgspec.json.encode(_summary(model, str(folder), args.top)) + b"\n")
    return 0


def _summary(model: Model, folder: str, top: int) -> dict[str, object]:
    summary: dict[str, object] = {
        "model": model.full_name,
        "folder": folder,
        "verified": True,
        "digest": model.digest,
        "features": len(model.features),
        "profile": model.profile,
        "scoring_loop": scoring.ENGINE,
        "thresholds": model.thresholds,
        "calibration": model.calibration,
        "about": model.about,
    }
    if top > 0:
        ranked = _ranked(model)
        summary["top"] = {"for": ranked[:top], "against": ranked[: -top - 1 : -1]}
    return summary


def _describe(model: Model, folder: str, top: int) -> Iterator[str]:
    yield f"{model.full_name}  ({folder})"
    yield f"files      all verified, digest {model.digest}"
    yield f"features   {len(model.features):,} of profile {model.profile}; scoring loop: {scoring.ENGINE}"
    recalls = ", ".join(f"{listed.recall:g} at {listed.threshold:g}" for listed in model.thresholds.for_recall)
    yield f"threshold  {model.thresholds.on_topic:g}; for recall: {recalls}"
    for part in ("cross_validation", "test"):
        figures = model.about.get(part, {}).get("overall")
        if isinstance(figures, dict):
            shown = ", ".join(f"{name} {figures[name]}" for name in ("n", "precision", "recall", "f1", "auroc", "ece") if name in figures)
            yield f"{part.replace('_', ' '):<17}{shown}"
    if top > 0:
        ranked = _ranked(model)
        yield "for        " + ", ".join(f"{feature} {weight:+.2f}" for feature, weight in ranked[:top])
        yield "against    " + ", ".join(f"{feature} {weight:+.2f}" for feature, weight in ranked[: -top - 1 : -1])


def _ranked(model: Model) -> list[tuple[str, float]]:
    """Features with their weight for the topic (coefficient x idf), the strongest for it first."""
    weights = (coefficient * idf for coefficient, idf in zip(model.topic, model.idf, strict=True))
    return sorted(zip(model.features, weights, strict=True), key=lambda pair: -pair[1])
