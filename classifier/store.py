"""Model <-> folder on disk. The format is written down to the byte in docs/model-format.md.

Nothing of a file is parsed before its SHA-256 is right, and nothing that is read can run: arrays of numbers, lines of
text, JSON. To change the format: raise FORMAT, teach `load` the new number and say what changed in the page.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from array import array
from collections.abc import Mapping, Sequence
from os.path import join
from typing import TYPE_CHECKING, Any

import msgspec

from classifier import _characters, scoring, tables
from classifier.concepts import Facet
from classifier.errors import ClassifierError, DamagedModelError, ModelError, ModelNotFoundError
from classifier.model import Calibration, Concepts, ConceptWeights, Lines, Model, PassageWeights, Thresholds

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 2
DEFAULT_MODEL = "belarus-tech-migration"

MANIFEST = "manifest.json"
FEATURES = "features.txt"
CONCEPTS = "concepts.json"
TABLES = "tables.bin"
CARD = "MODEL_CARD.md"
ARRAYS = {"idf": "idf.f32", "topic": "topic.f32", "passage": "passage.f32", "furniture": "furniture.f32"}
FILES = (FEATURES, *ARRAYS.values(), CONCEPTS, TABLES, CARD)

_PLOT = re.compile(r"[a-z-]{1,40}\.svg")

MAX_MANIFEST_BYTES = 1 << 20
MAX_FILE_BYTES = 1 << 28
_SEAL = re.compile(rb',\n "digest": "([0-9a-f]{64})"\n}\n\Z')


class _File(msgspec.Struct, forbid_unknown_fields=True):
    bytes: int
    sha256: str


class _Concepts(msgspec.Struct, forbid_unknown_fields=True):
    facets: dict[str, Facet]
    weights: dict[str, ConceptWeights]

    def unwrap(self) -> Concepts:
        return Concepts(self.facets, self.weights)


class _Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """The manifest's fields, in the order in which they are written; `digest` seals what stands before it."""

    format: int
    name: str
    version: str
    profile: str
    unicode: str
    n_features: int
    topic_bias: float
    passage_bias: float
    furniture_bias: float
    calibration: Calibration
    thresholds: Thresholds
    passages: PassageWeights
    about: dict[str, Any]
    files: dict[str, _File]
    digest: str = ""


def shipped() -> dict[str, Path]:
    """The models that come with the package, by name."""
    from pathlib import Path

    return {name: Path(folder) for name, folder in _shipped().items()}


def find(name_or_path: str | os.PathLike[str] | None = None) -> Path:
    """As `locate`, as a path to work with."""
    from pathlib import Path

    return Path(locate(name_or_path))


def locate(name_or_path: str | os.PathLike[str] | None = None) -> str:
    """The folder of a shipped model (by name) or of any model (by path); of the default model for None.

    :raises ModelNotFoundError: if there is neither.
    """
    wanted = os.fspath(name_or_path or DEFAULT_MODEL)
    here = _shipped()
    if isinstance(name_or_path, str | None) and wanted in here:
        return here[wanted]
    if not os.path.exists(join(wanted, MANIFEST)):
        known = ", ".join(here) or "none"
        raise ModelNotFoundError(f"model {wanted!r}: expected a folder with a {MANIFEST} or one of: {known}")
    return wanted


def _shipped() -> dict[str, str]:
    package = os.path.dirname(os.path.abspath(__file__))
    installed, checkout = join(package, "models"), join(os.path.dirname(package), "models")
    root = installed if os.path.isdir(installed) else checkout
    names = sorted(os.listdir(root)) if os.path.isdir(root) else []
    return {name: join(root, name) for name in names if os.path.exists(join(root, name, MANIFEST))}


