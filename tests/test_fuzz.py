"""The kernel under fuzzing with gcc's sanitizers, for a minute; `python -m tests.endurance` does it for hours."""

from __future__ import annotations

from pathlib import Path

import fuzzing
import pytest

SECONDS = 25
"""For each of the two targets."""
REACHED = 0.95

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("fuzz")
    fuzzing.write(made)
    return made


@pytest.mark.parametrize("target", fuzzing.TARGETS)
def test_nothing_is_found(target: str, folder: Path) -> None:
    if not fuzzing.can_compile("gcc", *fuzzing.SANITIZED):
        pytest.skip("there is no gcc with the address and undefined-behaviour sanitizers here")
    program = fuzzing.build("gcc", target, folder, "-O1", *fuzzing.SANITIZED)
    done = fuzzing.drive(program, folder, seconds=SECONDS, executions=10**9)
    assert done.returncode == 0, done.stderr[:5000]
    assert int(done.stdout.split()[0]) > len(list((folder / target).iterdir()))


def test_fuzzing_reaches_the_kernel_s_lines(folder: Path) -> None:
    if not fuzzing.can_compile("gcc", "--coverage"):
        pytest.skip("there is no gcc with gcov here")
    for target in fuzzing.TARGETS:
        done = fuzzing.drive(fuzzing.build("gcc", target, folder, "-O0", "--coverage"), folder, seconds=60, executions=5_000)
        assert done.returncode == 0, done.stderr[:5000]
    lines = fuzzing.lines_reached(folder)
    missed = sorted(place for place, is_reached in lines.items() if not is_reached)
    assert len(lines) > 500
    assert len(missed) <= (1 - REACHED) * len(lines), missed


def test_a_finding_fails_the_run(folder: Path) -> None:
    """A kernel that writes too far is found out: here one whose arrays are all too short."""
    if not fuzzing.can_compile("gcc", *fuzzing.SANITIZED):
        pytest.skip("there is no gcc with the address and undefined-behaviour sanitizers here")
    program = fuzzing.build("gcc", "scan", folder, "-O1", "-DROOM_FOR(size)=((size)/2)", *fuzzing.SANITIZED)
    done = fuzzing.drive(program, folder, seconds=5, executions=10_000)
    assert done.returncode != 0
    assert "ERROR: AddressSanitizer" in done.stderr
