"""Every error as one JSON shape: RFC 9457, application/problem+json. Here alone is decided which error has which status."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from classifier.errors import ClassifierError, InputError

MEDIA_TYPE = "application/problem+json"

LONGEST_DETAIL = 400
"""A detail may quote what came; it is cut where that is long."""

UNEXPECTED = "an error of the service, not of the request; its log says more"


class Problem(msgspec.Struct):
    """What went wrong (RFC 9457). `detail` names the thing, what was found and what was expected."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, detail: str) -> Problem:
    """The problem with a status; its title is the status's own phrase, as `about:blank` asks."""
    shown = detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL] + " ..."
    return Problem("about:blank", HTTPStatus(status).phrase, status, shown)


def response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that reports a problem."""
    return Response(msgspec.json.encode(problem(status, detail)), status, headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let the app report whatever is raised in it as a problem."""
    for kind in (HTTPException, RequestValidationError, ClientDisconnect, ClassifierError, Exception):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    headers = error.headers if isinstance(error, HTTPException) else None
    return response(*_status_and_detail(request, error), headers)


def _status_and_detail(request: Request, error: Exception) -> tuple[int, str]:
    if isinstance(error, HTTPException):
        return error.status_code, _http_detail(request, error)
    if isinstance(error, RequestValidationError):
        return 422, "; ".join(map(_query_detail, error.errors()))
    if isinstance(error, InputError):
        return 422, str(error)
    if isinstance(error, ClientDisconnect):
        return 400, "the body: expected all of it, found the connection closed"
    return 500, UNEXPECTED


def _http_detail(request: Request, error: HTTPException) -> str:
    """Our own words; also for the two errors that the router finds by itself."""
    if error.status_code == 404:
        return f"{request.url.path[:100]}: no such resource; /docs lists what there is"
    if error.status_code == 405:
        return f"method {request.method}: expected {(error.headers or {}).get('Allow', 'another')}"
    return error.detail


def _query_detail(error: Any) -> str:
    """pydantic's account of a query parameter, in our order: the name, what was expected, what was found."""
    name = ".".join(map(str, error["loc"][1:]))
    expected = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "expected")
    if error["type"] == "extra_forbidden":
        expected = "unknown; expected threshold or recall"
    return f"query parameter {name!r}: {expected}, found {error['input']!r}" if name else f"query: {expected}"
