"""The limits on a request, at the two places where they can be held.

`LimitedProtocol` sees the bytes: deadline, connections, and a head without end. `RequestLimits` sees the request: the
exact sizes of head and body.
"""

from __future__ import annotations

import asyncio

import msgspec
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from classifier.service import errors

MAX_TARGET_BYTES = 8 << 10
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 << 10
MAX_CONNECTIONS = 512
RECEIVE_SECONDS = 10.0
"""Time for a request to arrive whole, counted from the connection or the request's first byte."""

Refusal = tuple[int, str]
"""Status and detail of a problem."""


class RequestLimits:
    """Refuses requests whose target, headers or body are too large; a body by its declared length before it is read, and
    by what really comes while it is read."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, self._counted(receive), send)
        else:
            await errors.response(*refusal, _closing(scope))(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        target_bytes = len(scope["raw_path"]) + len(scope["query_string"])
        if target_bytes > MAX_TARGET_BYTES:
            return _target_too_long(target_bytes)
        header_bytes = sum(len(name) + len(value) for name, value in scope["headers"])
        if len(scope["headers"]) > MAX_HEADERS or header_bytes > MAX_HEADER_BYTES:
            return _head_too_large(f"{len(scope['headers']):,} of {header_bytes:,} bytes")
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > self._max_body_bytes:
            return self._body_too_large(f"{int(length[:20]):,}")
        return None

    def _counted(self, receive: Receive) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                raise HTTPException(*self._body_too_large("more"))
            return message

        return counted

    def _body_too_large(self, found: str) -> Refusal:
        return 413, f"the body: expected at most {self._max_body_bytes:,} bytes, found {found}"


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with the limits that it lacks: a deadline for receiving a request, a cap on connections and
    on a head that does not end. What it refuses, it refuses as a problem too."""

    _clock: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(503, f"connections: expected at most {MAX_CONNECTIONS}, found more; try again later")

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._start_clock()
        in_head = self._is_in_head()
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if in_head and self._is_in_head() else 0
        if self._head_bytes > MAX_TARGET_BYTES + MAX_HEADER_BYTES:
            is_target = len(self.url) > MAX_TARGET_BYTES
            self._refuse(*(_target_too_long(len(self.url)) if is_target else _head_too_large(f"more than {self._head_bytes:,} bytes")))

    def on_message_begin(self) -> None:
        self._start_clock()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._stop_clock()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg)

    def _is_in_head(self) -> bool:
        """Whether the bytes so far are those of a request that the parser has not seen the body of."""
        return self.scope is None or "method" not in self.scope

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(RECEIVE_SECONDS, self._time_is_up)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _time_is_up(self) -> None:
        self._clock = None
        if self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete:
            return
        self._refuse(408, f"the request: expected all of it within {RECEIVE_SECONDS:g} seconds, found a part")

    def _refuse(self, status: int, detail: str) -> None:
        """Report a problem, unless an answer is already under way, and close the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            body = msgspec.json.encode(errors.problem(status, detail))
            head = f"content-type: {errors.MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()


def _target_too_long(found: int) -> Refusal:
    return 414, f"the URL: expected at most {MAX_TARGET_BYTES:,} bytes, found {found:,}"


def _head_too_large(found: str) -> Refusal:
    return 431, f"the headers: expected at most {MAX_HEADERS}, of {MAX_HEADER_BYTES:,} bytes in all, found {found}"


def _closing(scope: Scope) -> dict[str, str]:
    """A client that waits for leave to send its body may never send it: what comes next could not be told apart."""
    return {"Connection": "close"} if any(name == b"expect" for name, _ in scope["headers"]) else {}
