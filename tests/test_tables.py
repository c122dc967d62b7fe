"""What the kernel looks up, as it lies on disk: both engines find the same things wrong with it, and damage never goes further."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from conftest import TINY
from hypothesis import given
from hypothesis import strategies as st

from classifier import scoring, store, tables
from classifier.errors import DamagedModelError, ModelError
from classifier.model import NO_CONCEPTS, Model
from classifier.tables import LINES, ORDER, ROWS, Misfit

try:
    from classifier._kernel import misfit as compiled_misfit
except ImportError:
    ENGINES = [tables.misfit]
else:
    ENGINES = [tables.misfit, compiled_misfit]

Check = Callable[[bytes, int, bytes, str], Misfit | None]
FEATURES = ("AB", "G7", "as", "cookies", "hi", "hi tech", "mins*", "minsk", "minsk it IT", "ИТ", "беларусь", "преображенский сад")
N_HEADER = len(tables.MAGIC) + 8 * 22


def lines(features: Sequence[str]) -> bytes:
    return "".join(f"{feature}\n" for feature in features).encode()


def packed(features: Sequence[str], profile: str = "news") -> bytes:
    return tables.for_model(features, range(1, len(features) + 1), profile, TINY.concepts)


PACKED = packed(FEATURES)
LENGTHS = array("Q", PACKED[len(tables.MAGIC) : N_HEADER])
TABLE_END = N_HEADER + sum(-length // 8 * -8 for length in LENGTHS[:3])


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.__module__.split(".")[-1])
def check(request: pytest.FixtureRequest) -> Check:
    found: Check = request.param
    return found


@pytest.mark.parametrize("profile", ["news", "sklearn"])
def test_tables_fit_the_features_they_are_made_of(check: Check, profile: str) -> None:
    assert check(lines(FEATURES), len(FEATURES), packed(FEATURES, profile), profile) is None


def test_those_of_the_shipped_model_fit(check: Check) -> None:
    raw = (store.find() / store.FEATURES).read_bytes()
    assert check(raw, raw.count(b"\n"), (store.find() / store.TABLES).read_bytes(), "news") is None


@pytest.mark.parametrize(
    ("changed", "misfit"),
    [
        ((*FEATURES[:4], "ho", *FEATURES[5:]), Misfit(ROWS, 4)),
        ((*FEATURES[:9], "ит", *FEATURES[10:]), Misfit(ROWS, 9)),
        ((*FEATURES[:6], "minsk", "minsk*", *FEATURES[8:]), Misfit(ROWS, 6)),
        ((*FEATURES[:2], "cookies", "as", *FEATURES[4:]), Misfit(ROWS, 2)),
        ((*FEATURES[:3], "as", *FEATURES[4:]), Misfit(ORDER, 3)),
        ((*FEATURES[:3], "a", *FEATURES[4:]), Misfit(ORDER, 3)),
        ((*FEATURES[:3], "", *FEATURES[4:]), Misfit(ORDER, 3)),
        (("", *FEATURES[1:]), Misfit(ROWS, 0)),
        (FEATURES[:-1], Misfit(LINES, len(FEATURES) - 1)),
        ((*FEATURES, "я"), Misfit(LINES, len(FEATURES))),
    ],
)
def test_the_first_line_that_does_not_fit_is_told(check: Check, changed: Sequence[str], misfit: Misfit) -> None:
    assert check(lines(changed), len(FEATURES), PACKED, "news") == misfit


@pytest.mark.parametrize(
    ("damaged", "what"),
    [
        (b"", "header: expected SPWTABL1 and the lengths of 22 arrays"),
        (PACKED[: N_HEADER - 1], "header: expected SPWTABL1"),
        (b"SPWTABL2" + PACKED[8:], "header: expected SPWTABL1"),
        (PACKED[:-8], "lengths: expected"),
        (PACKED + bytes(8), "lengths: expected"),
        (PACKED[:8] + b"\xff" * 8 + PACKED[16:], "lengths: expected"),
        (PACKED[:8] + array("Q", [LENGTHS[0] - 8]).tobytes() + PACKED[16:], "lengths: expected"),
    ],
)
def test_other_lengths_are_refused(check: Check, damaged: bytes, what: str) -> None:
    found = check(lines(FEATURES), len(FEATURES), damaged, "news")
    assert found is not None
    assert found.what.startswith(what)


def test_another_number_of_features_is_refused(check: Check) -> None:
    for n in (0, len(FEATURES) - 1, len(FEATURES) + 1, 1 << 40):
        assert check(lines(FEATURES), n, PACKED, "news") == Misfit("rows: expected one for each feature, and fewer than slots")


@given(st.integers(N_HEADER, TABLE_END - 1), st.integers(1, 255))
def test_both_find_the_same_wrong_with_a_changed_table(place: int, change: int) -> None:
    """Or nothing, where the byte belongs to an empty slot or pilot."""
    damaged = bytearray(PACKED)
    damaged[place] ^= change
    first, *others = [engine(lines(FEATURES), len(FEATURES), bytes(damaged), "news") for engine in ENGINES]
    assert all(other == first for other in others)


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20), max_size=12),
    st.sampled_from(["news", "sklearn"]),
)
def test_both_find_the_same_wrong_with_any_lines(texts: list[str], profile: str) -> None:
    first, *others = [engine(lines(texts), len(FEATURES), PACKED, profile) for engine in ENGINES]
    assert all(other == first for other in others)


def exchange(folder: Path, name: str, content: bytes) -> None:
    """Put something else in the place of a file, with digests that are right."""
    (folder / name).write_bytes(content)
    path = folder / store.MANIFEST
    manifest = msgspec.json.decode(path.read_bytes())
    del manifest["digest"]
    manifest["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1).removesuffix(b"\n}")
    path.write_bytes(body + f',\n "digest": "{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode())


OTHER = ("cookies", "hi", "mins*", "minsk", "rain", "tech")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (store.TABLES, packed(OTHER), "tables.bin: rows: expected one for each feature, found none for line 5 of features.txt, 'raid'"),
        (store.FEATURES, lines(OTHER), "tables.bin: rows: expected one for each feature, found none for line 5 of features.txt, 'rain'"),
        (store.FEATURES, lines(("hi", "hi", *OTHER[2:])), "tables.bin: rows: .* found none for line 1 of features.txt, 'hi'"),
        (store.FEATURES, lines(("cookies", "co", *OTHER[2:])), "features.txt: order: .* found line 2 of features.txt, 'co'"),
        (store.FEATURES, lines(OTHER).replace(b"hi", b"\xc3("), "features.txt: encoding: expected UTF-8, found byte 8 invalid"),
        (store.TABLES, packed(TINY.features)[:-8], "tables.bin: lengths: expected arrays one behind the other, found something else"),
        (store.TABLES, packed((*TINY.features, "x y")), "tables.bin: rows: expected one for each feature, and fewer than slots"),
        (store.CONCEPTS, b'{"facets":{},"weights":{"a in text":[1.0,2.0]}}', "tables.bin: weights: expected those of concepts.json"),
        ("idf.f32", array("f", [2, 1, 3, 1, float("nan"), 1]).tobytes(), "'tiny' is inconsistent: idf must be finite"),
        ("topic.f32", array("f", [2, 1, 3, 1, float("-inf"), 1]).tobytes(), "'tiny' is inconsistent: topic must be finite"),
        ("idf.f32", array("f", [2, 1, 3, 1, -1, 1]).tobytes(), "'tiny' is inconsistent: every idf must be positive"),
        ("idf.f32", array("f", [2.0] * 5).tobytes(), "idf.f32: float32 numbers: expected 6, found 5"),
    ],
)  # fmt: skip
def test_right_digests_do_not_make_wrong_contents_right(tiny_folder: Path, name: str, content: bytes, message: str) -> None:
    exchange(tiny_folder, name, content)
    with pytest.raises(ModelError, match=message):
        store.load(tiny_folder)


def test_tables_of_another_topic_with_as_many_features_are_refused(tiny: Model, tiny_folder: Path) -> None:
    exchange(tiny_folder, store.TABLES, tables.for_model(OTHER, tiny.idf, "sklearn", tiny.concepts))
    with pytest.raises(DamagedModelError, match="rows"):
        store.load(tiny_folder)


def test_features_are_split_only_when_asked_for(tiny: Model, tiny_folder: Path) -> None:
    features = store.load(tiny_folder).features
    assert (len(features), vars(features)["_lines"]) == (6, ())
    assert (list(features), features[2], features[-2:], "raid" in features) == (list(tiny.features), "mins*", ("raid", "tech"), True)
    assert features == tiny.features
    assert hash(features) == hash(tiny.features)


def test_tables_of_other_concepts_are_refused_by_whoever_uses_them(tiny_folder: Path) -> None:
    changed = msgspec.structs.replace(store.load(tiny_folder), concepts=NO_CONCEPTS)
    if scoring.ENGINE == "compiled":
        with pytest.raises(ModelError, match="'tiny': tables: expected none where features or concepts are changed"):
            scoring.Scorer(changed)
    assert scoring.Scorer(msgspec.structs.replace(changed, tables=b"")).evidence("minsk").known == 1
