"""The limit on a request's body, held before a byte of it is parsed."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifier.service.problems import ProblemError, respond


class BodyLimit:
    """Answers 413 to a body that is announced too large, and stops reading one that turns out so."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _announced(scope) > self._max_bytes:
            await respond(413, self._detail)(scope, receive, send)
            return
        read = 0

        async def receive_within_limit() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max_bytes:
                raise ProblemError(413, self._detail)
            return message

        await self._app(scope, receive_within_limit, send)

    @property
    def _detail(self) -> str:
        return f"the body is too large: expected at most {self._max_bytes:,} bytes"


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
