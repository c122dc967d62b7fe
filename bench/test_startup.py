"""How long the whole command takes for one text, beside a Python that does nothing; and a filter to load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from classifier import TopicFilter

PAGE = Path(__file__).parent.parent / "examples" / "scraped-page.txt"
COMMANDS = {"empty program": ("-c", "pass"), "classify score": ("-m", "classifier", "score", str(PAGE))}


@pytest.mark.benchmark(group="start-up")
@pytest.mark.parametrize("name", COMMANDS)
def test_start_up(benchmark: BenchmarkFixture, name: str) -> None:
    benchmark.pedantic(subprocess.run, ((sys.executable, *COMMANDS[name]),), {"check": True, "capture_output": True}, rounds=15)


@pytest.mark.benchmark(group="load")
def test_load(benchmark: BenchmarkFixture) -> None:
    assert benchmark(TopicFilter.load).model.features