def load(folder: str | os.PathLike[str]) -> Model:
    """The model in a folder, every file checked before it is parsed.

    :raises DamagedModelError: if a file is absent, not a regular file, too large, cut, changed, or does not fit the others.
    :raises ModelError: if the files are whole but not a model this version can use.
    """
    manifest = _read_manifest(join(folder, MANIFEST))
    if {name for name in manifest.files if not _PLOT.fullmatch(name)} != set(FILES):
        raise DamagedModelError(join(folder, MANIFEST), "files", expected=[*sorted(FILES), "plots.svg"], found=sorted(manifest.files))
    raw = {name: _read_checked(join(folder, name), listed) for name, listed in manifest.files.items()}
    features = _decode_features(join(folder, FEATURES), raw[FEATURES], manifest.n_features)
    arrays = {field: _decode_array(join(folder, name), raw[name], manifest.n_features) for field, name in ARRAYS.items()}
    concepts = _decode_concepts(join(folder, CONCEPTS), raw[CONCEPTS])
    _check_tables(folder, raw, manifest, concepts)
    return Model(
        name=manifest.name,
        version=manifest.version,
        profile=manifest.profile,
        unicode_version=manifest.unicode,
        features=features,
        idf=arrays["idf"],
        topic=arrays["topic"],
        passage=arrays["passage"],
        furniture=arrays["furniture"],
        topic_bias=manifest.topic_bias,
        passage_bias=manifest.passage_bias,
        furniture_bias=manifest.furniture_bias,
        concepts=concepts,
        calibration=manifest.calibration,
        thresholds=manifest.thresholds,
        passages=manifest.passages,
        about=manifest.about,
        digest=manifest.digest,
        tables=raw[TABLES],
    )


