"""Errors as the service tells them: RFC 9457 problem documents, whatever went wrong and wherever."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(msgspec.Struct):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class ProblemError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def respond(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """The answer that tells a problem."""
    details = ProblemDetails("about:blank", HTTPStatus(status).phrase, status, detail)
    return Response(msgspec.json.encode(details), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of the application told as a problem document."""

    @app.exception_handler(ProblemError)
    async def _problem(_: Request, problem: ProblemError) -> Response:
        return respond(problem.status, problem.detail)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        details = {404: "there is nothing at this address", 405: f"{request.method} is not allowed at this address"}
        return respond(error.status_code, details.get(error.status_code, str(error.detail)), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        return respond(422, "; ".join(_describe(part) for part in error.errors()))

    @app.exception_handler(Exception)
    async def _unexpected(_: Request, __: Exception) -> Response:
        return respond(500, "the service failed on this request; it goes on serving others")


def _describe(part: dict[str, object]) -> str:
    location = part["loc"]
    name = location[-1] if isinstance(location, tuple) else location
    return f"parameter {str(name)!r}: {part['msg']}"
