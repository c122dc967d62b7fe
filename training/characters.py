"""Makes classifier/characters.bin, the character table of the `news` profile, from this Python's Unicode data."""

from __future__ import annotations

import unicodedata
from array import array

from classifier._characters import BLOCK, DROPPED, ITSELF, MAGIC, SEPARATOR, SMALL, UPPER

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, which unicodedata does not carry. Code points still
# unassigned there are included, so that text of a later Unicode folds the same.
DEFAULT_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip

# Letters that Unicode does not decompose but that people write without their stroke, and the ligatures of two letters.
PLAIN = {"ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŀ": "l", "ĸ": "k"}

# Letters by category, but apostrophes and accents by use: they stand where ' and ´ stand, so they separate like them.
MODIFIER_APOSTROPHES = range(0x02B9, 0x02E0)

LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
SENTENCE_ENDS = ".!?…‼⁇⁈⁉。．！？؟۔।॥።։"


def build() -> bytes:
    """The bytes of the table; the layout is described in classifier/_characters.py."""
    ignorable = {cp for first, last in DEFAULT_IGNORABLE for cp in range(first, last + 1)}
    blocks: dict[tuple[int, ...], int] = {}
    numbers = array("H")
    for start in range(0, 0x110000, BLOCK):
        block = tuple(DROPPED if cp in ignorable else _entry(cp) for cp in range(start, start + BLOCK))
        numbers.append(blocks.setdefault(block, len(blocks)))
    entries = array("Q", [entry for block in blocks for entry in block])
    version = unicodedata.unidata_version.encode().ljust(8, b"\0")
    return MAGIC + version + numbers.tobytes() + entries.tobytes()


def _entry(code_point: int) -> int:
    character = chr(code_point)
    if character in LINE_BREAKS:
        return ord("\n")
    if character in SENTENCE_ENDS:
        return ord(".")
    if unicodedata.category(character)[0] == "M":
        return DROPPED
    folded = _fold(character)
    if not folded or len(folded) > 3 or not all(_in_word(part) for part in folded):
        return SEPARATOR
    if folded == character:
        return ITSELF | SMALL if character.islower() else ITSELF
    upper = UPPER if _is_capital(character, folded) else 0
    return sum((ord(part) << 21 * place for place, part in enumerate(folded)), upper)


def _is_capital(character: str, folded: str) -> bool:
    """Whether it is the capital of its folded letter on every Python: not of sigma, whose small form hangs on its place."""
    return character.isupper() and folded != "σ" and len(folded) == 1 == len(folded.upper()) and folded.upper().lower() == folded


def _fold(character: str) -> str:
    """Compatibility decomposition, no marks, case folding; repeated until nothing changes, as folding can decompose.

    Small letters, as the case folding of Cherokee is its capitals. Marks go before the case does: folded, the iota under a Greek
    vowel is a letter.
    """
    unmarked = "".join(c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c)[0] != "M")
    folded = "".join(PLAIN.get(c, c) for c in unmarked.casefold().lower())
    return folded if folded == character else _fold(folded)


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN" and ord(character) not in MODIFIER_APOSTROPHES
