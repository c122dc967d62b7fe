"""Facets from TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.concepts import Facet
from classifier.errors import InputError
from training import config


def test_the_shipped_facets_are_valid() -> None:
    assert {"belarus", "tech", "leave"} <= set(config.shipped().facets)


@pytest.mark.parametrize(
    "content",
    [
        "[place]\nwords = []",
        "[place]\ncore = 1\nstems = ['minsk']",
        "place = 1",
        "not toml",
        "[place]\nstems = 'x'",
        "[place]\nstems = ['x']",
        "\xff",
    ],
)
def test_bad_facets_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "concepts.toml"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match="expected"):
        config.load_facets(path)


def test_lists_of_a_facet_are_one(tmp_path: Path) -> None:
    path = tmp_path / "concepts.toml"
    path.write_text("[place]\nen = ['minsk']\nru = ['минск', 'minsk']\n[mood]\nstems = ['sad']\ncore = false\n")
    assert config.load_facets(path) == {"place": Facet(("minsk", "минск")), "mood": Facet(("sad",), core=False)}
