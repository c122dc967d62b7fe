"""The routes: each takes the texts, asks the filter, encodes the answer."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from classifier import scoring
from classifier.service import schemas
from classifier.service.openapi import describe
from classifier.service.requests import Filter, SomeTexts
from classifier.topicfilter import Cleaned, Explanation, TopicFilter, Verdict

router = APIRouter(default_response_class=Response)


@router.post("/v1/score", **describe("Whether texts are on topic", schemas.ScoreOut, schemas.ScoresOut, takes_texts=True))
async def score(texts: SomeTexts, topic: Filter) -> Response:
    verdicts = [(identity, topic.score(text)) for identity, text in texts.texts]
    if texts.single:
        return _json(schemas.ScoreOut(topic.model.full_name, topic.threshold, *_verdict(verdicts[0][1])))
    results = [schemas.Scored(identity, *_verdict(verdict)) for identity, verdict in verdicts]
    return _json(schemas.ScoresOut(topic.model.full_name, topic.threshold, results))


@router.post("/v1/clean", **describe("Texts without their off-topic passages", schemas.CleanOut, schemas.CleansOut, takes_texts=True))
async def clean(texts: SomeTexts, topic: Filter) -> Response:
    cleaned = [(identity, topic.clean(text, texts.blocks)) for identity, text in texts.texts]
    if texts.single:
        answer = schemas.CleanOut(topic.model.full_name, topic.threshold, *_cleaned(cleaned[0][1]))
        answer.extracted = _extracted(cleaned[0][1])
        return _json(answer)
    results = [schemas.Cleaned(identity, *_cleaned(one)) for identity, one in cleaned]
    return _json(schemas.CleansOut(topic.model.full_name, topic.threshold, results))


@router.post("/v1/explain", **describe("What drove the verdicts", schemas.ExplainOut, schemas.ExplainsOut, takes_texts=True))
async def explain(texts: SomeTexts, topic: Filter) -> Response:
    explained = [(identity, topic.explain(text, texts.blocks)) for identity, text in texts.texts]
    if texts.single:
        answer = schemas.ExplainOut(topic.model.full_name, topic.threshold, *_explained(explained[0][1]))
        answer.extracted = _extracted(explained[0][1])
        return _json(answer)
    results = [schemas.Explained(identity, *_explained(one)) for identity, one in explained]
    return _json(schemas.ExplainsOut(topic.model.full_name, topic.threshold, results))


@router.get("/v1/models", **describe("The models being served", schemas.ModelsOut))
async def models(request: Request) -> Response:
    topic: TopicFilter = request.state.topic
    model = topic.model
    recalls = {f"{listed.recall:g}": listed.threshold for listed in model.thresholds.for_recall}
    served = schemas.ModelOut(
        model.full_name, model.name, model.version, model.digest, len(model.features), topic.threshold, recalls, scoring.ENGINE
    )
    return _json(schemas.ModelsOut([served]))


@router.get("/livez", **describe("Whether the process answers", schemas.Alive))
async def livez() -> Response:
    return _json(schemas.Alive("alive"))


@router.get("/readyz", **describe("Whether texts can be judged", schemas.Ready))
async def readyz(request: Request) -> Response:
    topic: TopicFilter = request.state.topic
    return _json(schemas.Ready("ready", topic.model.full_name, topic.model.digest, scoring.ENGINE))


def _verdict(verdict: Verdict) -> tuple[Any, ...]:
    return verdict.on_topic, verdict.probability, verdict.decision


def _cleaned(cleaned: Cleaned) -> tuple[Any, ...]:
    passages = [schemas.PassageOut(p.start, p.end, p.keep, p.probability, p.reason) for p in cleaned.passages]
    return (*_verdict(cleaned.verdict), cleaned.text, passages)


def _explained(found: Explanation) -> tuple[Any, ...]:
    return (*_verdict(found.verdict), found.margin, found.bias, found.tokens, found.features, found.passages)


def _extracted(found: Cleaned | Explanation) -> str | UnsetType:
    return UNSET if found.extracted is None else found.extracted


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
