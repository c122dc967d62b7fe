"""How fast ours scores documents by words and pairs, and what else does, in one run on one core."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from threadpoolctl import threadpool_limits

from bench.news import documents, labels
from bench.peers import FASTTEXT, OURS, PEERS, TFIDF, VOWPAL_WABBIT, Peer, Score, lesson

LEAST = {TFIDF: 50, FASTTEXT: 6, VOWPAL_WABBIT: 1.5}
"""How many times as fast as each ours is at least, on English with FEATURES features, also on a machine that is busy otherwise. What we
are after is 130, 12 and 6, and 1.8 of two threads (docs/benchmarks.md says how near we are): raise these as it gets faster."""
LEAST_OF_TWO_THREADS = 1.1
FEATURES = 100_000
N_ONE_BY_ONE = 200
Note = Callable[[list[str]], float]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """BLAS and OpenMP on one core."""
    with threadpool_limits(1):
        yield


@cache
def texts(script: str) -> list[str]:
    """40 MB of English, as many documents in other scripts."""
    return documents(15_000, 2700, script)


@cache
def fitted(peer: Peer, script: str, features: int) -> Score:
    if missing := peer.missing():
        pytest.skip(missing)
    return peer.fit(lesson(script), features)


Setting = tuple[str, int]
SETTINGS: list[Setting] = [("latin", 20_000), ("latin", FEATURES), ("latin", 200_000), ("cyrillic", FEATURES)]
"""Scripts and numbers of features."""
SPEEDS: dict[Setting, dict[Peer, float]] = {setting: {} for setting in SETTINGS}
"""MB/s as measured so far in this run."""


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Iterator[None]:
    """Lets go of the models while what they need to end is still there."""
    yield
    fitted.cache_clear()


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda setting: "-".join(map(str, setting)))
def setting(request: pytest.FixtureRequest) -> Setting:
    """Of module scope, so that ours is measured right after the peers of the same setting."""
    found: Setting = request.param
    return found


def measure(benchmark: BenchmarkFixture, note: Note, peer: Peer, setting: Setting) -> None:
    """Notes the speed; and that the peer has learnt what it was taught, so that it does the work that it stands for."""
    script, features = setting
    benchmark.group = f"score 2.7 kB documents, {script}, {features:,} features"
    score, some = fitted(peer, script, features), peer.some(texts(script))
    found = benchmark.pedantic(score, (some,), rounds=3, warmup_rounds=1)
    SPEEDS[setting][peer] = note(some)
    assert np.mean((np.asarray(found) > 0.5) == labels(len(some))) > 0.85


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_peer(benchmark: BenchmarkFixture, megabytes_a_second: Note, setting: Setting, peer: Peer) -> None:
    measure(benchmark, megabytes_a_second, peer, setting)


def test_ours(benchmark: BenchmarkFixture, megabytes_a_second: Note, remark: Callable[[str], None], setting: Setting) -> None:
    """Ahead of the peers measured before it in this run, with the numbers of scikit-learn."""
    measure(benchmark, megabytes_a_second, OURS, setting)
    speeds = SPEEDS[setting]
    ahead = {peer: round(speeds[OURS] / speed, 1) for peer, speed in speeds.items() if peer is not OURS}
    benchmark.extra_info["times as fast as"] = {peer.name: times for peer, times in ahead.items()}
    remark("; ".join(f"{times} times {peer.name}" for peer, times in ahead.items()))
    few = texts(setting[0])[:N_ONE_BY_ONE]
    assert np.allclose(fitted(OURS, *setting)(few), fitted(TFIDF, *setting)(few), rtol=0, atol=1e-9)
    if setting == ("latin", FEATURES):
        short = {peer.name: f"{ahead[peer]} times: expected {LEAST[peer]}" for peer in LEAST.keys() & ahead if ahead[peer] < LEAST[peer]}
        assert not short, short


@pytest.mark.parametrize("peer", [peer for peer in (*PEERS, OURS) if peer.one_by_one], ids=lambda peer: peer.name)
@pytest.mark.benchmark(group=f"{N_ONE_BY_ONE} documents of 2.7 kB one by one, {FEATURES:,} features")
def test_one_document(benchmark: BenchmarkFixture, megabytes_a_second: Note, peer: Peer) -> None:
    score, few = fitted(peer, "latin", FEATURES), texts("latin")[:N_ONE_BY_ONE]
    singles = [[text] for text in few]
    benchmark.pedantic(lambda: [score(single) for single in singles], rounds=3, warmup_rounds=1)
    megabytes_a_second(few)


@pytest.mark.benchmark(group="two threads against one")
def test_two_threads(benchmark: BenchmarkFixture, megabytes_a_second: Note, remark: Callable[[str], None]) -> None:
    """Best of each, since what else runs on the machine takes more from two than from one."""
    score, everything = fitted(OURS, "latin", FEATURES), texts("latin")
    alone = min(timeit.repeat(lambda: score(everything), number=1, repeat=5))
    halves = [everything[::2], everything[1::2]]
    with ThreadPoolExecutor(2) as pool:
        benchmark.pedantic(lambda: list(pool.map(score, halves)), rounds=7, warmup_rounds=1)
    megabytes_a_second(everything)
    times = alone / benchmark.stats.stats.min
    benchmark.extra_info["times as fast as one"] = round(times, 2)
    remark(f"{times:.2f} times one thread")
    assert times >= LEAST_OF_TWO_THREADS
