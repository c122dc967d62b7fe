"""The command: contracts, exit codes, bad input, in real processes on real files."""

from __future__ import annotations

import json
import multiprocessing
import os
import pty
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from conftest import OFF_TOPIC, ON_TOPIC, classify

from classifier import TopicFilter, __version__, scoring, store
from classifier.cli import main

WITHOUT_KERNEL = b"classify: built without the compiled kernel"
RECORDS = [{"id": "on", "text": ON_TOPIC}, {"id": 7, "text": OFF_TOPIC, "url": "https://example.org/7"}, {"text": ""}]
JSONL = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS).encode()


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(f"{ON_TOPIC}\nShare this\n{OFF_TOPIC}\n")
    return path


def test_score_keeps_its_contract(shipped: TopicFilter) -> None:
    done = classify("score", "--input", "jsonl", "--output", "jsonl", "-", stdin=JSONL)
    assert done.returncode == 0
    on, off, empty = answers(done)
    assert list(on) == ["id", "on_topic", "probability", "decision", "model"]
    assert (on["id"], on["on_topic"], on["decision"], on["model"]) == ("on", True, "keep", shipped.model.full_name)
    assert (off["id"], off["on_topic"], off["decision"]) == (7, False, "drop")
    assert (empty["id"], empty["on_topic"], empty["decision"]) == (3, False, "unsure")


def test_score_is_the_default_command(page: Path) -> None:
    done = classify(str(page))
    assert done.stdout == classify("score", str(page)).stdout
    assert answers(done)[0]["id"] == str(page)


def test_clean_keeps_its_contract() -> None:
    text = f"{ON_TOPIC}\r\n\r\n😀 {OFF_TOPIC}\n"
    [answer] = answers(classify("clean", "--output", "jsonl", stdin=json.dumps({"id": 1, "text": text}).encode()))
    assert list(answer) == ["id", "on_topic", "probability", "decision", "model", "text", "passages"]
    assert answer["text"] == f"{ON_TOPIC}\r\n\r\n"
    first, second = answer["passages"]
    assert list(first) == ["start", "end", "keep", "probability", "reason"]
    assert (first["start"], first["end"], first["keep"]) == (0, len(ON_TOPIC), True)
    assert text[second["start"] : second["end"]] == f"😀 {OFF_TOPIC}"


def test_clean_as_text_is_the_kept_text(page: Path) -> None:
    done = classify("clean", "--output", "text", str(page))
    assert done.stdout.decode() == ON_TOPIC + "\n"
    assert b"in 1 of 3 passages" in done.stderr


def test_show_marks_the_lines_of_the_whole_page(page: Path) -> None:
    page.write_bytes(f"\n  {ON_TOPIC}\r\n\r\n\tShare this \u2028{OFF_TOPIC}".encode())
    done = classify("clean", "--show", str(page))
    assert done.stdout.decode() == f"\n    {ON_TOPIC}\n\n-       Share this\n- {OFF_TOPIC}\n"
    assert done.stderr == classify("clean", "--output", "text", str(page)).stderr


def test_show_breaks_a_long_line_where_its_passages_part_ways(shipped: TopicFilter) -> None:
    on, off = (" ".join([sentence] * 20) for sentence in (ON_TOPIC, OFF_TOPIC))
    done = classify("clean", "--show", "--quiet", stdin=f"{on} {off}".encode())
    kept = shipped.clean(f"{on} {off}").text.strip()
    assert kept.startswith(on)
    assert (done.stdout.decode(), done.stderr) == (f"  {kept}\n- {f'{on} {off}'[len(kept) + 1 :]}\n", b"")


def test_show_takes_several_files_and_html(page: Path, tmp_path: Path) -> None:
    html = tmp_path / "page.html"
    html.write_bytes(HTML)
    done = classify("clean", "--show", "--jobs", "2", str(page), str(html))
    texts = f"  {ON_TOPIC}\n- Share this\n- {OFF_TOPIC}\n", f"- Share this\n  {ON_TOPIC}\n- 😀 {OFF_TOPIC}\n"
    assert done.stdout.decode() == f"==> {page} <==\n{texts[0]}==> {html} <==\n{texts[1]}"


