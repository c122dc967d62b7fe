"""Training as its users run it: the shipped model is what the corpus gives, and a topic of one's own works end to end."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import pytest
from conftest import ON_TOPIC, classify

from classifier import store
from classifier.scoring import Scorer
from classifier.topicfilter import TopicFilter
from training import __main__ as training
from training import card, config, corpus, results

PINNED = dict(re.findall(r"^([\w-]+)==(\S+)$", (Path(training.__file__).parent / "constraints.txt").read_text(), re.MULTILINE))
AS_PINNED = all(version(package) == number for package, number in PINNED.items())


@pytest.mark.slow
@pytest.mark.skipif(not AS_PINNED, reason="training/constraints.txt pins other versions than are installed")
def test_the_shipped_model_is_what_the_corpus_gives(tmp_path: Path) -> None:
    pipeline = tmp_path / "pipeline.joblib"
    assert training.main(["--out", str(tmp_path / store.DEFAULT_MODEL), "--pipeline-out", str(pipeline)]) == 0
    for name in sorted(path.name for path in store.find().iterdir()):
        assert (tmp_path / store.DEFAULT_MODEL / name).read_bytes() == (store.find() / name).read_bytes(), name
    texts = [item.text for item in corpus.load(config.DATA)]
    ours = [evidence.topic for evidence in Scorer(TopicFilter.load().model).evidence_many(texts)]
    assert np.abs(joblib.load(pipeline).decision_function(texts) - ours).max() < 1e-6


def test_the_manifest_tells_what_made_the_model() -> None:
    about = TopicFilter.load().model.about
    assert about["corpus"]["sha256"] == corpus.digest(corpus.load(config.DATA))
    assert about["corpus"]["test_sha256"] == corpus.digest(corpus.load(config.TEST))
    assert about["made_with"] == {package: PINNED[package] for package in about["made_with"]}


def test_the_card_is_rendered_from_the_manifest_and_the_results() -> None:
    model = TopicFilter.load().model
    recorded = results.load(results.path(model.name), model)
    openings = {item.id: card.opening(item.text) for item in corpus.load(config.DATA)}
    assert recorded.documents, "the results are of another model: python -m training record"
    assert (store.find() / store.CARD).read_text() == card.render(model, recorded, openings)


def test_a_corpus_that_is_wrong_is_bad_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "concepts.toml").write_text("[place]\nstems = ['minsk']\n")
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n')
    assert training.main(["--data", str(tmp_path)]) == 65
    assert f"{tmp_path}/a.jsonl:1: field 'id'" in capsys.readouterr().err


@pytest.fixture(scope="module")
def own_topic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty letters about bees and sixty about trams, each a little different."""
    folder = tmp_path_factory.mktemp("own")
    bees = ["hive", "queen", "honey", "swarm", "nectar", "apiary", "wax"]
    trams = ["track", "depot", "driver", "fare", "overhead", "stop", "timetable"]
    for name, words in (("on", bees), ("off", trams)):
        texts = [f"Letter {n}: the {words[n % 7]} and the {words[n % 5]} in spring need a {words[n % 3]}." for n in range(60)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return folder


@pytest.mark.slow
def test_a_topic_of_ones_own(own_topic: Path) -> None:
    model = own_topic / "bees"
    done = classify("train", "--on", str(own_topic / "on.jsonl"), "--off", str(own_topic / "off.jsonl"), "--out", str(model))
    assert done.returncode == 0, done.stderr
    assert b"bees@1" in done.stderr
    [verdict] = [
        json.loads(line) for line in classify("--model", str(model), stdin=b"Honey from the hive, said the queen").stdout.splitlines()
    ]
    assert (verdict["on_topic"], verdict["model"]) == (True, "bees@1")
    data = own_topic / "judged.jsonl"
    data.write_text(
        '{"text": "a swarm in the apiary, and honey", "label": 1}\n{"text": "the driver left the depot by the track", "label": 0}\n'
    )
    report = json.loads(classify("evaluate", "--model", str(model), str(data)).stdout)
    assert report["overall"]["f1"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--on", "nowhere.jsonl", "--off", "{off}"], 65, b"nowhere.jsonl: cannot be read"),
        (["--on", "{few}", "--off", "{off}"], 65, b"--on: expected at least 10 different texts to train on"),
        (["--on", "{off}"], 64, b"--off"),
    ],
)
def test_training_on_too_little_is_refused(own_topic: Path, tmp_path: Path, arguments: list[str], code: int, complaint: bytes) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text('{"text": "one"}\n')
    filled = [argument.format(off=own_topic / "off.jsonl", few=few) for argument in arguments]
    done = classify("train", *filled, "--out", str(tmp_path / "out"))
    assert (done.returncode, (tmp_path / "out").exists()) == (code, False)
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("{}", "expected an object with `text`"), ('{"text": "a", "label": 3}', "field 'label': expected 0 or 1, found 3")],
)
def test_evaluate_names_a_bad_line(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text(line + "\n")
    done = classify("evaluate", str(path))
    assert done.returncode == 65
    assert f"labelled.jsonl:1: {complaint}" in done.stderr.decode()


def test_evaluate_prints_a_table(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps({"text": ON_TOPIC, "label": 1, "lang": lang}) + "\n" for lang in ("en", "de")))
    shown = classify("evaluate", "--output", "text", str(path)).stdout.decode()
    assert "\nlanguage\n  de " in shown
    assert "1.0000" in shown
