"""Builds the application. The model is loaded when it starts, not before."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from classifier import __version__, scoring
from classifier.service import openapi, problems
from classifier.service.limits import BodyLimit
from classifier.service.routes import router
from classifier.service.settings import Settings
from classifier.topicfilter import TopicFilter


class State(TypedDict):
    """What every request can reach."""

    topic: TopicFilter


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, not yet started."""
    told = settings or Settings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        if remark := scoring.remark():
            logging.getLogger(__name__).warning("classify: %s", remark)
        yield {"topic": TopicFilter.load(told.model, threshold=told.threshold, recall=told.recall)}

    description = "Keeps a news scrape on topic: decides by document and by passage, and cuts the spillover out."
    app = FastAPIOffline(
        title="Spillway", version=__version__, description=description, lifespan=lifespan, redoc_url=None, redirect_slashes=False
    )
    app.state.settings = told
    app.include_router(router)
    app.add_middleware(BodyLimit, max_bytes=told.max_body_bytes)
    problems.install(app)
    openapi.install(app)
    return app


def create_from_environment() -> FastAPI:
    """The application of a worker process, which is told its settings in the environment."""
    return create_app(Settings.from_environment())
