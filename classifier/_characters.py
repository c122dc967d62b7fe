"""The character table of the `news` profile: what each code point becomes before words are cut.

The table is data, made once by `python -m training characters` from one version of Unicode, so that a text has the
same words on every Python. Layout of `characters.bin`, little-endian:

    8 bytes   magic "SPWCHAR2"
    8 bytes   Unicode version, ASCII, padded with NUL
    17,408 x uint16   block number of each run of 64 code points
    n x 64 x uint64   blocks; an entry is SEPARATOR, DROPPED, ITSELF (with SMALL added to a small letter), or up to three
                      code points, 21 bits each, low first, with UPPER added where one small letter stands for a capital

Whatever ends a sentence has become a full stop in it, whatever ends a line a line feed.
"""

from __future__ import annotations

import os
import sys
from array import array
from typing import Any

MAGIC = b"SPWCHAR2"
BLOCK = 64
N_BLOCKS = 0x110000 // BLOCK
SEPARATOR, DROPPED, ITSELF, UPPER, SMALL = 0, 1 << 63, 1 << 62, 1 << 61, 1 << 60
NEEDS_LOWER = 1 << 59
"""Only in the kernel's table of `sklearn`: a letter whose small form hangs on its neighbours."""
_CODE_POINT = (1 << 21) - 1


class CharacterTable(dict[int, str]):
    """A table for `str.translate`: code point to its folded form, capitals still capital; worked out when first met.

    A separator becomes a space, a dropped character nothing.
    """

    def __init__(self, raw: bytes) -> None:
        if raw[:8] != MAGIC:
            raise ValueError(f"characters.bin: expected magic {MAGIC!r}, found {raw[:8]!r}")
        self.unicode_version = raw[8:16].rstrip(b"\0").decode("ascii")
        self.raw_blocks, self.raw_entries = raw[16 : 16 + 2 * N_BLOCKS], raw[16 + 2 * N_BLOCKS :]
        self._blocks = from_little("H", self.raw_blocks)
        self._entries = from_little("Q", self.raw_entries)

    def __missing__(self, code_point: int) -> str:
        block, offset = divmod(code_point, BLOCK)
        folded = self[code_point] = _decode(self._entries[self._blocks[block] * BLOCK + offset], code_point)
        return folded


def from_little(kind: str, raw: bytes) -> array[Any]:
    """The numbers of an array that lies in a file, little-endian."""
    numbers = array(kind, raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _decode(entry: int, code_point: int) -> str:
    if entry == SEPARATOR:
        return " "
    if entry == DROPPED:
        return ""
    if entry & ITSELF:
        return chr(code_point)
    letters = entry & ~UPPER
    parts = (letters & _CODE_POINT, letters >> 21 & _CODE_POINT, letters >> 42)
    folded = "".join(chr(part) for part in parts if part)
    return folded.upper() if entry & UPPER else folded


def load() -> CharacterTable:
    """The table that ships with the package."""
    with open(os.path.join(os.path.dirname(__file__), "characters.bin"), "rb") as file:
        return CharacterTable(file.read())
