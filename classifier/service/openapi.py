"""The OpenAPI document: FastAPI's, with the schemas that msgspec makes of our structures."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from classifier.service import problems, schemas

_REFERENCE = "#/components/schemas/{name}"
_STRUCTURES = (
    schemas.TextsIn, schemas.ScoreOut, schemas.ScoresOut, schemas.CleanOut, schemas.CleansOut, schemas.ExplainOut,
    schemas.ExplainsOut, schemas.ModelsOut, schemas.Alive, schemas.Ready, problems.ProblemDetails,
)  # fmt: skip
_FAILURES = {
    400: "the body is not JSON, or not UTF-8",
    413: "the body is too large",
    415: "the body is of another type or charset, or compressed; or HTML cannot be read here",
    422: "a field or parameter is not as expected",
    500: "the service failed on this request",
}


def describe(summary: str, *answers: type[msgspec.Struct], takes_texts: bool = False) -> dict[str, Any]:
    """What a route's decorator is told, so that the schema says what the route does."""
    problem = {problems.MEDIA_TYPE: {"schema": _reference(problems.ProblemDetails)}}
    answer = {"anyOf": [_reference(a) for a in answers]} if len(answers) > 1 else _reference(answers[0])
    failures = _FAILURES if takes_texts else {500: _FAILURES[500]}
    described: dict[str, Any] = {
        "summary": summary,
        "responses": {
            200: {"description": "the answer", "content": {"application/json": {"schema": answer}}},
            **{status: {"description": text, "content": problem} for status, text in failures.items()},
        },
    }
    if takes_texts:
        content = {
            "application/json": {"schema": _reference(schemas.TextsIn)},
            "text/plain": {"schema": {"type": "string"}},
            "text/html": {"schema": {"type": "string", "description": "a page in any charset; its visible text is judged"}},
        }
        described["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return described


def install(app: FastAPI) -> None:
    """Have the application's OpenAPI document carry our schemas and none that it does not use."""
    made_by_fastapi = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made_by_fastapi()
            _, components = msgspec.json.schema_components(_STRUCTURES, ref_template=_REFERENCE)
            document["components"] = {"schemas": components}
        assert app.openapi_schema is not None  # noqa: S101 - FastAPI sets it
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _reference(structure: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=structure.__name__)}
