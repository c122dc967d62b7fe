"""The corpus: loading checks every line, stories are never split, a user's own data is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.errors import InputError
from training import config, corpus
from training.corpus import Item

GOOD = {"id": "a", "lang": "en", "label": 1, "kind": "exodus", "genre": "wire", "story": "s", "text": "Coders leave Minsk"}


def write(folder: Path, *records: object) -> Path:
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    (folder / "items.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return folder


def test_a_good_line_is_an_item(tmp_path: Path) -> None:
    assert corpus.load(write(tmp_path, GOOD)) == [Item(**GOOD)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ({**GOOD, "label": 2}, "field 'label': expected 0 or 1, found 2"),
        ({**GOOD, "label": True}, "field 'label': expected 0 or 1, found True"),
        ({**GOOD, "label": 0}, "field 'label': kind 'exodus' expects 1, found 0"),
        ({**GOOD, "kind": "exoduss"}, "field 'kind': expected one of .*found 'exoduss'"),
        ({**GOOD, "genre": "poem"}, "field 'genre': expected one of .*found 'poem'"),
        ({**GOOD, "text": "  "}, "field 'text': expected text, found '  '"),
        ({**GOOD, "lang": 5}, "field 'lang': expected text, found 5"),
        ({**GOOD, "note": "x"}, "field 'note': unknown"),
        ({key: value for key, value in GOOD.items() if key != "story"}, "field 'story': missing"),
        (GOOD, "field 'id': 'a' already stands at .*items.jsonl:1"),
        ([1], "expected a JSON object, found list"),
        (b"{", "expected a JSON object, found"),
        (b'{"id": "\xff"}', "expected a JSON object, found"),
    ],
)
def test_a_bad_line_is_named_by_file_line_and_field(tmp_path: Path, bad: object, complaint: str) -> None:
    with pytest.raises(InputError, match=rf"items.jsonl:2: {complaint}"):
        corpus.load(write(tmp_path, GOOD, bad))


def test_a_folder_without_data_is_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected files \*.jsonl, found none"):
        corpus.load(tmp_path)


def test_the_shipped_corpus_is_valid_and_large() -> None:
    items = corpus.load(config.DATA)
    assert len([item for item in items if not item.is_furniture and not item.is_passage]) >= 3300
    assert len({item.lang for item in items}) >= 19
    held_back = corpus.load(config.TEST)
    wholes = [item for item in (*items, *held_back) if not item.is_passage]
    assert 0.08 < len(held_back) / len(wholes) < 0.12
    assert not {item.story for item in items} & {item.story for item in held_back}


def test_a_split_never_parts_a_story() -> None:
    train, test = corpus.split([*corpus.load(config.DATA), *corpus.load(config.TEST)])
    assert 0.08 < len(test) / (len(train) + len(test)) < 0.12
    assert not {item.story for item in train} & {item.story for item in test}


def test_the_digest_hangs_on_the_items_not_on_their_order(tmp_path: Path) -> None:
    one, two = Item(**GOOD), Item(**{**GOOD, "id": "b"})  # type: ignore[arg-type]
    assert corpus.digest([one, two]) == corpus.digest([two, one]) != corpus.digest([one])


def test_own_data_from_json_lines_and_folders(tmp_path: Path) -> None:
    on = tmp_path / "on.jsonl"
    on.write_text('{"text": "wanted", "lang": "fr", "story": "x", "more": 1}\n')
    off = tmp_path / "off"
    off.mkdir()
    (off / "a.txt").write_text("unwanted")
    wanted, unwanted = corpus.load_own([on], [off])
    assert (wanted.text, wanted.label, wanted.lang, wanted.story) == ("wanted", 1, "fr", "x")
    assert (unwanted.text, unwanted.label, unwanted.id) == ("unwanted", 0, str(off / "a.txt"))


def test_own_data_without_text_or_without_a_side_is_refused(tmp_path: Path) -> None:
    bad, empty = tmp_path / "bad.jsonl", tmp_path / "empty.jsonl"
    bad.write_text('{"txt": "x"}\n')
    empty.touch()
    with pytest.raises(InputError, match=r"bad.jsonl:1: field 'text': expected text, found None"):
        corpus.load_own([bad], [bad])
    with pytest.raises(InputError, match="--on: expected at least one text, found none"):
        corpus.load_own([empty], [bad])
