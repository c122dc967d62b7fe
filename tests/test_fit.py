"""Fitting: rounded weights, folds that keep stories together, errors that say what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.concepts import Facet
from classifier.errors import InputError
from training import config, corpus, fit
from training.corpus import Item

ITEMS = [item for item in corpus.load(config.DATA) if not item.is_passage][::15]
SETTINGS = config.Config(name="part", min_df=2, facets={"place": Facet(("minsk", "belarus")), "tech": Facet(("IT=", "programm"))}, folds=3)


def test_weights_lie_on_the_grid_and_fit_float32() -> None:
    fitted = fit.fit(ITEMS, SETTINGS)
    for numbers in (fitted.idf, fitted.topic.weights, fitted.passage.weights, fitted.furniture.weights):
        assert np.array_equal(numbers, np.round(numbers / fit.GRID) * fit.GRID)
        assert np.array_equal(numbers, numbers.astype(np.float32))


def test_fitting_twice_gives_the_same() -> None:
    one, two = fit.fit(ITEMS, SETTINGS), fit.fit(ITEMS, SETTINGS)
    assert np.array_equal(one.topic.weights, two.topic.weights)


def test_folds_cover_all_and_never_split_a_story() -> None:
    twins = [Item(f"{item.id}-twin", item.lang, item.label, item.kind, item.genre, item.story, item.text + " again") for item in ITEMS[:40]]
    items = [*ITEMS, *twins]
    _, folds = fit.cross_validate(items, SETTINGS)
    assert sorted(index for fold in folds for index in fold.held_out) == list(range(len(items)))
    for fold in folds:
        inside = {items[i].story for i in fold.held_out}
        outside = {item.story for i, item in enumerate(items) if i not in set(fold.held_out.tolist())}
        assert not inside & outside


def test_margins_of_held_out_items_are_those_of_the_fold_s_pipeline() -> None:
    for fold in fit.cross_validate(ITEMS, SETTINGS)[1]:
        topic, *_ = fit.pipelines(fold.fitted, SETTINGS)
        assert np.abs(topic.decision_function([ITEMS[i].text for i in fold.held_out]) - fold.margins).max() < 1e-9


def test_furniture_is_told_from_prose() -> None:
    fitted = fit.fit(ITEMS, SETTINGS)
    *_, pipeline = fit.pipelines(fitted, SETTINGS)
    texts = ["Subscribe to our newsletter", "He told the court that the van had stopped outside his house."]
    furniture, prose = pipeline.decision_function(texts)
    assert furniture > 0 > prose


def test_without_furniture_the_furniture_model_says_nothing() -> None:
    fitted = fit.fit([item for item in ITEMS if not item.is_furniture], SETTINGS)
    assert fitted.furniture.bias == 0
    assert not fitted.furniture.weights.any()


@pytest.mark.parametrize(
    ("facets", "texts", "complaint"),
    [({}, ["a b", "c d"], "expected words"), ({"x": Facet(("absent",))}, ["one two"] * 4, "meetings of facets")],
)
def test_nothing_to_learn_from_is_said(facets: dict[str, Facet], texts: list[str], complaint: str) -> None:
    items = [Item(str(n), "en", n % 2, "k", "text", str(n), text) for n, text in enumerate(texts)]
    with pytest.raises(InputError, match=f"{complaint}.* that occur in at least"):
        fit.fit(items, config.Config(name="x", facets=facets))
