"""What the documentation shows is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from conftest import classify

from classifier import TopicFilter, __version__

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own example
    assert "True topic" in capsys.readouterr().out


def test_the_first_command_prints_what_is_shown() -> None:
    done = classify("clean", "--output", "text", "examples/scraped-page.txt", cwd=ROOT)
    shown = re.search(r"29 passages:\n\n(.*?)\n\n", README, re.DOTALL)
    assert shown
    *article, verdict = [line.strip() for line in shown.group(1).splitlines()]
    printed = done.stdout.decode().splitlines()
    assert len(printed) == len(article)
    assert all(line.startswith(start.removesuffix(" ...")) for line, start in zip(printed, article, strict=True))
    assert done.stderr.decode().strip() == verdict


@pytest.mark.parametrize("page", ["README.md", "docs/http.md"])
def test_the_answers_shown_are_those_given(shipped: TopicFilter, page: str) -> None:
    text = (ROOT / page).read_text()
    verdict = shipped.score("Minsk coders moved to Vilnius")
    assert f'"threshold":{verdict.threshold},"on_topic":true,"probability":{verdict.probability},"decision":"keep"' in text


def test_the_explanation_shown_is_the_one_given(shipped: TopicFilter) -> None:
    """Every object that the shortened example shows, and how many it says it leaves out."""
    text = (ROOT / "docs" / "http.md").read_text()
    [shown] = re.findall(r'"margin":.*?\n\n', text, re.DOTALL)
    found = shipped.explain("Minsk coders moved to Vilnius")
    assert f'"margin":{found.margin:.9f}'[:-3] in shown
    listed = [json.loads(one) for one in re.findall(r"\{[^{}]*\}", shown)]
    given = [*found.tokens[:2], *found.features[:2], *found.passages]
    for one, other in zip(listed, map(msgspec.structs.asdict, given), strict=True):
        assert one == {**other, "share": pytest.approx(other["share"], rel=1e-9)}
    assert f"{len(found.tokens) - 2} more tokens and {len(found.features) - 2} more features" in text


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_changelog_tells_of_this_version() -> None:
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE).group(1) == __version__  # type: ignore[union-attr]


def test_every_path_on_the_map_exists() -> None:
    [listed] = re.findall(r"## Map\n\n(.*?)\n\n##", (ROOT / "ARCHITECTURE.md").read_text(), re.DOTALL)
    folder = ROOT
    for line in listed.splitlines():
        indent, names = len(line) - len(line.lstrip()), re.split(r"\s{2,}", line.strip())[0]
        for name in re.split(r",\s*|\s+", names):
            path = (ROOT if indent == 4 else folder) / name.rstrip("/")
            assert path.exists(), path
        folder = ROOT / names.rstrip("/") if indent == 4 else folder
