"""What a training run can be told, in one frozen object."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classifier.concepts import Lexicon
from classifier.errors import InputError

DATA = Path(__file__).parent / "data"
MODELS = Path(__file__).parent.parent / "models"
SEED = 20
RECALLS = (0.90, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one run.

    profile: the token profile (see classifier/tokens.py). min_df: least number of items a feature must occur in.
    facets: stems of each facet of the topic (see classifier/concepts.py), none for none. concept_scale: what a concept
        feature's value is multiplied with before fitting, a power of two; the larger, the less it is regularised.
    inverse_regularisation: C of the logistic regression. folds: of the cross-validation, grouped by story.
    headline_length: texts with fewer characters are headlines: they weigh `headline_weight` in fitting and are left out of
        calibration, as what a filter is given to judge are documents.
    expected_share: of on-topic among the documents that will be judged, as probabilities and threshold are chosen for it;
        None for the share in the data.
    prior: the probability given to a text that cannot be judged.
    jobs: processes; does not change the result.
    """

    name: str
    version: str = "1"
    profile: str = "news"
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    min_df: int = 2
    concept_min_df: int = 5
    concept_scale: float = 0.25
    inverse_regularisation: float = 10.0
    furniture_inverse_regularisation: float = 3.0
    folds: int = 5
    least_known: int = 3
    headline_length: int = 0
    headline_weight: float = 0.5
    expected_share: float | None = None
    prior: float = 0.05
    jobs: int = 2
    seed: int = SEED


def load_facets(path: Path) -> dict[str, list[str]]:
    """The facets of a concepts.toml: a table for each, with its `stems`.

    :raises InputError: if the file is not of that form.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        facets = {facet: table["stems"] for facet, table in tables.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path}: expected TOML with a table for each facet and a list `stems` in it, found: {error!r}") from error
    for facet, stems in facets.items():
        if not isinstance(stems, list) or not all(isinstance(stem, str) for stem in stems):
            raise InputError(f"{path}: facet {facet!r}: expected a list of strings, found {stems!r}")
    Lexicon(facets)
    return facets


def shipped(data: Path = DATA) -> Config:
    """The settings of the model that ships."""
    facets = load_facets(data / "concepts.toml")
    return Config(name="belarus-tech-migration", facets=facets, headline_length=200, expected_share=0.2)