def test_show_keeps_what_it_cannot_judge() -> None:
    done = classify("clean", "--show", stdin=b'{"text": ""}\n{"text": "Good day\\nQwx"}\n[]\n')
    assert done.returncode == 1
    assert done.stdout == b"==> -:1 <==\n==> -:2 <==\n  Good day\n  Qwx\n"
    assert b"-:1: the text is empty" in done.stderr
    assert b"-:2: kept 11 of 11 characters in 2 of 2 passages" in done.stderr
    assert b"-:3: expected a JSON object" in done.stderr


def test_show_is_not_for_json_lines() -> None:
    done = classify("clean", "--show", "--output", "jsonl", stdin=JSONL)
    assert (done.returncode, done.stdout) == (64, b"")
    assert done.stderr == b"classify clean: --show: expected readable output, found --output jsonl\n"


def test_explain_keeps_its_contract(shipped: TopicFilter) -> None:
    text = f"😀 {ON_TOPIC}\n{OFF_TOPIC}"
    stdin = json.dumps({"id": 1, "text": text}).encode() + b"\n[]\n"
    done = classify("explain", "--input", "jsonl", "--output", "jsonl", "--jobs", "2", stdin=stdin)
    answer, bad = answers(done)
    assert list(answer) == [
        "id", "on_topic", "probability", "decision", "model", "threshold", "margin", "bias", "tokens", "features", "passages",
    ]  # fmt: skip
    assert (answer["id"], answer["decision"], answer["threshold"]) == (1, shipped.score(text).decision, shipped.threshold)
    assert [list(answer[part][0]) for part in ("tokens", "features", "passages")] == [
        ["start", "end", "share"],
        ["feature", "share", "count"],
        ["start", "end", "keep", "probability", "reason", "share"],
    ]
    assert "Minsk" in {text[token["start"] : token["end"]] for token in answer["tokens"]}
    assert answer["bias"] + sum(token["share"] for token in answer["tokens"]) == pytest.approx(answer["margin"], rel=1e-9)
    assert (done.returncode, list(bad), bad["id"]) == (1, ["id", "error"], 2)


def test_explain_as_text_tells_words_and_passages(page: Path) -> None:
    verdict, for_, against, *passages = classify("explain", "--output", "text", "--top", "2", str(page)).stdout.decode().splitlines()
    assert f"{page}: margin " in verdict
    assert re.fullmatch(r"for {6}(\S+ \+\d\.\d\d, )\S+ \+\d\.\d\d", for_)
    assert re.fullmatch(r"against {2}(\S+ -\d\.\d\d, )\S+ -\d\.\d\d", against)
    assert [line.split()[0] for line in passages] == ["keep", "drop", "drop"]
    assert passages[0].endswith(f"  {ON_TOPIC[:80]} ...")
    assert passages[1].endswith("  Share this")


FOR_PEOPLE = pytest.mark.parametrize("command", [("explain", "--output", "text"), ("clean", "--show")], ids=" ".join)


@FOR_PEOPLE
def test_nothing_that_a_terminal_obeys_is_shown(command: tuple[str, ...]) -> None:
    done = classify(*command, stdin=f"{ON_TOPIC[:30]} \x1b[2J M\u200binsk\u202e".encode())
    assert "·[2J M·insk" in done.stdout.decode()
    assert not {"\x1b", "\u200b", "\u202e"} & set(done.stdout.decode())


