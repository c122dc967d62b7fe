"""Puts the speed in MB/s beside each measurement, and below the table of times."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def megabytes_a_second(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> Callable[[Sequence[str]], float]:
    """To be called after the measurement with the texts of one round; gives the speed, of the median round, in MB of UTF-8 a second."""

    def note(texts: Sequence[str]) -> float:
        size = sum(len(text.encode()) for text in texts) / 1e6
        speed = round(size / benchmark.stats.stats.median, 2)
        benchmark.extra_info |= {"MB": round(size, 3), "MB/s": speed}
        request.config.stash.setdefault(_LINES, []).append(f"{speed:10.2f} MB/s  {benchmark.group}: {request.node.name}")
        return float(speed)

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_LINES, []):
        terminalreporter.write_line(line)
