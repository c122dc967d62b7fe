"""The HTTP service, asked as its users ask it: a real process on a real port."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
from conftest import OFF_TOPIC, ON_TOPIC, classify

from classifier import TopicFilter, scoring
from classifier.errors import InputError
from classifier.service import Settings, create_app

LIMIT = Settings().max_body_bytes
JSON = {"content-type": "application/json"}


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of our own on a free port: its address and its process."""
    command = [sys.executable, "-W", "error", "-m", "classifier", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        try:
            yield found.group(), process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running() as (address, _), httpx.Client(base_url=address, timeout=30) as client:
        yield client


def problem(response: httpx.Response, status: int) -> str:
    """The detail of a problem document, which must be well formed and leak nothing."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    details = response.json()
    assert list(details) == ["type", "title", "status", "detail"]
    assert details["status"] == status
    assert "Traceback" not in details["detail"]
    assert str(Path(__file__).parent.parent) not in details["detail"]
    return str(details["detail"])


def test_score_one_text(client: httpx.Client, shipped: TopicFilter) -> None:
    answer = client.post("/v1/score", json={"text": ON_TOPIC}).json()
    verdict = shipped.score(ON_TOPIC)
    assert answer == {
        "model": verdict.model,
        "threshold": verdict.threshold,
        "on_topic": True,
        "probability": verdict.probability,
        "decision": "keep",
    }


def test_score_documents_in_order_with_their_ids(client: httpx.Client) -> None:
    texts = [{"id": "a", "text": OFF_TOPIC}, {"id": 7, "text": ON_TOPIC}, {"id": 1.5, "text": ""}, {"text": ON_TOPIC}]
    answer = client.post("/v1/score", json={"documents": texts}).json()
    assert list(answer) == ["model", "threshold", "results"]
    assert [(r["id"], r["decision"]) for r in answer["results"]] == [("a", "drop"), (7, "keep"), (1.5, "unsure"), (3, "keep")]


def test_clean_keeps_the_contract(client: httpx.Client) -> None:
    text = f"{ON_TOPIC}\n😀 {OFF_TOPIC}"
    answer = client.post("/v1/clean", json={"text": text}).json()
    assert answer["text"] == ON_TOPIC + "\n"
    assert [text[p["start"] : p["end"]] for p in answer["passages"]] == text.split("\n")
    assert [p["keep"] for p in answer["passages"]] == [True, False]
    assert {"model", "threshold", "on_topic", "probability", "decision"} < set(answer)


def test_clean_documents(client: httpx.Client) -> None:
    [one, two] = client.post("/v1/clean", json={"documents": [{"text": ON_TOPIC}, {"text": OFF_TOPIC}]}).json()["results"]
    assert (one["id"], one["text"], two["id"], two["text"]) == (0, ON_TOPIC, 1, "")


def test_explain_tells_what_the_filter_tells(client: httpx.Client, shipped: TopicFilter) -> None:
    text = f"{ON_TOPIC}\n😀 {OFF_TOPIC}"
    answer = client.post("/v1/explain?threshold=0.9", json={"text": text}).json()
    found = shipped.at(threshold=0.9).explain(text)
    assert list(answer) == [
        "model", "threshold", "on_topic", "probability", "decision", "margin", "bias", "tokens", "features", "passages",
    ]  # fmt: skip
    assert (answer["threshold"], answer["decision"], answer["margin"], answer["bias"]) == (
        0.9, found.verdict.decision, found.margin, found.bias,
    )  # fmt: skip
    for part in ("tokens", "features", "passages"):
        assert answer[part] == [msgspec.structs.asdict(one) for one in getattr(found, part)]


def test_explain_documents(client: httpx.Client, shipped: TopicFilter) -> None:
    texts = [{"id": "a", "text": ON_TOPIC}, {"text": ""}]
    answer = client.post("/v1/explain?recall=0.95", json={"documents": texts}).json()
    assert answer["threshold"] == shipped.model.thresholds.for_recall[1].threshold
    one, two = answer["results"]
    assert (one["id"], one["decision"], two["id"], two["decision"]) == ("a", "keep", 1, "unsure")
    assert one["bias"] + sum(feature["share"] for feature in one["features"]) == pytest.approx(one["margin"], rel=1e-9)
    assert (two["margin"], two["tokens"], two["features"], two["passages"]) == (two["bias"], [], [], [])


@pytest.mark.parametrize("route", ["score", "clean", "explain"])
def test_plain_text_is_one_document(client: httpx.Client, route: str) -> None:
    plain = client.post(f"/v1/{route}", content=ON_TOPIC.encode(), headers={"content-type": "text/plain; charset=utf-8"})
    assert plain.json() == client.post(f"/v1/{route}", json={"text": ON_TOPIC}).json()


PAGE = f"<title>Весна</title><nav>Share this</nav><p>{ON_TOPIC}<p>{OFF_TOPIC}"
EXTRACTED = f"Весна\nShare this\n{ON_TOPIC}\n{OFF_TOPIC}"


@pytest.mark.parametrize(("charset", "encoding"), [("", "utf-8"), ("; charset=koi8-r", "koi8-r"), (";charset=UTF-16LE", "utf-16-le")])
def test_html_is_one_document(client: httpx.Client, shipped: TopicFilter, charset: str, encoding: str) -> None:
    headers = {"content-type": "text/html" + charset}
    answer = client.post("/v1/clean", content=PAGE.encode(encoding), headers=headers).json()
    assert answer["extracted"] == EXTRACTED
    assert [EXTRACTED[p["start"] : p["end"]] for p in answer["passages"]] == EXTRACTED.split("\n")
    assert answer["text"] == shipped.clean_html(PAGE.encode()).text
    assert OFF_TOPIC not in answer["text"]
    score = client.post("/v1/score", content=PAGE.encode(encoding), headers=headers).json()
    assert score == client.post("/v1/score", json={"text": EXTRACTED}).json()


def test_only_html_has_extracted_text(client: httpx.Client) -> None:
    assert "extracted" not in client.post("/v1/clean", json={"text": ON_TOPIC}).json()
    assert client.post("/v1/clean", content=b"", headers={"content-type": "text/html"}).json()["extracted"] == ""


def test_html_without_its_extra_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resiliparse.py").write_text("raise ImportError(name='resiliparse')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    with running() as (address, _):
        response = httpx.post(f"{address}/v1/clean", content=PAGE.encode(), headers={"content-type": "text/html"}, timeout=30)
    assert "pip install 'spillway[html]'" in problem(response, 415)


def test_a_request_can_set_its_threshold(client: httpx.Client, shipped: TopicFilter) -> None:
    assert client.post("/v1/score?threshold=1", json={"text": ON_TOPIC}).json()["on_topic"] is False
    listed = shipped.model.thresholds.for_recall[0]
    recall, threshold = listed.recall, listed.threshold
    assert client.post(f"/v1/score?recall={recall}", json={"text": ON_TOPIC}).json()["threshold"] == threshold


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("threshold=2", "'threshold'"),
        ("threshold=nan", "'threshold'"),
        ("threshold=x", "'threshold'"),
        ("recall=0", "'recall'"),
        ("recall=0.999", "recall 0.999: expected"),
        ("recall=0.9&threshold=0.5", "expected one of the two"),
    ],
)
def test_impossible_thresholds(client: httpx.Client, query: str, complaint: str) -> None:
    assert complaint in problem(client.post(f"/v1/score?{query}", json={"text": ON_TOPIC}), 422)


@pytest.mark.parametrize(
    ("body", "status", "complaint"),
    [
        (b"{}", 422, "exactly one of the fields `text` and `documents`"),
        (b'{"text": "a", "documents": []}', 422, "exactly one"),
        (b'{"text": 5}', 422, "Expected `str`, got `int` - at `$.text`"),
        (b'{"text": null}', 422, "Expected `str`"),
        (b'{"text": "a", "lang": "en"}', 422, "unknown field `lang`"),
        (b'{"documents": [{"id": 1}]}', 422, "missing required field `text` - at `$.documents[0]`"),
        (b'{"documents": [{"id": [1], "text": "a"}]}', 422, "$.documents[0].id"),
        (b'{"documents": "a"}', 422, "Expected `array`"),
        (b"[]", 422, "Expected `object`"),
        (b"", 400, "expected JSON in UTF-8"),
        (b"{", 400, "expected JSON in UTF-8"),
        (b'{"text": NaN}', 400, "expected JSON in UTF-8"),
        (b'{"text": "\\ud800"}', 400, "expected JSON in UTF-8"),
        (b'{"text": "caf\xe9"}', 400, "expected JSON in UTF-8"),
        (b'\xef\xbb\xbf{"text": "a"}', 400, "expected JSON in UTF-8"),
        ('{"text": "a"}'.encode("utf-16"), 400, "expected JSON in UTF-8"),
        (b'{"text": "a"} x', 400, "expected JSON in UTF-8"),
        (b'{"text": ' + b"[" * 100_000, 422, "Expected `str`"),
        (b'{"other": ' + b"[" * 100_000, 422, "unknown field"),
    ],
)
def test_bad_bodies(client: httpx.Client, body: bytes, status: int, complaint: str) -> None:
    for route in ("score", "clean", "explain"):
        assert complaint in problem(client.post(f"/v1/{route}", content=body, headers=JSON), status)


def test_too_many_documents(client: httpx.Client) -> None:
    most = Settings().max_documents
    documents = [{"text": "a"}] * (most + 1)
    assert len(client.post("/v1/score", json={"documents": documents[:most]}).json()["results"]) == most
    assert f"at most {most} documents, found {most + 1}" in problem(client.post("/v1/score", json={"documents": documents}), 422)


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        ({"content-type": "application/xml"}, "expected application/json, text/plain or text/html, found application/xml"),
        ({}, "found none"),
        ({"content-type": "text/plain; charset=latin-1"}, "expected charset utf-8, found latin-1"),
        ({"content-type": "text/html; charset=bogus"}, "charset 'bogus': expected a name that browsers know"),
        ({**JSON, "content-encoding": "gzip"}, "Content-Encoding: expected none"),
    ],
)
def test_other_kinds_of_body(client: httpx.Client, headers: dict[str, str], complaint: str) -> None:
    assert complaint in problem(client.post("/v1/score", content=b'{"text": "a"}', headers=headers), 415)


def test_plain_text_that_is_not_utf8(client: httpx.Client) -> None:
    assert "byte 0xe9 at offset 3" in problem(client.post("/v1/score", content=b"caf\xe9", headers={"content-type": "text/plain"}), 400)


def chunks(body: bytes) -> Iterator[bytes]:
    for first in range(0, len(body), 1 << 16):
        yield body[first : first + (1 << 16)]


@pytest.mark.parametrize("chunked", [False, True])
def test_the_body_limit(client: httpx.Client, chunked: bool) -> None:
    whole = b"word " * (LIMIT // 5 + 1)
    for length, status in ((LIMIT, 200), (LIMIT + 1, 413)):
        body = whole[:length]
        response = client.post("/v1/score", content=chunks(body) if chunked else body, headers={"content-type": "text/plain"})
        assert response.status_code == status
    assert f"expected at most {LIMIT:,} bytes" in problem(response, 413)


def test_an_announced_length_is_refused_before_the_body(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=5) as connection:
        connection.sendall(b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000000\r\n\r\n")
        assert connection.recv(1 << 12).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/v1/score/", 404), ("GET", "/v1/score", 405), ("DELETE", "/livez", 405)],
)
def test_wrong_addresses_and_methods(client: httpx.Client, method: str, path: str, status: int) -> None:
    problem(client.request(method, path), status)


def test_models_livez_readyz(client: httpx.Client, shipped: TopicFilter) -> None:
    [model] = client.get("/v1/models").json()["models"]
    assert model["scoring_loop"] == scoring.ENGINE
    assert (model["model"], model["digest"]) == (shipped.model.full_name, shipped.model.digest)
    assert model["thresholds_for_recall"]["0.95"] == shipped.model.thresholds.for_recall[1].threshold
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {
        "status": "ready",
        "model": model["model"],
        "digest": model["digest"],
        "scoring_loop": scoring.ENGINE,
    }


def test_without_the_kernel_the_log_says_so(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(scoring, "remark", lambda: "built without")
    app = create_app(Settings(model=str(tiny_folder)))

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(start())
    assert caplog.messages.count("classify: built without") == 1


def test_the_schema_lists_every_route_and_resolves(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {"/v1/score", "/v1/clean", "/v1/explain", "/v1/models", "/livez", "/readyz"}
    for reference in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"]
    assert set(document["paths"]["/v1/score"]["post"]["responses"]) == {"200", "400", "413", "415", "422", "500"}
    bodies = document["paths"]["/v1/clean"]["post"]["requestBody"]["content"]
    assert set(bodies) == {"application/json", "text/plain", "text/html"}


def test_docs_work_without_network(client: httpx.Client) -> None:
    page = client.get("/docs").text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(asset).status_code == 200


def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = classify("serve", "--port", str(port))
    assert (done.returncode, done.stderr.decode()) == (69, f"classify: cannot listen on 127.0.0.1:{port}: Address already in use\n")


@pytest.mark.parametrize(("damage", "code"), [(False, 66), (True, 65)])
def test_a_bad_model_never_listens(tiny_folder: Path, damage: bool, code: int) -> None:
    if damage:
        (tiny_folder / "topic.f32").write_bytes(b"")
    started = time.monotonic()
    done = classify("serve", "--port", "0", "--model", str(tiny_folder) if damage else "nowhere")
    assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (code, 1, b"")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_ends_well(tiny_folder: Path, workers: str) -> None:
    with running("--model", str(tiny_folder), "--workers", workers, "--threshold", "0.75") as (address, process):
        with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as client:
            answer = client.post(f"{address}/v1/score", json={"text": "Minsk tech"}).json()
        assert (answer["model"], answer["threshold"]) == ("tiny@1", 0.75)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_settings_survive_the_environment() -> None:
    settings = Settings(model="x", threshold=0.25, max_documents=5)
    assert Settings.from_environment(settings.to_environment()) == settings
    with pytest.raises(InputError, match="SPILLWAY_THRESHOLD: expected float, found 'high'"):
        Settings.from_environment({"SPILLWAY_THRESHOLD": "high"})
