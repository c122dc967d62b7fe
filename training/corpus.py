"""The labelled corpus: items in JSON Lines, every line checked, every complaint naming file, line and field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from classifier.errors import InputError

ON_TOPIC_KINDS = frozenset({
    "exodus", "company_relocation", "sector_decline", "host_country", "exile_life", "second_move", "return", "statistics",
    "officials", "repression", "payments", "overview",
})  # fmt: skip
OFF_TOPIC_KINDS = frozenset({
    "us_immigration", "us_politics_other", "belarus_politics", "belarus_other", "belarus_migration_no_it", "border_migrants",
    "belarus_it_no_migration", "other_country_it_migration", "tech_other", "war_ukraine", "general_news",
})  # fmt: skip
FURNITURE_KINDS = frozenset({
    "navigation", "promo", "timestamp", "related_heading", "caption", "subscribe", "comment", "share", "agency", "cookie",
    "byline", "legal", "advert", "accessibility", "copyright", "social", "bio", "form", "weather_widget", "market_widget",
    "tags", "app", "newsletter", "login", "pagination", "breadcrumb",
})  # fmt: skip
PASSAGE_KINDS = frozenset({"context", "anticontext", "stray"})
KINDS = ON_TOPIC_KINDS | OFF_TOPIC_KINDS | FURNITURE_KINDS | PASSAGE_KINDS
GENRES = frozenset({
    "wire", "feature", "interview", "company_post", "official_page", "statistics", "abstract", "forum_post", "telegram_post",
    "machine_translation", "opinion", "encyclopedia", "business", "newsletter", "headline", "teaser", "local_news",
    "furniture", "passage",
})  # fmt: skip

TEST_SHARE = 10
"""Percent of a user's stories that are kept for testing."""


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text. label: 1 on topic, 0 not. story: items on one event share it and are never split apart."""

    id: str
    lang: str
    label: int
    kind: str
    genre: str
    story: str
    text: str

    @property
    def is_furniture(self) -> bool:
        return self.genre == "furniture"

    @property
    def is_passage(self) -> bool:
        """A passage that has its place inside an article and says little alone."""
        return self.genre == "passage"


_FIELDS = ("id", "lang", "label", "kind", "genre", "story", "text")
_CLOSED_LISTS = {"kind": KINDS, "genre": GENRES}


def load(folder: Path) -> list[Item]:
    """Every item of the *.jsonl files of a folder, files in order of name.

    :raises InputError: at the first line that is not a valid item, or an id that occurs twice.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise InputError(f"{folder}: expected files *.jsonl, found none; the training data is in a source checkout, not in the wheel")
    items: list[Item] = []
    seen: dict[str, str] = {}
    for path in paths:
        for where, record in _records(path):
            item = _item(where, record)
            if item.id in seen:
                raise InputError(f"{where}: field 'id': {item.id!r} already stands at {seen[item.id]}")
            seen[item.id] = where
            items.append(item)
    return items


def load_own(on: Iterable[Path], off: Iterable[Path]) -> list[Item]:
    """A user's items: JSON Lines with at least `text`, or folders of .txt files, on topic and off topic.

    `lang`, `kind`, `genre`, `story` and `id` are used where given.

    :raises InputError: if a record has no text, or a side has no item.
    """
    items = []
    for label, paths in ((1, on), (0, off)):
        side = [_own_item(where, record, label) for path in paths for where, record in _own_records(path)]
        if not side:
            raise InputError(f"--{'on' if label else 'off'}: expected at least one text, found none")
        items += side
    return items


def split(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """A user's items as a training and a test part: decided by a story's name alone, so that no story moves or is split."""

    def is_test(item: Item) -> bool:
        return int(hashlib.sha256(item.story.encode()).hexdigest(), 16) % 100 < TEST_SHARE

    return [item for item in items if not is_test(item)], [item for item in items if is_test(item)]


def digest(items: Iterable[Item]) -> str:
    """SHA-256 over the items, whatever files they stand in."""
    hashed = hashlib.sha256()
    for item in sorted(items, key=lambda item: item.id):
        hashed.update(msgspec.json.encode(item) + b"\n")
    return hashed.hexdigest()


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path}:{number}: expected a JSON object, found: {error}") from error
        if not isinstance(record, dict):
            raise InputError(f"{path}:{number}: expected a JSON object, found {type(record).__name__}")
        yield f"{path}:{number}", record


def _item(where: str, record: dict[str, Any]) -> Item:
    for field in _FIELDS:
        if field not in record:
            raise InputError(f"{where}: field {field!r}: missing")
        value = record[field]
        if field == "label":
            if value not in (0, 1) or type(value) is not int:
                raise InputError(f"{where}: field 'label': expected 0 or 1, found {value!r}")
        elif not isinstance(value, str) or not value.strip():
            raise InputError(f"{where}: field {field!r}: expected text, found {value!r}")
        elif field in _CLOSED_LISTS and value not in _CLOSED_LISTS[field]:
            raise InputError(f"{where}: field {field!r}: expected one of {', '.join(sorted(_CLOSED_LISTS[field]))}, found {value!r}")
    unknown = sorted(set(record) - set(_FIELDS))
    if unknown:
        raise InputError(f"{where}: field {unknown[0]!r}: unknown, expected only {', '.join(_FIELDS)}")
    on_topic = record["kind"] in ON_TOPIC_KINDS | {"context"}
    if on_topic != bool(record["label"]):
        raise InputError(f"{where}: field 'label': kind {record['kind']!r} expects {int(on_topic)}, found {record['label']}")
    return Item(**record)


def _own_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.is_dir():
        yield from _records(path)
        return
    for file in sorted(path.glob("*.txt")):
        try:
            yield str(file), {"text": file.read_text(encoding="utf-8")}
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{file}: expected UTF-8 text, found: {error}") from error


def _own_item(where: str, record: dict[str, Any], label: int) -> Item:
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: field 'text': expected text, found {text!r}")
    fallback = hashlib.sha256(text.encode()).hexdigest()[:16]
    given = {field: str(record.get(field, default)) for field, default in
             {"id": where, "lang": "und", "kind": "on" if label else "off", "genre": "text", "story": fallback}.items()}  # fmt: skip
    return Item(label=label, text=text, **given)
