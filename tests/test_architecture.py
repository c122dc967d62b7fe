"""Who may import whom: arrows point one way, and what is heavy stays off the serving path."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = (
    ("errors", "_version", "passages", "evidence"),
    ("_characters",),
    ("tokens",),
    ("concepts",),
    ("model",),
    ("tables", "shares"),
    ("_reference",),
    ("scoring",),
    ("store",),
    ("decision",),
    ("observations", "sequence"),
    ("page",),
    ("html",),
    ("documents",),
    ("topicfilter",),
    ("service", "integrations"),
    ("cli",),
)
"""Modules of `classifier`, lowest first: each may import from the layers below it and from its own package only."""

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
HEAVY = {"sklearn", "scipy", "joblib", "pickle", "numpy", "fastapi", "uvicorn", "starlette", "resiliparse"}
NEEDING_AN_EXTRA = {"service", "integrations", "html"}
"""What stands at the top of these is there when they are: whoever imports them does so late, and says which extra is missing."""

COMPILES_PIPELINES = ROOT / "classifier" / "integrations" / "sklearn.py"
"""Takes a fitted pipeline as an object, and loads none."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module in ("classifier", "training"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT / "classifier").with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules("classifier"), ids=str)
def test_arrows_inside_classifier_point_down(path: Path) -> None:
    own = layer_of(path)
    if own in ("__init__", "__main__"):
        return
    for name in imports(path):
        if name.startswith("classifier."):
            other = name.split(".")[1]
            if other in RANK and other != own:
                assert RANK[other] < RANK[own], f"{path.name} imports {name}"


def test_every_module_of_classifier_has_a_layer() -> None:
    assert {layer_of(path) for path in modules("classifier")} - {"__init__", "__main__"} <= set(RANK)


@pytest.mark.parametrize("path", modules("classifier"), ids=str)
def test_classifier_never_imports_training(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] in ("training", "tests", "bench")]


@pytest.mark.parametrize("path", [p for p in modules("classifier") if layer_of(p) not in NEEDING_AN_EXTRA], ids=str)
def test_nothing_heavy_is_imported_at_the_top(path: Path) -> None:
    assert not HEAVY & {name.split(".")[0] for name in imports(path, top_level_only=True)}


@pytest.mark.parametrize("path", modules("classifier"), ids=str)
def test_html_is_imported_only_where_a_page_is_read(path: Path) -> None:
    assert "classifier.html" not in imports(path, top_level_only=True)
    assert layer_of(path) == "html" or not [name for name in imports(path) if name.startswith("resiliparse")]


@pytest.mark.parametrize("path", modules("classifier"), ids=str)
def test_nothing_on_the_serving_path_unpickles(path: Path) -> None:
    allowed = {"sklearn"} if path == COMPILES_PIPELINES else set()
    assert not ({"sklearn", "joblib", "pickle"} & {name.split(".")[0] for name in imports(path)}) - allowed


def test_only_the_chooser_knows_both_scoring_loops() -> None:
    knowing = {path.name for path in modules("classifier") if any(name.endswith(("_reference", "_kernel")) for name in imports(path))}
    assert knowing == {"scoring.py"}
