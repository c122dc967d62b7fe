"""From a request to the texts in it: decoded once, strictly, every fault told as a problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Annotated

import msgspec
from fastapi import Depends, Query, Request
from msgspec import UNSET

from classifier.errors import InputError, MissingExtraError
from classifier.passages import Block
from classifier.service.problems import ProblemError
from classifier.service.schemas import Identity, TextsIn
from classifier.service.settings import Settings
from classifier.topicfilter import TopicFilter

_decoder = msgspec.json.Decoder(TextsIn)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a request with their ids; `single` where it held one text and no documents.

    blocks: where that one text was an HTML page.
    """

    single: bool
    texts: list[tuple[Identity, str]]
    blocks: Sequence[Block] | None = None


async def read_texts(request: Request) -> Texts:
    """The texts of a body: JSON, plain text or an HTML page."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(415, "Content-Encoding: expected none, as bodies are not decompressed")
    media_type, charset = _content_type(request)
    if media_type == "text/html":
        return _page(await request.body(), charset)
    if media_type not in ("application/json", "text/plain"):
        raise ProblemError(415, f"Content-Type: expected application/json, text/plain or text/html, found {media_type or 'none'}")
    if charset not in (None, "utf-8", "utf8", "us-ascii"):
        raise ProblemError(415, f"Content-Type: expected charset utf-8, found {charset}")
    body = await request.body()
    if media_type == "text/plain":
        return Texts(True, [(0, _decode_text(body))])
    settings: Settings = request.app.state.settings
    return _texts(_decode_json(body), settings.max_documents)


def filter_for(
    request: Request,
    threshold: Annotated[
        float | None, Query(ge=0, le=1, allow_inf_nan=False, description="the least probability of an on-topic text")
    ] = None,
    recall: Annotated[
        float | None, Query(gt=0, le=1, allow_inf_nan=False, description="take the threshold measured for this recall")
    ] = None,
) -> TopicFilter:
    """The filter being served, at the threshold this request asks for."""
    topic: TopicFilter = request.state.topic
    try:
        return topic.at(threshold=threshold, recall=recall)
    except InputError as error:
        raise ProblemError(422, str(error)) from error


SomeTexts = Annotated[Texts, Depends(read_texts)]
Filter = Annotated[TopicFilter, Depends(filter_for)]


def _content_type(request: Request) -> tuple[str, str | None]:
    given = request.headers.get("content-type", "")
    message = Message()
    message["content-type"] = given
    return message.get_content_type() if given else "", message.get_content_charset()


def _page(body: bytes, charset: str | None) -> Texts:
    try:
        from classifier import html

        page = html.read(body, charset)
    except (InputError, MissingExtraError) as error:
        raise ProblemError(415, f"Content-Type: {error}") from error
    return Texts(True, [(0, page.text)], page.blocks)


def _decode_text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ProblemError(400, f"the body: expected UTF-8, found byte 0x{body[error.start]:02x} at offset {error.start}") from error


def _decode_json(body: bytes) -> TextsIn:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise ProblemError(422, f"the body: {error}") from error
    except RecursionError as error:
        raise ProblemError(400, "the body: expected JSON, found it nested too deep") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError(400, f"the body: expected JSON in UTF-8, found: {error}") from error


def _texts(decoded: TextsIn, most: int) -> Texts:
    if (decoded.text is UNSET) == (decoded.documents is UNSET):
        raise ProblemError(422, "the body: expected exactly one of the fields `text` and `documents`")
    if isinstance(decoded.text, str):
        return Texts(True, [(0, decoded.text)])
    documents = decoded.documents or []
    if len(documents) > most:
        raise ProblemError(422, f"the body: expected at most {most} documents, found {len(documents)}")
    return Texts(False, [(n if document.id is UNSET else document.id, document.text) for n, document in enumerate(documents)])