@FOR_PEOPLE
def test_what_the_output_cannot_encode_becomes_a_question_mark(command: tuple[str, ...]) -> None:
    done = classify(*command, stdin="Минск: café".encode(), env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0
    assert done.stdout.endswith(b"?????: caf\xe9\n")


def test_explain_has_a_line_for_an_empty_text_and_for_a_bad_record() -> None:
    done = classify("explain", "--input", "jsonl", "--output", "text", stdin=b'{"text": ""}\n[]\n')
    empty, for_, against, bad = done.stdout.decode().splitlines()
    assert empty.startswith("unsure")
    assert (for_, against) == ("for      no word", "against  no word")
    assert bad.startswith("error ")


HTML = f"<!doctype html><body><nav>Share this</nav><article><p>{ON_TOPIC}<p>😀 <b>{OFF_TOPIC}</b></article>".encode()


def test_clean_takes_html() -> None:
    [answer] = answers(classify("clean", "--output", "jsonl", stdin=HTML))
    assert list(answer) == ["id", "on_topic", "probability", "decision", "model", "text", "passages", "extracted"]
    assert answer["extracted"] == f"Share this\n{ON_TOPIC}\n😀 {OFF_TOPIC}"
    assert answer["text"] == ON_TOPIC + "\n"
    assert [answer["extracted"][p["start"] : p["end"]] for p in answer["passages"] if p["keep"]] == [ON_TOPIC]
    [empty] = answers(classify("clean", "--input", "html", "--output", "jsonl", stdin=b""))
    assert (empty["decision"], empty["extracted"]) == ("unsure", "")


def test_score_takes_html_in_several_processes(tmp_path: Path, shipped: TopicFilter) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(HTML)
    one, two = answers(classify("--jobs", "2", str(path), str(path)))
    assert one == two
    assert one["probability"] == shipped.score(f"Share this\n{ON_TOPIC}\n😀 {OFF_TOPIC}").probability


def test_html_without_its_extra_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "resiliparse.py").write_text("raise ImportError(name='resiliparse')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = classify("--input", "html", stdin=HTML, env={**os.environ, "PYTHONPATH": path})
    assert (done.returncode, done.stdout) == (69, b"")
    assert done.stderr.decode() == "classify: resiliparse is not installed; this needs: pip install 'spillway[html]'\n"


def test_filter_passes_records_byte_for_byte() -> None:
    odd = b'{ "text":"' + ON_TOPIC.encode() + b'",  "x": [1, 2.50],"id":null }'
    done = classify("filter", stdin=JSONL + odd)
    lines = JSONL.splitlines(keepends=True)
    assert done.stdout == lines[0] + lines[2] + odd + b"\n"
    assert classify("filter", "--strict", stdin=JSONL).stdout == lines[0]


@pytest.mark.parametrize(
    ("texts", "code"),
    [([ON_TOPIC], 0), ([ON_TOPIC, OFF_TOPIC, ""], 10), ([ON_TOPIC, ""], 11), ([], 0)],
    ids=["on", "off", "unsure", "none"],
)
def test_exit_code_tells_the_decision_if_asked(texts: list[str], code: int) -> None:
    stdin = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)
    assert classify("--input", "jsonl", "--exit-code", stdin=stdin).returncode == code
    assert classify("--input", "jsonl", stdin=stdin).returncode == 0


def test_a_bad_record_is_answered_and_the_rest_goes_on() -> None:
    done = classify("--input", "jsonl", "-", stdin=b'[1]\n{"id": "x"}\n' + JSONL)
    assert done.returncode == 1
    first, second, *rest = answers(done)
    assert (first["id"], list(first)) == (1, ["id", "error"])
    assert (second["id"], second["error"]) == ("x", "field 'text': missing")
    assert [answer["id"] for answer in rest] == ["on", 7, 5]
    assert b"-:1: expected a JSON object" in done.stderr
    assert b"-:2: field 'text': missing" in done.stderr


def test_an_unreadable_file_is_reported_and_the_rest_goes_on(page: Path, tmp_path: Path) -> None:
    done = classify("nowhere.txt", str(tmp_path), str(page))
    assert done.returncode == 66
    assert len(answers(done)) == 1
    assert b"nowhere.txt: cannot be read: No such file or directory" in done.stderr
    assert b"Is a directory" in done.stderr


