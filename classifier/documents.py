"""Readers: from files and streams to documents, each bad record a failure of its own."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Literal, get_args

import msgspec

if TYPE_CHECKING:
    from classifier.passages import Block

Kind = Literal["auto", "text", "jsonl", "html"]
KINDS: tuple[str, ...] = get_args(Kind)

_JSON_LINES_NAMES = {".jsonl", ".ndjson", ".jsonlines"}
_HTML_NAMES = {".html", ".htm", ".xhtml"}
_BOM = b"\xef\xbb\xbf"
_OPENS_HTML = re.compile(rb"(?>\s+|<\?xml.*?\?>|<!--.*?-->)*+<(?:!doctype\s+html\b|html[\s>])", re.IGNORECASE | re.DOTALL)
"""The start of a page; atomic, as a thousand comments would else be tried in every combination."""
_LOOKED_AT = 8192
_record = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any = msgspec.json.Decoder()


class Document(msgspec.Struct, frozen=True):
    """A text to judge. id: as JSON, echoed as it came. where: for messages. raw: the line of a JSON Lines record.

    blocks: of an HTML page, whose visible text `text` is; None for everything else.
    """

    id: bytes
    where: str
    text: str
    raw: bytes = b""
    blocks: tuple[Block, ...] | None = None


class Failure(msgspec.Struct, frozen=True):
    """A record that is no document. error: what was found and what was expected."""

    id: bytes
    where: str
    error: str


Record = Document | Failure


def read(stream: BinaryIO, name: str, kind: Kind = "auto", field: str = "text") -> Iterator[Record]:
    """The documents of a stream: one for a text or an HTML page, one a line for JSON Lines. Reads no further than it is asked for.

    name: the path as given, the id of a text or page. kind `auto` looks at the name's ending, then at how the content begins.

    :raises MissingExtraError: if there is an HTML page to read and resiliparse is not installed.
    """
    suffix, first = os.path.splitext(name)[1].lower(), b""
    if kind == "auto" and suffix in _HTML_NAMES:
        kind = "html"
    if kind == "auto":
        first = _first_line(stream)
        kind = "jsonl" if suffix in _JSON_LINES_NAMES or _is_object(first) else "auto"
    if kind == "jsonl":
        return _read_json_lines(first, stream, name, field)
    content = first + stream.read()
    is_html = kind == "html" or (kind == "auto" and _opens_html(content))
    return iter([_read_html(content, name) if is_html else _read_text(content, name)])


def _first_line(stream: BinaryIO) -> bytes:
    """Everything up to and with the first line that is not blank."""
    read = b""
    for line in stream:
        read += line
        if line.strip():
            break
    return read


def _is_object(line: bytes) -> bool:
    stripped = line.removeprefix(_BOM).strip()
    if not stripped.startswith(b"{"):
        return False
    try:
        _record.decode(stripped)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _opens_html(content: bytes) -> bool:
    start = content[:_LOOKED_AT].removeprefix(_BOM)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        start = start[2:].replace(b"\0", b"")
    return bool(_OPENS_HTML.match(start))


def _read_html(content: bytes, name: str) -> Document:
    from classifier import html

    page = html.read(content)
    return Document(_identity_of(name), name, page.text, blocks=page.blocks)


def _identity_of(name: str) -> bytes:
    return msgspec.json.encode(name.encode("utf-8", "replace").decode())


def _read_text(content: bytes, name: str) -> Record:
    identity = _identity_of(name)
    if b"\0" in content[:_LOOKED_AT]:
        return Failure(identity, name, f"expected text in UTF-8, found a binary file (NUL at byte {content.index(0)})")
    try:
        return Document(identity, name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Failure(identity, name, f"expected UTF-8, found byte 0x{content[error.start]:02x} at offset {error.start} ({error.reason})")


def _read_json_lines(first: bytes, stream: BinaryIO, name: str, field: str) -> Iterator[Record]:
    number = 0
    for chunk in (first.splitlines(keepends=True), stream):
        for line in chunk:
            number += 1
            if line.strip():
                yield _parse(line, number, name, field)


def _parse(line: bytes, number: int, name: str, field: str) -> Record:
    identity, where = str(number).encode(), f"{name}:{number}"
    try:
        record = _record.decode(line.removeprefix(_BOM) if number == 1 else line)
        identity = _identity(record.get("id"), identity)
        if field not in record:
            return Failure(identity, where, f"field {field!r}: missing")
        text = _any.decode(record[field])
    except RecursionError:
        return Failure(identity, where, "expected a JSON object, found JSON nested too deep")
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        return Failure(identity, where, f"expected a JSON object with field {field!r}, found: {error}")
    if not isinstance(text, str):
        return Failure(identity, where, f"field {field!r}: expected a string, found {_json_type(text)}")
    return Document(identity, where, text, line)


def _identity(given: msgspec.Raw | None, fallback: bytes) -> bytes:
    raw = bytes(given) if given is not None else b"null"
    if raw == b"null":
        return fallback
    if raw[:1] == b'"':
        _any.decode(raw)
    elif raw[:1] not in b"-0123456789":
        raise ValueError(f"field 'id': expected a string or a number, found {raw[:40].decode('utf-8', 'replace')}")
    return raw


def _json_type(value: object) -> str:
    names = {dict: "an object", list: "an array", bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    return names[type(value)]
