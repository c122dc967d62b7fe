"""Models on disk: what is saved is what is loaded, the bytes are pinned, and every damage is refused by name."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import store
from classifier.errors import ClassifierError, DamagedModelError, ModelError, ModelNotFoundError
from classifier.model import Model
from classifier.scoring import Scorer

EVERY_FILE = (store.MANIFEST, *store.FILES)


def test_saved_and_loaded_again_is_the_same(tiny: Model, tiny_folder: Path) -> None:
    again = store.load(tiny_folder)
    assert Scorer(again).evidence("Hi-tech Minsk left the raid") == Scorer(tiny).evidence("Hi-tech Minsk left the raid")
    assert (again.thresholds, again.calibration, again.passages, again.about) == (
        tiny.thresholds,
        tiny.calibration,
        tiny.passages,
        tiny.about,
    )
    assert (again.features, again.concepts) == (tiny.features, tiny.concepts)


def test_the_bytes_of_a_tiny_model_are_pinned(tiny_folder: Path) -> None:
    """A change here is a change of the format: see the head of classifier/store.py."""
    assert (tiny_folder / "topic.f32").read_bytes().hex() == "000080bf0000803e0000004000004040000080c00000c03f"
    assert (tiny_folder / "features.txt").read_bytes() == b"cookies\nhi\nmins*\nminsk\nraid\ntech\n"
    assert store.load(tiny_folder).digest == "0ad459a5ddc772cd1a192fef6618c25effe08d603662750c2a5645380008f492"


def test_the_seal_covers_the_manifest_up_to_the_digest(tiny_folder: Path) -> None:
    body, seal = (tiny_folder / store.MANIFEST).read_bytes().rsplit(b",\n", 1)
    assert seal == f' "digest": "{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode()


def test_saving_replaces_an_older_model(tiny: Model, tiny_folder: Path) -> None:
    store.save(tiny, "another card\n", tiny_folder)
    assert (tiny_folder / store.CARD).read_text() == "another card\n"
    assert [path.name for path in tiny_folder.parent.iterdir()] == [tiny_folder.name]


def test_saving_does_not_replace_anything_else(tiny: Model, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ClassifierError, match="expected an empty folder or a model"):
        store.save(tiny, "", tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def damaged(folder: Path, name: str) -> DamagedModelError:
    """The error that loading the folder gives: it must name the file, and say what was expected and found."""
    with pytest.raises(DamagedModelError) as caught:
        store.load(folder)
    message = str(caught.value)
    assert str(folder / name) in message
    assert "expected" in message
    assert "found" in message
    return caught.value


@pytest.mark.parametrize("name", EVERY_FILE)
def test_every_flipped_bit_is_refused(tiny_folder: Path, name: str) -> None:
    whole = (tiny_folder / name).read_bytes()
    bits = range(8 * len(whole)) if len(whole) < 200 else random.Random(name).sample(range(8 * len(whole)), 400)
    for bit in bits:
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (tiny_folder / name).write_bytes(flipped)
        damaged(tiny_folder, name)


@pytest.mark.parametrize("name", EVERY_FILE)
def test_every_cut_file_is_refused(tiny_folder: Path, name: str) -> None:
    whole = (tiny_folder / name).read_bytes()
    for length in {0, 1, len(whole) // 2, len(whole) - 2, len(whole) - 1}:
        (tiny_folder / name).write_bytes(whole[:length])
        damaged(tiny_folder, name)


@pytest.mark.parametrize("name", EVERY_FILE)
def test_a_longer_file_is_refused(tiny_folder: Path, name: str) -> None:
    with (tiny_folder / name).open("ab") as file:
        file.write(b"\n")
    damaged(tiny_folder, name)


@pytest.mark.parametrize("name", EVERY_FILE)
def test_a_file_of_another_model_is_refused(tiny_folder: Path, name: str) -> None:
    shutil.copy(store.find() / name, tiny_folder / name)
    with pytest.raises(DamagedModelError, match=r"expected .*found"):
        store.load(tiny_folder)


@pytest.mark.parametrize("name", EVERY_FILE)
def test_an_absent_file_is_refused(tiny_folder: Path, name: str) -> None:
    (tiny_folder / name).unlink()
    assert "open" in str(damaged(tiny_folder, name))


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_regular_file_is_refused(tiny_folder: Path, kind: str) -> None:
    path = tiny_folder / "topic.f32"
    moved = path.rename(tiny_folder / "moved")
    {"link": lambda: path.symlink_to(moved), "pipe": lambda: os.mkfifo(path), "folder": path.mkdir}[kind]()
    damaged(tiny_folder, "topic.f32")


def test_a_huge_file_is_refused_unread(tiny_folder: Path) -> None:
    with (tiny_folder / "topic.f32").open("wb") as file:
        file.truncate(10 << 30)
    assert "at most" in str(damaged(tiny_folder, "topic.f32"))


def test_a_disguised_pickle_does_not_run(tiny_folder: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.mkdir, (str(canary),))

    for name in EVERY_FILE:
        (tiny_folder / name).write_bytes(pickle.dumps(Trap()))
        with pytest.raises(DamagedModelError):
            store.load(tiny_folder)
    assert not canary.exists()


def reseal(folder: Path, old: bytes, new: bytes) -> None:
    """Change the manifest and make its digest right again, as someone would who knows the format."""
    path = folder / store.MANIFEST
    body = path.read_bytes().rsplit(b",\n", 1)[0]
    assert old in body
    body = body.replace(old, new)
    path.write_bytes(body + f',\n "digest": "{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode())


def test_another_format_number_is_named(tiny_folder: Path) -> None:
    reseal(tiny_folder, b'"format": 2', b'"format": 3')
    with pytest.raises(ModelError, match="format: expected 2, found 3"):
        store.load(tiny_folder)


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        (b'"n_features": 6', b'"n_features": 7', "lines"),
        (b'"n_features": 6', b'"n_features": "6"', "fields"),
        (b'"name": "tiny"', b'"nom": "tiny"', "fields"),
        (b'"topic.f32"', b'"../topic.f32"', "files"),
    ],
)
def test_a_resealed_manifest_that_does_not_fit_is_refused(tiny_folder: Path, old: bytes, new: bytes, check: str) -> None:
    reseal(tiny_folder, old, new)
    with pytest.raises(DamagedModelError, match=check):
        store.load(tiny_folder)


def test_a_model_is_found_by_name_and_by_path(tiny_folder: Path) -> None:
    assert store.find() == store.find(store.DEFAULT_MODEL) == store.shipped()[store.DEFAULT_MODEL]
    assert store.find(str(tiny_folder)) == tiny_folder


def test_a_model_that_is_nowhere_is_named() -> None:
    with pytest.raises(ModelNotFoundError, match=f"model 'nowhere': expected .* one of: {store.DEFAULT_MODEL}"):
        store.find("nowhere")


def test_loading_imports_neither_numpy_nor_anything_that_unpickles() -> None:
    code = """if True:
        import sys
        from classifier import TopicFilter
        TopicFilter.load()
        print(*{"numpy", "joblib", "sklearn", "pickle"} & set(sys.modules))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
