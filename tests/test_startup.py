"""How soon the command answers and how much memory it takes; the limits are several times what is measured (docs/benchmarks.md)."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ON_TOPIC

from classifier import scoring

SCORE = (sys.executable, "-m", "classifier", "score")
SECONDS = 0.3
"""Beyond those of an empty program, scaled with what that takes where the machine is busy; measured: 0.08."""
EMPTY_SECONDS = 0.014
"""Of an empty program where that was measured."""
KILOBYTES = 3 * 25_000

pytestmark = pytest.mark.skipif(scoring.ENGINE == "reference", reason="of the compiled loop")


def seconds(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "page.txt"
    path.write_text(ON_TOPIC)
    return str(path)


def test_the_command_answers_soon(text: str) -> None:
    empty = statistics.median(seconds(sys.executable, "-c", "pass") for _ in range(7))
    ours = statistics.median(seconds(*SCORE, text) for _ in range(7))
    assert ours - empty < SECONDS * max(1.0, empty / EMPTY_SECONDS)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory of a process is read from /proc/self/status")
def test_the_command_takes_little_memory(text: str) -> None:
    """Asked of the process itself: what the system keeps for its parent also counts what that one had when it started it."""
    code = "import sys; from classifier.cli import main; main(sys.argv[1:]); print(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", code, "score", text], capture_output=True, check=True, text=True)
    [peak] = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("VmHWM")]
    assert int(peak) < KILOBYTES


def test_a_verdict_imports_nothing_that_it_does_not_need(text: str) -> None:
    unneeded = {"dataclasses", "numpy", "rich", "tempfile", "importlib.metadata", "concurrent.futures.process"}
    unneeded |= {f"classifier.{name}" for name in ("_reference", "page", "observations", "sequence", "html")}
    code = f"import sys; from classifier.cli import main; main(sys.argv[1:]); print(*sorted({unneeded!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}", "score", text],
                          capture_output=True, check=True, text=True)  # fmt: skip
    assert done.stdout.splitlines()[1:] == [""]
