"""One model, two ways to score it: the scikit-learn pipeline it was fitted as, and our scoring loop; and what passages cost it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sklearn.pipeline import Pipeline

from bench.news import DIGEST, digest, documents
from classifier import passages, scoring
from classifier.model import Calibration, Model, Thresholds
from training import config, export, fit
from training.corpus import Item
from training.run import NO_PASSAGES

TEXTS = documents(400, 2700)


@pytest.fixture(scope="module")
def pair() -> tuple[Pipeline, Model]:
    """Pipelines fitted on texts of the same kind with the settings of the shipped model, and the model exported from them."""
    assert digest(TEXTS) == DIGEST
    items = [Item(str(n), "en", n % 2, "k", "furniture" if n % 5 == 0 else "wire", str(n), text) for n, text in enumerate(TEXTS)]
    settings = config.shipped()
    fitted = fit.fit(items, settings)
    topic, *_ = fit.pipelines(fitted, settings)
    return topic, export.model(fitted, Calibration(1, 0, 0.5), Thresholds(0.5, 0, 3, 0.2, ()), NO_PASSAGES, settings, {})


@pytest.mark.benchmark(group="score 400 documents of 2.7 kB, words, pairs, stems and concepts")
def test_scikit_learn(benchmark: BenchmarkFixture, pair: tuple[Pipeline, Model], megabytes_a_second: Callable[[list[str]], None]) -> None:
    benchmark(pair[0].decision_function, TEXTS)
    megabytes_a_second(TEXTS)


@pytest.mark.benchmark(group="score 400 documents of 2.7 kB, words, pairs, stems and concepts")
def test_ours(benchmark: BenchmarkFixture, pair: tuple[Pipeline, Model], megabytes_a_second: Callable[[list[str]], None]) -> None:
    topic, model = pair
    scorer = scoring.Scorer(model)
    found = benchmark(scorer.evidence_many, TEXTS)
    megabytes_a_second(TEXTS)
    benchmark.extra_info["scoring loop"] = scoring.ENGINE
    assert np.allclose(topic.decision_function(TEXTS), [e.topic for e in found], rtol=0, atol=1e-6)


@pytest.mark.benchmark(group="one reading each of 400 documents of 2.7 kB")
def test_document_alone(benchmark: BenchmarkFixture, pair: tuple[Pipeline, Model], megabytes_a_second: Callable[[list[str]], None]) -> None:
    scorer = scoring.Scorer(pair[1])
    benchmark(lambda: [scorer.evidence(text) for text in TEXTS])
    megabytes_a_second(TEXTS)


@pytest.mark.benchmark(group="one reading each of 400 documents of 2.7 kB")
def test_passages_and_document(
    benchmark: BenchmarkFixture, pair: tuple[Pipeline, Model], megabytes_a_second: Callable[[list[str]], None]
) -> None:
    scorer = scoring.Scorer(pair[1])
    cut = [(text, passages.split(text)) for text in TEXTS]

    def read() -> list[scoring.Evidence]:
        readings = (scorer.read(text, spans) for text, spans in cut)
        return [reading.document() for reading in readings if reading.evidence]

    found = benchmark(read)
    megabytes_a_second(TEXTS)
    assert found == [scorer.evidence(text) for text in TEXTS]