@pytest.mark.parametrize(("content", "complaint"), [(b"\x00\x01", b"binary file"), (b"caf\xe9", b"byte 0xe9 at offset 3")])
def test_a_file_that_is_no_text_is_bad_data(tmp_path: Path, content: bytes, complaint: bytes) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    done = classify(str(path))
    assert done.returncode == 65
    assert complaint in done.stderr
    assert answers(done)[0]["id"] == str(path)


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    done = classify(str(path))
    assert answers(done)[0]["decision"] == "unsure"
    assert b"empty.txt: the text is empty" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--threshold", "2"], 64, b"'2': expected a number from 0 to 1"),
        (["--threshold", "0.5", "--recall", "0.9"], 64, b"not allowed with"),
        (["--recall", "0.999"], 64, b"recall 0.999: expected"),
        (["--jobs", "0"], 64, b"whole number"),
        (["explain", "--top", "0"], 64, b"whole number"),
        (["--input", "pdf"], 64, b"invalid choice"),
        (["--bogus"], 64, b"unrecognized arguments"),
        (["--model", "nowhere"], 66, b"model 'nowhere': expected"),
    ],
)
def test_bad_options(arguments: list[str], code: int, complaint: bytes) -> None:
    done = classify(*arguments, stdin=b"text")
    assert (done.returncode, done.stdout) == (code, b"")
    assert complaint in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["score", "clean", "filter", "explain", "model"])
def test_a_damaged_model_is_refused_in_one_line(tiny_folder: Path, command: str) -> None:
    (tiny_folder / "topic.f32").write_bytes(b"")
    option = [] if command == "model" else ["--model"]
    done = classify(command, *option, str(tiny_folder), stdin=JSONL)
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.decode() == f"classify: {tiny_folder}/topic.f32: size in bytes: expected 24, found 0\n"


def test_raising_the_threshold_keeps_less() -> None:
    kept = [len(classify("filter", "--strict", "--threshold", p, stdin=JSONL).stdout) for p in ("0", "0.5", "1")]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] > kept[2] == 0


def test_several_processes_answer_the_same_in_order() -> None:
    stdin = b"".join(json.dumps({"id": n, "text": (ON_TOPIC, OFF_TOPIC)[n % 2]}).encode() + b"\n" for n in range(200)) + b"[]\n"
    one, two = (classify("--input", "jsonl", "--jobs", jobs, stdin=stdin) for jobs in ("1", "2"))
    assert one.stdout == two.stdout
    assert one.returncode == two.returncode == 1


def test_json_lines_are_recognised_without_being_told() -> None:
    assert len(answers(classify(stdin=JSONL))) == 3


def test_a_full_disk_is_told_in_one_line(page: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "classifier", str(page)], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (74, b"classify: the output cannot be written: No space left on device\n")


