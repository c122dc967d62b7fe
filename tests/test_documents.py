"""Readers: what is a text, what is JSON Lines, and each bad record a failure of its own."""

from __future__ import annotations

import io

import pytest

from classifier import documents
from classifier.documents import Document, Failure


def read(content: bytes, name: str = "input", **options: str) -> list[documents.Record]:
    return list(documents.read(io.BytesIO(content), name, **options))  # type: ignore[arg-type]


def test_a_text_is_one_document() -> None:
    assert read("Žodis\nантра".encode(), "page.txt") == [Document(b'"page.txt"', "page.txt", "Žodis\nантра")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_text_is_an_empty_document(content: bytes) -> None:
    [document] = read(content)
    assert isinstance(document, Document)
    assert document.text.strip() == ""


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"PK\x03\x04\x00\x00", "binary file (NUL at byte 4)"),
        (b"caf\xe9 au lait", "byte 0xe9 at offset 3"),
        (b"\xff\xfeh\x00i\x00", "binary file"),
    ],
)
def test_what_is_no_utf8_text_is_a_failure(content: bytes, complaint: str) -> None:
    [failure] = read(content, "x.bin")
    assert isinstance(failure, Failure)
    assert complaint in failure.error
    assert failure.id == b'"x.bin"'


@pytest.mark.parametrize(
    ("content", "name", "n"),
    [
        (b'{"text": "a"}\n{"text": "b"}\n', "-", 2),
        (b'\n\n{"text": "a"}', "-", 1),
        (b'\xef\xbb\xbf{"text": "a"}\n', "-", 1),
        (b"not json\n", "records.jsonl", 1),
        (b"", "records.jsonl", 0),
    ],
)
def test_json_lines_are_recognised(content: bytes, name: str, n: int) -> None:
    found = read(content, name)
    assert len(found) == n
    assert all(record.where.startswith(f"{name}:") for record in found)


PAGE = "<!DOCTYPE html><title>T</title><p>Žodis<p hidden>antra"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PAGE.encode(), "-"),
        (("\ufeff\n " + PAGE).encode(), "-"),
        (PAGE.encode("utf-16"), "-"),
        (("<?xml version='1.0'?>\n<!-- a\nb --><!-- c -->\n" + PAGE).encode(), "-"),
        (PAGE.replace("<!DOCTYPE html>", "<HTML lang=lt>").encode(), "page.txt"),
        (PAGE.replace("<!DOCTYPE html>", "").encode(), "page.htm"),
        (PAGE.replace("<!DOCTYPE html>", '{"text": 1}<br>').encode(), "page.HTML"),
    ],
)
def test_html_is_recognised(content: bytes, name: str) -> None:
    [document] = read(content, name)
    assert isinstance(document, Document)
    assert document.blocks
    assert document.text.startswith("T\n")
    assert document.text.endswith("\nŽodis")


@pytest.mark.parametrize("content", [b"<htmlish>", b"<p>a", b"text <html>", b"<!-- <html> -->", b"<!-- " * 1600, b"<!---->" * 1100 + b"x"])
def test_other_text_is_not_taken_for_html(content: bytes) -> None:
    [document] = read(content)
    assert isinstance(document, Document)
    assert (document.text, document.blocks) == (content.decode(), None)


def test_html_is_read_where_it_is_asked_for() -> None:
    [document] = read(b"a<br>caf\xe9", kind="html")
    assert isinstance(document, Document)
    assert (document.id, document.text, len(document.blocks or ())) == (b'"input"', "a\ncafé", 2)
    assert read(b"", kind="html") == [Document(b'"input"', "input", "", blocks=())]


@pytest.mark.parametrize("content", [b"{not json}\nmore", b"[1]\n", b'"a"\n'])
def test_other_text_is_not_taken_for_json_lines(content: bytes) -> None:
    [document] = read(content)
    assert isinstance(document, Document)
    assert document.text == content.decode()


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        (b'{"id": "a-1", "text": "t"}', b'"a-1"'),
        (b'{"text": "t", "id": 12345678901234567890123}', b"12345678901234567890123"),
        (b'{"id": 1.50, "text": "t"}', b"1.50"),
        (b'{"id": "\\u00e9", "text": "t"}', b'"\\u00e9"'),
        (b'{"text": "t"}', b"1"),
        (b'{"id": null, "text": "t"}', b"1"),
    ],
)
def test_ids_are_echoed_as_they_came(line: bytes, identity: bytes) -> None:
    [document] = read(line, kind="jsonl")
    assert document.id == identity
    assert isinstance(document, Document)
    assert document.raw == line


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"[1, 2]", "expected a JSON object"),
        (b"{", "expected a JSON object"),
        (b'{"n": 1}', "field 'text': missing"),
        (b'{"text": 5}', "expected a string, found a number"),
        (b'{"text": null}', "expected a string, found null"),
        (b'{"text": "\\ud800"}', "expected a JSON object"),
        (b'{"text": "\xff"}', "expected a JSON object"),
        (b'{"text": "a", "n": NaN}', "expected a JSON object"),
        (b'{"id": [1], "text": "a"}', "field 'id': expected a string or a number"),
        (b'{"text": ' + b"[" * 100_000, "expected a JSON object"),
    ],
)
def test_a_bad_record_fails_alone(line: bytes, complaint: str) -> None:
    good, bad, after = read(b'{"text": "good"}\n' + line + b'\n{"text": "after"}\n', "f", kind="jsonl")
    assert isinstance(good, Document)
    assert isinstance(bad, Failure)
    assert (bad.where, bad.id) == ("f:2", b"2")
    assert complaint in bad.error
    assert isinstance(after, Document)


def test_another_field_can_hold_the_text() -> None:
    [document] = read(b'{"body": "here", "text": 1}', kind="jsonl", field="body")
    assert isinstance(document, Document)
    assert document.text == "here"


def test_no_more_is_read_than_asked_for() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            record = b'{"text": "again"}\n'
            buffer[: len(record)] = record
            return len(record)

    records = documents.read(io.BufferedReader(Endless(), 32), "-")  # type: ignore[type-var]
    assert [next(records).where for _ in range(3)] == ["-:1", "-:2", "-:3"]
