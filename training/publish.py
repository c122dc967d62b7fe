"""Writes a model with its card and plots, and puts new figures into its record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from classifier import store
from classifier.model import Model
from training import card, config, corpus, plots, results
from training.corpus import Item


def save(model: Model, items: Sequence[Item], folder: Path) -> str:
    """Write a model with the card and plots that its figures and the recorded ones give, and return its digest.

    items: what it was trained on.
    """
    recorded = results.load(results.path(model.name), model)
    openings = {item.id: card.opening(item.text) for item in items}
    return store.save(model, card.render(model, recorded, openings), folder, plots.draw(card.reports(model, recorded)))


def record(model: Model, found: dict[str, Any]) -> Path:
    """Put new figures, fields of Results, beside the recorded ones and render the shipped model's card anew.

    :returns: where they are recorded.
    """
    path = results.path(model.name)
    results.save(msgspec.structs.replace(results.load(path, model), **found), path)
    save(model, corpus.load(config.DATA), store.find())
    return path
