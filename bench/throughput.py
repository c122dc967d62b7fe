"""How fast ours scores, by number of features and length of the documents, beside what else scores by words and pairs.

`python -m bench.throughput` prints tables, `--record` puts them into docs/benchmarks.md, with the picture and docs/benchmarks.json.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import sys
import timeit
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import matplotlib as mpl
import msgspec
from threadpoolctl import threadpool_limits

from bench.news import SCRIPTS, documents
from bench.peers import OURS, PEERS, TFIDF, Peer, Score, lesson
from training.plots import INK, STYLE, as_svg, new_figure

DOCS = Path(__file__).parent.parent / "docs"
FEATURES = (20_000, 50_000, 100_000, 200_000)
USUAL = 100_000
LENGTHS = (100, 300, 1000, 2700, 10_000, 100_000, 1_000_000)
"""Characters a document."""
CHARACTERS = 8_000_000
"""Of text for each measurement of ours."""
ROUNDS = 5
BEGIN, END = "<!-- figures: python -m bench.throughput --record -->", "<!-- end of figures -->"
PICTURE = "benchmarks-throughput.svg"
PACKAGES = ("numpy", "scikit-learn", "fasttext-numpy2", "vowpalwabbit")


class Speed(msgspec.Struct, frozen=True):
    """Medians: MB of UTF-8 a second in a batch, and microseconds for one document of 2.7 kB, where it takes one."""

    megabytes_a_second: float
    microseconds: float | None


class Figures(msgspec.Struct, frozen=True):
    """What was measured, and where. by_length: MB/s by features and length. peers: USUAL features, ours first, English."""

    machine: str
    versions: dict[str, str]
    by_length: dict[int, dict[int, float]]
    scripts: dict[str, float]
    peers: dict[str, Speed]


def measured() -> Figures:
    """The figures of this machine, on one core."""
    with threadpool_limits(1):
        by_length: dict[int, dict[int, float]] = {}
        corpora = {length: documents(max(8, CHARACTERS // length), length) for length in LENGTHS}
        for features in FEATURES:
            score = OURS.fit(lesson(), features)
            by_length[features] = {length: megabytes_a_second(score, texts) for length, texts in corpora.items()}
        scripts = {script: _in_script(script) for script in SCRIPTS}
        peers = {peer.name: _speed(peer, corpora[2700]) for peer in (OURS, *PEERS) if not _left_out(peer)}
    return Figures(_machine(), _versions(), by_length, scripts, peers)


def megabytes_a_second(score: Score, texts: Sequence[str]) -> float:
    """Of UTF-8, in the median of the rounds after the first."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    return round(size / _median(score, [texts]), 1)


def _in_script(script: str) -> float:
    return megabytes_a_second(OURS.fit(lesson(script), USUAL), documents(CHARACTERS // 2700, 2700, script))


def _speed(peer: Peer, texts: list[str]) -> Speed:
    score, some = peer.fit(lesson(), USUAL), peer.some(texts)
    return Speed(megabytes_a_second(score, some), _microseconds(score, some[:200]) if peer.one_by_one else None)


def _microseconds(score: Score, texts: Sequence[str]) -> float:
    """For a document on its own."""
    return round(_median(score, [[text] for text in texts]) / len(texts) * 1e6, 1)


def _median(score: Score, batches: Sequence[Sequence[str]]) -> float:
    """Seconds for all the batches; the first round, which warms up, does not count."""
    seconds = timeit.repeat(lambda: [score(texts) for texts in batches], number=1, repeat=ROUNDS + 1)
    return statistics.median(seconds[1:])


def _left_out(peer: Peer) -> bool:
    if missing := peer.missing():
        print(missing, file=sys.stderr)
    return missing is not None


def _machine() -> str:
    """The processor and its widest instructions, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    name = re.search(r"model name\s*: (.*)", text)
    wide = "AVX-512" if " avx512bw" in text else "AVX2" if " avx2" in text else ""
    return ", ".join(part for part in (name[1] if name else platform.machine(), wide, f"{os.cpu_count()} cores", platform.system()) if part)


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for name in ("spillway", *PACKAGES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def tables(figures: Figures) -> Iterator[str]:
    """The figures in Markdown."""
    yield f"{figures.machine}; {', '.join(f'{name} {number}' for name, number in figures.versions.items())}."
    yield ""
    yield f"| {USUAL:,} features, 2.7 kB of English | MB/s | ours is as fast, times | one document, us |"
    yield "| --- | ---: | ---: | ---: |"
    best = figures.peers[OURS.name].megabytes_a_second
    for name, speed in figures.peers.items():
        alone = "-" if speed.microseconds is None else f"{speed.microseconds:,}"
        yield f"| {name} | {speed.megabytes_a_second:,} | {best / speed.megabytes_a_second:.1f} | {alone} |"
    yield ""
    yield f"| ours, MB/s by characters a document | {' | '.join(f'{length:,}' for length in LENGTHS)} |"
    yield "| --- |" + " ---: |" * len(LENGTHS)
    for features, speeds in figures.by_length.items():
        yield f"| {features:,} features | {' | '.join(f'{speeds[length]:,.0f}' for length in LENGTHS)} |"
    yield ""
    yield f"| ours, MB/s of UTF-8 by script | {' | '.join(figures.scripts)} |"
    yield "| --- |" + " ---: |" * len(figures.scripts)
    yield f"| {USUAL:,} features, 2,700 characters a document | {' | '.join(f'{speed:,.0f}' for speed in figures.scripts.values())} |"


def page(text: str, figures: Figures) -> str:
    """The page with the tables and the picture between its two marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return "\n".join([before + BEGIN, *tables(figures), "", f"![speed by length of the documents]({PICTURE})", END + after])


def picture(figures: Figures) -> bytes:
    """Speed by length, a line for each number of features; an SVG."""
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(6.2, 3.4)
        for (features, speeds), line in zip(figures.by_length.items(), ("o-", "s--", "^-.", "v:"), strict=True):
            axes.plot(*zip(*speeds.items(), strict=True), line, color=INK, markersize=3.5, linewidth=1.2, label=f"{features:,} features")
        axes.axhline(figures.peers[TFIDF.name].megabytes_a_second, color=INK, linewidth=0.6)
        axes.set(xlabel="characters a document", ylabel="MB/s on one core", xscale="log", ylim=(0, None))
        axes.legend(frameon=False, loc="lower right", title="the line at the bottom: scikit-learn")
        return as_svg(figure)


def record(figures: Figures, folder: Path) -> None:
    """Page, picture and figures, which tell the same."""
    path = folder / "benchmarks.md"
    path.write_text(page(path.read_text(encoding="utf-8"), figures), encoding="utf-8")
    (folder / PICTURE).write_bytes(picture(figures))
    (folder / "benchmarks.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the page, its picture and docs/benchmarks.json")
    args = parser.parse_args(argv)
    if _left_out(OURS):
        return 1
    figures = measured()
    print("\n".join(tables(figures)))
    if args.record:
        record(figures, DOCS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
