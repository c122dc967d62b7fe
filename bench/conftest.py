"""Puts the speed in MB/s beside each measurement."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture


@pytest.fixture
def megabytes_a_second(benchmark: BenchmarkFixture) -> Callable[[list[str]], None]:
    """To be called after the measurement with the texts of one round."""

    def note(texts: list[str]) -> None:
        size = sum(len(text.encode()) for text in texts) / 1e6
        benchmark.extra_info["MB"] = round(size, 3)
        benchmark.extra_info["MB/s"] = round(size / benchmark.stats.stats.median, 2)

    return note