def test_a_closed_pipe_ends_quietly() -> None:
    code = f"{sys.executable} -m classifier --quiet --input jsonl | head -n 1"
    done = subprocess.run(["bash", "-c", code], input=JSONL * 3000, capture_output=True, timeout=60, check=False)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == b""


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What the command prints where standard output is a terminal."""
    controller, terminal = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **environment}
    with subprocess.Popen([sys.executable, "-m", "classifier", *arguments], stdout=terminal, env=env) as process:
        process.wait(30)
        os.close(terminal)
        return os.read(controller, 1 << 16).decode()


def test_a_terminal_gets_a_coloured_line_and_no_color_is_honoured(page: Path) -> None:
    page.write_text(ON_TOPIC)
    assert "\x1b[32mkeep" in on_a_terminal(str(page))
    plain = on_a_terminal(str(page), NO_COLOR="1")
    assert plain.startswith("keep")
    assert "\x1b[3" not in plain


def test_explain_colours_the_words_that_drove_the_verdict(page: Path) -> None:
    coloured = on_a_terminal("explain", str(page))
    assert "the \x1b[32mMinsk\x1b[0m" in coloured
    assert "\x1b[31m" in coloured
    assert "\x1b[3" not in on_a_terminal("explain", str(page), NO_COLOR="1")


def test_show_strikes_out_what_is_dropped_on_a_terminal(page: Path) -> None:
    page.write_text(f"  {ON_TOPIC}\n\n  Share\x1b[2J this\r{OFF_TOPIC}\n")
    struck = "\x1b[2;9m{}\x1b[0m".format
    lines = [f"  {ON_TOPIC}", "", "  " + struck("Share·[2J this"), struck(OFF_TOPIC), ""]
    assert on_a_terminal("clean", "--show", str(page)) == "\r\n".join(lines)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_show_marks_lines_on_a_terminal_without_styles(page: Path, environment: dict[str, str]) -> None:
    shown = on_a_terminal("clean", "--show", str(page), **environment)
    assert shown == f"  {ON_TOPIC}\r\n- Share this\r\n- {OFF_TOPIC}\r\n"


def test_progress_is_shown_only_on_a_terminal() -> None:
    controller, terminal = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "classifier", "--input", "jsonl"]
    done = subprocess.run(command, input=JSONL * 50, stdout=subprocess.PIPE, stderr=terminal, env=env, timeout=60, check=False)
    os.close(terminal)
    assert len(done.stdout.splitlines()) == 150
    assert "documents" in os.read(controller, 1 << 16).decode()
    assert b"documents" not in classify("--input", "jsonl", stdin=JSONL).stderr


def test_model_shows_and_verifies(tiny_folder: Path) -> None:
    done = classify("model", str(tiny_folder), "--top", "2", "--output", "text")
    assert done.returncode == 0
    assert b"tiny@1" in done.stdout
    assert b"all verified, digest " + store.load(tiny_folder).digest.encode() in done.stdout
    assert b"for        mins* +6.00, minsk +3.75" in done.stdout
    [summary] = answers(classify("model", str(tiny_folder)))
    assert (summary["model"], summary["features"]) == ("tiny@1", 6)


def test_model_lists_what_is_shipped() -> None:
    assert classify("model", "--list").stdout.decode().split("\t")[0] == store.DEFAULT_MODEL


@pytest.mark.parametrize("command", ["score", "clean", "filter", "model", "serve", "train", "evaluate"])
def test_every_command_has_help_with_examples(command: str) -> None:
    done = classify(command, "--help")
    assert done.returncode == 0
    assert b"examples:\n  classify " in done.stdout


def test_the_overview_lists_every_command() -> None:
    overview = classify("--help").stdout.decode()
    assert all(f"\n  {name} " in overview for name in ("score", "clean", "filter", "explain", "model", "serve", "train", "evaluate"))
    assert "exit codes:" in overview


def test_version_names_the_scoring_loop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"spillway {__version__} (scoring loop: ")


def test_scoring_imports_no_scikit_learn() -> None:
    code = """if True:
        import sys
        from classifier.cli import main
        main(["score", "--input", "text"])
        heavy = {"sklearn", "scipy", "joblib", "numpy", "fastapi", "pydantic", "rich", "resiliparse"}
        sys.exit(" ".join(heavy & set(sys.modules)) or 0)"""
    done = subprocess.run([sys.executable, "-c", code], input=ON_TOPIC.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_version_names_the_loop_and_its_level() -> None:
    assert f"(scoring loop: {scoring.LOOP}; ".encode() in classify("--version").stdout
    assert scoring.LOOP == "reference" or scoring.LOOP.split(", ")[1] in ("plain", "sse2", "avx2")


def without_kernel(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command where the package could not be compiled."""
    code = "import sys; sys.modules['classifier._kernel'] = None; from classifier.cli import main; sys.exit(main())"
    told = {name: value for name, value in os.environ.items() if name != "SPILLWAY_KERNEL"} | environment
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, env=told)


def test_without_the_kernel_the_command_says_so_once(tiny_folder: Path, page: Path) -> None:
    arguments = ("score", "--model", str(tiny_folder), str(page), str(page))
    done = without_kernel(*arguments)
    assert (done.returncode, done.stderr.count(WITHOUT_KERNEL), len(answers(done))) == (0, 1, 2)
    assert without_kernel(*arguments, "--quiet").stderr == b""
    assert without_kernel(*arguments, SPILLWAY_KERNEL="reference").stderr == b""
    assert b"(scoring loop: reference; " in without_kernel("--version").stdout


def test_a_filter_goes_to_a_process_that_shares_no_memory(shipped: TopicFilter) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(shipped.at(threshold=0.9).score, ON_TOPIC).result() == shipped.at(threshold=0.9).score(ON_TOPIC)