def save(model: Model, card: str, folder: Path, plots: Mapping[str, bytes] | None = None) -> str:
    """Write a model and its card to a folder, whole or not at all, and give back the manifest's digest.

    An older model in that place is replaced. plots: SVG files that the card shows, by name.

    :raises ClassifierError: if the folder holds anything but a model.
    """
    import shutil
    import tempfile
    from pathlib import Path

    if folder.exists() and not (folder / MANIFEST).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ClassifierError(f"{folder}: expected an empty folder or a model to replace, found something else")
    contents = {FEATURES: "".join(f"{feature}\n" for feature in model.features).encode(), CARD: card.encode(), **(plots or {})}
    contents[CONCEPTS] = msgspec.json.format(msgspec.json.encode(model.concepts), indent=1) + b"\n"
    contents[TABLES] = tables.for_model(model.features, model.idf, model.profile, model.concepts)
    contents |= {name: _encode_array(getattr(model, field)) for field, name in ARRAYS.items()}
    sealed, digest = _encode_manifest(model, {name: contents[name] for name in (*FILES, *sorted(plots or {}))})
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    old = new.with_name(new.name + "-replaced")
    try:
        for name, content in {**contents, MANIFEST: sealed}.items():
            (new / name).write_bytes(content)
        new.chmod(0o755)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except OSError as error:
        if old.exists():
            old.rename(folder)
        raise ClassifierError(f"{folder}: cannot write the model: {error.strerror or error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return digest


def _encode_manifest(model: Model, contents: Mapping[str, bytes]) -> tuple[bytes, str]:
    manifest = _Manifest(
        format=FORMAT,
        name=model.name,
        version=model.version,
        profile=model.profile,
        unicode=model.unicode_version,
        n_features=len(model.features),
        topic_bias=model.topic_bias,
        passage_bias=model.passage_bias,
        furniture_bias=model.furniture_bias,
        calibration=model.calibration,
        thresholds=model.thresholds,
        passages=model.passages,
        about=dict(model.about),
        files={name: _File(len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()},
    )
    fields = msgspec.to_builtins(manifest)
    del fields["digest"]
    body = msgspec.json.format(msgspec.json.encode(fields), indent=1).removesuffix(b"\n}")
    digest = hashlib.sha256(body).hexdigest()
    return body + f',\n "digest": "{digest}"\n}}\n'.encode(), digest


def _read_manifest(path: str) -> _Manifest:
    raw = _read(path, MAX_MANIFEST_BYTES)
    seal = _SEAL.search(raw)
    if seal is None:
        raise DamagedModelError(path, "seal", expected='a last line "digest": 64 hex digits', found=repr(raw[-40:]))
    _check_digest(path, raw[: seal.start()], seal.group(1).decode())
    try:
        number = msgspec.json.decode(raw)["format"]
        if number != FORMAT:
            raise ModelError(f"{path}: format: expected {FORMAT}, found {number}; this model was made for another version of spillway")
        return msgspec.json.decode(raw, type=_Manifest)
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise DamagedModelError(path, "fields", expected=f"a manifest of format {FORMAT}", found=error) from error


def _read_checked(path: str, listed: _File) -> bytes:
    raw = _read(path, MAX_FILE_BYTES)
    if len(raw) != listed.bytes:
        raise DamagedModelError(path, "size in bytes", expected=listed.bytes, found=len(raw))
    _check_digest(path, raw, listed.sha256)
    return raw


def _check_digest(path: str, raw: bytes, expected: str) -> None:
    found = hashlib.sha256(raw).hexdigest()
    if found != expected:
        raise DamagedModelError(path, "SHA-256", expected=expected, found=found)


def _read(path: str, limit: int) -> bytes:
    """The bytes of a regular file no larger than the limit. Links, pipes and folders are not opened as files."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise DamagedModelError(path, "open", expected="a readable regular file", found=error.strerror) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise DamagedModelError(path, "kind", expected="a regular file", found=stat.filemode(status.st_mode))
        if status.st_size > limit:
            raise DamagedModelError(path, "size in bytes", expected=f"at most {limit}", found=status.st_size)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)


def _decode_features(path: str, raw: bytes, expected: int) -> Lines:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise DamagedModelError(path, "encoding", expected="UTF-8", found=f"byte {error.start} invalid") from error
    if not raw.endswith(b"\n") or raw.count(b"\n") != expected:
        raise DamagedModelError(path, "lines", expected=f"{expected}, each ended by a line feed", found=raw.count(b"\n"))
    return Lines(raw, expected)


def _check_tables(folder: str | os.PathLike[str], raw: Mapping[str, bytes], manifest: _Manifest, concepts: Concepts) -> None:
    """Whether the features are in order, and the tables made of them and of these concepts: others would give any score."""
    wrong = scoring.misfit(raw[FEATURES], manifest.n_features, raw[TABLES], manifest.profile)
    if wrong is None:
        if not tables.weigh_as(raw[TABLES], concepts):
            raise DamagedModelError(join(folder, TABLES), "weights", expected=f"those of {CONCEPTS}", found="others")
        return
    if wrong.line < 0:
        check, _, expected = wrong.what.partition(": expected ")
        raise DamagedModelError(join(folder, TABLES), check, expected=expected, found="something else")
    feature = raw[FEATURES].split(b"\n", wrong.line + 1)[wrong.line].decode()
    where = f"line {wrong.line + 1} of {FEATURES}, {feature!r}"
    if wrong.what == tables.ROWS:
        raise DamagedModelError(join(folder, TABLES), "rows", expected="one for each feature", found=f"none for {where}")
    raise DamagedModelError(join(folder, FEATURES), wrong.what, expected="features strictly increasing", found=where)


def _decode_concepts(path: str, raw: bytes) -> Concepts:
    try:
        return msgspec.json.decode(raw, type=_Concepts).unwrap()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedModelError(path, "fields", expected="facets with their stems, and weights", found=error) from error


def _decode_array(path: str, raw: bytes, expected: int) -> Sequence[float]:
    if len(raw) != 4 * expected:
        raise DamagedModelError(path, "float32 numbers", expected=expected, found=len(raw) / 4)
    return _characters.from_little("f", raw)


def _encode_array(numbers: Sequence[float]) -> bytes:
    return tables.little(array("f", numbers))
