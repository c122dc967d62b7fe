"""What `python -m bench.throughput` writes."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from bench import throughput
from bench.throughput import BEGIN, DOCS, END, FEATURES, LENGTHS, PICTURE, Figures, Speed, megabytes_a_second, page, picture, record, tables

FIGURES = Figures(
    "a machine",
    {"Python": "3.11.0"},
    {features: dict.fromkeys(LENGTHS, 1e7 / features) for features in FEATURES},
    {"latin": 500.0, "cyrillic": 200.0},
    {"Spillway": Speed(500.0, 5.1), "scikit-learn": Speed(2.5, 1500.0), "Vowpal Wabbit, file": Speed(80.0, None)},
)


def test_tables() -> None:
    lines = list(tables(FIGURES))
    assert lines[0] == "a machine; Python 3.11.0."
    assert "| scikit-learn | 2.5 | 200.0 | 1,500.0 |" in lines
    assert "| Vowpal Wabbit, file | 80.0 | 6.2 | - |" in lines
    assert "| 20,000 features |" + " 500 |" * len(LENGTHS) in lines
    assert lines[-1].endswith("| 500 | 200 |")


def test_only_what_stands_between_the_marks_is_rewritten() -> None:
    text = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    once = page(text, FIGURES)
    assert (once[:6], once[-7:], "old" in once) == ("above\n", "\nbelow\n", False)
    assert page(once, FIGURES) == once


def test_the_same_figures_give_the_same_picture() -> None:
    others = msgspec.structs.replace(FIGURES, by_length={features: {100: 1.0} for features in FEATURES})
    assert picture(FIGURES) == picture(FIGURES) != picture(others)


def test_a_record_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "benchmarks.md").write_text((DOCS / "benchmarks.md").read_text(encoding="utf-8"), encoding="utf-8")
    record(FIGURES, tmp_path)
    assert msgspec.json.decode((tmp_path / "benchmarks.json").read_bytes(), type=Figures) == FIGURES
    assert "| Spillway | 500.0 | 1.0 | 5.1 |" in (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert (tmp_path / PICTURE).read_bytes() == picture(FIGURES)


def test_the_page_shows_what_was_recorded() -> None:
    path = DOCS / "benchmarks.json"
    if not path.exists():
        pytest.skip("no figures are recorded yet")
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    figures = msgspec.json.decode(path.read_bytes(), type=Figures)
    assert page(text, figures) == text
    assert (DOCS / PICTURE).read_bytes() == picture(figures)


def test_speed_is_of_bytes_and_of_the_median_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput.timeit, "repeat", lambda *_, **__: [9.0, 2.0, 1.0, 4.0])
    assert megabytes_a_second(lambda _: [], ["я" * 500_000, "a" * 1_000_000]) == 1.0


def test_without_what_is_measured_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "classifier.integrations.sklearn", None)
    assert throughput.main([]) == 1
    assert "Spillway is left out" in capsys.readouterr().err
