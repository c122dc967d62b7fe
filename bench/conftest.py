"""Puts the speed in MB/s beside each measurement, and below the table of times."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def remark(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """To be called with a line to stand below the table of times."""
    return request.config.stash.setdefault(_LINES, []).append


@pytest.fixture
def megabytes_a_second(
    benchmark: BenchmarkFixture, request: pytest.FixtureRequest, remark: Callable[[str], None]
) -> Callable[[Sequence[str]], float]:
    """To be called after the measurement with the texts of one round; gives the speed, of the median round, in MB of UTF-8 a second."""

    def note(texts: Sequence[str]) -> float:
        size, median = sum(len(text.encode()) for text in texts) / 1e6, benchmark.stats.stats.median
        speed, each = round(size / median, 2), round(median / len(texts) * 1e6, 1)
        benchmark.extra_info |= {"MB": round(size, 3), "MB/s": speed, "us a document": each}
        remark(f"{speed:8.1f} MB/s {each:8.1f} us a document  {request.node.name}  ({benchmark.group})")
        return float(speed)

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_LINES, []):
        terminalreporter.write_line(line)
