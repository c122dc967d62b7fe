"""What a training run can be told, in one frozen object."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from classifier.concepts import Facet, Lexicon
from classifier.errors import InputError

DATA = Path(__file__).parent / "data"
TEST = Path(__file__).parent / "test"
"""The frozen test part: items and pages that no model is trained on."""
TEST_PAGES = TEST / "pages" / "pages.jsonl"
RESULTS = Path(__file__).parent / "results"
"""Figures on data outside the project, recorded once (see training/results.py)."""
MODELS = Path(__file__).parent.parent / "models"
SEED = 20
RECALLS = (0.90, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one run.

    profile: the token profile (see classifier/tokens.py). min_df: least number of items a feature must occur in.
    facets: of the topic (see classifier/concepts.py), none for none. concept_scale: what a concept
        feature's value is multiplied with before fitting, a power of two; the larger, the less it is regularised.
    inverse_regularisation: C of the logistic regression. folds: of the cross-validation, grouped by story.
    headline_length: texts with fewer characters are headlines: they weigh `headline_weight` in fitting and are left out of
        calibration, as what a filter is given to judge are documents.
    expected_share: of on-topic among the documents that will be judged, as probabilities and threshold are chosen for it;
        None for the share in the data. kinds_weigh_the_same: then, so that what we wrote much of, being hard, does not count more.
    least_known, least_known_share: see classifier/model.py. prior: the probability given to a text of which too little is known.
    jobs: processes; does not change the result.
    """

    name: str
    version: str = "1"
    profile: str = "news"
    facets: Mapping[str, Facet] = field(default_factory=dict)
    min_df: int = 2
    concept_min_df: int = 5
    concept_scale: float = 0.125
    inverse_regularisation: float = 10.0
    passage_inverse_regularisation: float = 3.0
    furniture_inverse_regularisation: float = 3.0
    folds: int = 5
    least_known: int = 3
    least_known_share: float = 0.25
    headline_length: int = 0
    headline_weight: float = 0.5
    expected_share: float | None = None
    kinds_weigh_the_same: bool = False
    prior: float = 0.05
    jobs: int = 2
    seed: int = SEED


def load_facets(path: Path) -> dict[str, Facet]:
    """The facets of a concepts.toml: a table for each, whose lists, however they are named, hold its stems.

    `core = false` in a table keeps a facet out of the meetings of three.

    :raises InputError: if the file is not of that form.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: expected TOML, found: {error}") from error
    facets = {name: _facet(f"{path}: facet {name!r}", table) for name, table in tables.items()}
    Lexicon(facets)
    return facets


def _facet(where: str, table: object) -> Facet:
    if not isinstance(table, dict):
        raise InputError(f"{where}: expected a table with lists of stems, found {table!r}")
    lists = {key: value for key, value in table.items() if key != "core"}
    core = table.get("core", True)
    if not isinstance(core, bool):
        raise InputError(f"{where}: `core`: expected true or false, found {core!r}")
    for key, stems in lists.items():
        if not isinstance(stems, list) or not all(isinstance(stem, str) for stem in stems):
            raise InputError(f"{where}: {key!r}: expected a list of strings, found {stems!r}")
    return Facet(tuple(dict.fromkeys(stem for stems in lists.values() for stem in stems)), core)


def shipped(data: Path = DATA) -> Config:
    """The settings of the model that ships."""
    facets = load_facets(data / "concepts.toml")
    return Config(
        name="belarus-tech-migration", facets=facets, min_df=3, headline_length=200, expected_share=0.2, kinds_weigh_the_same=True
    )
