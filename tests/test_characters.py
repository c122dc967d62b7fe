"""The character table: what is in the package is what training makes, and damage is noticed."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

import pytest

from classifier import _characters
from training import characters

RAW = (files("classifier") / "characters.bin").read_bytes()


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the table is made from Unicode 14.0.0, that of Python 3.11")
def test_the_shipped_table_is_the_one_training_makes() -> None:
    assert characters.build() == RAW


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="expected magic"):
        _characters.CharacterTable(b"x" * len(RAW))


@pytest.mark.parametrize(
    ("character", "folded"), [("Ж", "Ж"), ("й", "и"), ("ß", "ss"), ("…", "."), ("\u2028", "\n"), ("\u200d", ""), ("-", " ")]
)
def test_entries(character: str, folded: str) -> None:
    assert _characters.load()[ord(character)] == folded


def test_every_code_point_has_an_entry() -> None:
    table = _characters.load()
    assert all(isinstance(table[cp], str) for cp in range(0, 0x110000, 7))
