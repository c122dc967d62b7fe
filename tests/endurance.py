"""The long runs: `python -m tests.endurance [--executions N] [--documents N]`. Prints a table, one line a run; exit code 1 if any failed.

- libFuzzer on each target of tests/fuzz/, where there is clang (`apt-get install clang`).
- The kernel against the reference on random documents, with each model, from a seed of its own.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))  # as pytest has it

import fuzzing
import sampler

from classifier import _reference

LONGEST = {"scan": 200, "unpack": 16_384}
"""Bytes of an input: of a text a few blocks, of tables some more than the seeds have."""
AT_ONCE = 1000


class Ran(NamedTuple):
    """One line of the table. times: executions or documents."""

    name: str
    times: int
    seconds: float
    outcome: str
    has_failed: bool


def fuzz(target: str, folder: Path, executions: int) -> Ran:
    """libFuzzer from the seeds until it finds something or has done its executions. What it finds is printed and left in the folder."""
    program = fuzzing.build("clang", target, folder, "-O2", *fuzzing.LIBFUZZER)
    corpus = folder / f"{target}-corpus"
    corpus.mkdir()
    options = [f"-runs={executions}", f"-max_len={LONGEST[target]}", "-entropic=0", "-print_final_stats=1"]
    env = fuzzing.environment(folder)
    env["ASAN_OPTIONS"] += ":malloc_context_size=1:quarantine_size_mb=4"
    start = time.monotonic()
    command = [str(program), *options, str(corpus), str(folder / target)]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        print(done.stderr[-5000:], file=sys.stderr)
    found = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    outcome = f"a finding, in {folder}" if done.returncode else "no findings"
    return Ran(f"fuzz {target}", int(found[1]) if found else 0, time.monotonic() - start, outcome, bool(done.returncode))


def parity(name: str, n: int, seed: int) -> Ran:
    """The kernel's evidence against the reference's, bit for bit."""
    from classifier import _kernel

    model = sampler.models()[name]
    kernel, reference = _kernel.Scorer(model), _reference.Scorer(model)
    documents, start, differing = sampler.documents(n, seed), time.monotonic(), 0
    while some := list(islice(documents, AT_ONCE)):
        for text, found, expected in zip(some, kernel.evidence_many(some), reference.evidence_many(some), strict=True):
            if found != expected:
                differing += 1
                print(f"{name}: {text!a}: {found}, expected {expected}", file=sys.stderr)
    return Ran(f"parity, {name}", n, time.monotonic() - start, f"{differing} differ", differing > 0)


def runs(executions: int, n_documents: int, folder: Path) -> Iterator[Ran]:
    for number, name in enumerate(sampler.models()):
        yield parity(name, n_documents // len(sampler.models()), seed=1000 + number)
    if not fuzzing.can_compile("clang", *fuzzing.LIBFUZZER):
        print("no fuzzing: there is no clang with libFuzzer here", file=sys.stderr)
        return
    fuzzing.write(folder)
    for target in fuzzing.TARGETS:
        yield fuzz(target, folder, executions)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=10_000_000, help="of each fuzz target (default: %(default)s)")
    parser.add_argument("--documents", type=int, default=200_000, help="read by both scoring loops (default: %(default)s)")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="spillway-fuzz-"))
    has_failed = False
    for ran in runs(asked.executions, asked.documents, folder):
        print(f"{ran.name:28} {ran.times:>12,} {ran.seconds:>9,.0f} s  {ran.outcome}", flush=True)
        has_failed |= ran.has_failed
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main())
