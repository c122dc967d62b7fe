"""What the compiled kernel looks up: the hashes of a model's features in a perfect hash table, and the stems of its facets in a trie.
Both are made once, at export.

A feature's key is a hash of 64 bits, of the UTF-8 bytes of its words. With `mix` the exclusive or of the two halves of a product of
128 bits (as in wyhash, Wang Yi 2019), and words in blocks of 16 bytes, the last one padded with zeros:

    word   key = mix(first half of block ^ WORD[0] ^ key, second half ^ WORD[1]), from key = 0, for each block
    pair   mix(key of first ^ PAIR[0], key of second ^ PAIR[1]); of three words, the pair of the first two with the third
    stem   as a word of one block, with STEM

In `news` an acronym has the key of its small form ^ ACRONYM.

The table (hash and displace: Belazzougui, Botelho and Dietzfelbinger 2009): a key's highest bits name a bucket, the bucket's pilot its
slot: (key + pilot x (key >> 32)) modulo the number of slots. Buckets are placed one by one, the largest first, each with the least
pilot that leads all its keys to free slots. A slot holds its key, but that the lowest bits, which the place of the slot and the highest
bits give away, are the row of the feature: so one number of 64 bits is all that is read, and all 64 bits of the key are compared.

An unknown word is taken for a feature if its key is that of one: of n features, with a probability of n / 2^64 a look-up, for 100,000 of
them once in 180,000 billion. Features that share a key are refused.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, product
from typing import NamedTuple

from classifier import _characters, tokens
from classifier.concepts import EXACT, Lexicon
from classifier.errors import ModelError
from classifier.model import Concepts

WORD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
PAIR = (0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
STEM = (0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3)
ACRONYM = 0x589965CC75374CC3

MAGIC = b"SPWTABL1"

_WORD_CHARACTER, _NO_WORD = re.compile(r"\w"), re.compile(r"\W*")
_64_BITS = (1 << 64) - 1
_32_BITS = (1 << 32) - 1
MOST_FILLED = 0.8
"""Features to a slot at most: nearer 1, pilots get hard to find."""
SLOTS_OF_BUCKET = 8
FEWEST_SLOTS = 64
MOST_SLOTS = 1 << 26
_LOWEST_BITS = 26
"""Keys that are 0 but for these, or all ones, are no feature's: an empty slot is the one, and the kernel looks up the other for nothing."""
_MOST_PILOTS = 1 << 16


class Table(NamedTuple):
    """slots: (a power of two,) uint64, a key with the row of its feature in the lowest bits; an empty one is 0 but for a row too many.
    pilots: (slots / SLOTS_OF_BUCKET,) uint16. features: (rows,) uint32, the number of the feature in each row."""

    slots: array[int]
    pilots: array[int]
    features: array[int]


def mix(a: int, b: int) -> int:
    product = a * b
    return (product & _64_BITS) ^ (product >> 64)


def word_key(word: bytes, seed: tuple[int, int] = WORD) -> int:
    key = 0
    for at in range(0, len(word), 16):
        block = word[at : at + 16].ljust(16, b"\0")
        key = mix(int.from_bytes(block[:8], "little") ^ seed[0] ^ key, int.from_bytes(block[8:], "little") ^ seed[1])
    return key


def feature_key(feature: str, profile: str) -> int:
    """The key of a word, of a stem (`prog*`), or of words with spaces between them."""
    if profile == "news" and feature.endswith("*"):
        return word_key(feature[:-1].encode(), STEM)
    first, *more = [_key_in(word, profile) for word in feature.split(" ")]
    for key in more:
        first = mix(first ^ PAIR[0], key ^ PAIR[1])
    return first


def _key_in(word: str, profile: str) -> int:
    if profile == "news" and word.isupper() and len(word) <= tokens.LONGEST_ACRONYM:
        return word_key(word.lower().encode()) ^ ACRONYM
    return word_key(word.encode("utf-8", "surrogatepass"))


def build(keys: Sequence[int], order: Sequence[int]) -> Table:
    """The table of some features, given the key of each. order: their numbers, the most frequent first; that is the order of the rows.

    :raises ModelError: if two features have the same key, one has a key that means none, or there are more than MOST_SLOTS allow for.
    """
    if len(set(keys)) < len(keys) or any(key >> _LOWEST_BITS in (0, _64_BITS >> _LOWEST_BITS) for key in keys):
        raise ModelError("two features have one hash, or one has that of none: this happens once in a million models; leave one out")
    n_slots = FEWEST_SLOTS
    while n_slots * MOST_FILLED < len(keys):
        n_slots *= 2
    in_order = [keys[number] for number in order]
    while n_slots <= MOST_SLOTS:
        placed = _place(in_order, n_slots)
        if placed:
            return Table(*placed, array("I", order))
        n_slots *= 2
    raise ModelError(f"{len(keys)} features: expected at most {int(MOST_SLOTS * MOST_FILLED)}")


def _place(keys: Sequence[int], n_slots: int) -> tuple[array[int], array[int]] | None:
    """The slots and pilots of keys, each of which has the row of its number."""
    mask, n_buckets = n_slots - 1, n_slots // SLOTS_OF_BUCKET
    shift = 65 - n_buckets.bit_length()
    buckets: list[list[int]] = [[] for _ in range(n_buckets)]
    for row, key in enumerate(keys):
        buckets[key >> shift].append(row)
    slots, pilots = array("Q", [len(keys)]) * n_slots, array("H", bytes(2 * n_buckets))
    is_free = bytearray(b"\1" * n_slots)
    for bucket in sorted(range(n_buckets), key=lambda b: -len(buckets[b])):
        rows = buckets[bucket]
        if not rows:
            break
        found = _free_slots([keys[row] & mask for row in rows], [keys[row] >> 32 & mask for row in rows], mask, is_free)
        if found is None:
            return None
        pilots[bucket], places = found
        for place, row in zip(places, rows, strict=True):
            is_free[place] = 0
            slots[place] = (keys[row] & ~mask) | row
    return slots, pilots


def _free_slots(lows: Iterable[int], steps: Iterable[int], mask: int, is_free: bytearray) -> tuple[int, list[int]] | None:
    """The least pilot that leads keys to free slots, all different, and those."""
    pairs = list(zip(lows, steps, strict=True))
    for pilot in range(min(_MOST_PILOTS, mask + 1)):  # from there on they lead to the same slots again
        places = [(low + pilot * step) & mask for low, step in pairs]
        if all(is_free[place] for place in places) and len(set(places)) == len(places):
            return pilot, places
    return None


class Misfit(NamedTuple):
    """What is wrong with the features of a model and its tables as they lie on disk.

    what: of the tables themselves (`thing: expected ...`), or LINES, ORDER or ROWS: a line of the features that is absent or one too
        many, not behind the one before it by code point, or without a row in the tables. line: its number, from 0.
    """

    what: str
    line: int = -1


LINES, ORDER, ROWS = "lines", "order", "rows"


def misfit(features: bytes, n: int, packed: bytes, profile: str) -> Misfit | None:
    """What is wrong, if anything. features: n lines of UTF-8. (The compiled kernel does the same in a hundredth of the time, and looks
    also at what is packed of the concepts, which only it uses.)"""
    table = _unpack(packed, n)
    if isinstance(table, str):
        return Misfit(table)
    *lines, rest = features.decode().split("\n")
    for number, feature in enumerate(lines[:n]):
        if number and feature <= lines[number - 1]:
            return Misfit(ORDER, number)
        if _row(table, feature_key(feature, profile)) != number:
            return Misfit(ROWS, number)
    return Misfit(LINES, min(n, len(lines))) if rest or len(lines) != n else None


def _row(table: Table, key: int) -> int:
    """The number of the feature with this key, -1 if there is none."""
    mask = len(table.slots) - 1
    slot = table.slots[(key + table.pilots[key >> 65 - len(table.pilots).bit_length()] * (key >> 32)) & mask]
    row = slot & mask
    return table.features[row] if row < len(table.features) and slot ^ key <= mask else -1


def _unpack(packed: bytes, n_features: int) -> Table | str:
    """The table of features from what `pack` made, or what is wrong with it."""
    header = len(MAGIC) + 8 * _ARRAYS
    if len(packed) < header or not packed.startswith(MAGIC):
        return f"header: expected {MAGIC.decode()} and the lengths of {_ARRAYS} arrays"
    lengths = _characters.from_little("Q", packed[len(MAGIC) : header])
    *starts, end = accumulate((-length // 8 * -8 for length in lengths), initial=header)
    arrays = list(zip("QHI", starts, lengths, strict=False))
    if end != len(packed) or any(length % array(kind).itemsize for kind, _, length in arrays):
        return "lengths: expected arrays one behind the other"
    table = Table(*(_characters.from_little(kind, packed[start : start + length]) for kind, start, length in arrays))
    return _wrong_with(table, n_features) or table


def _wrong_with(table: Table, n_features: int) -> str:
    slots = len(table.slots)
    if not FEWEST_SLOTS <= slots <= MOST_SLOTS or slots & (slots - 1) or len(table.pilots) != slots // SLOTS_OF_BUCKET:
        return "slots and pilots: expected a power of two from 64, and an eighth of it"
    if not 0 < n_features < slots or len(table.features) != n_features:
        return "rows: expected one for each feature, and fewer than slots"
    if any(slot & (slots - 1) > n_features for slot in table.slots):
        return "slots: expected numbers of rows"
    return "features: expected numbers of features" if max(table.features) >= n_features else ""


class Trie(NamedTuple):
    """The stems of a topic's facets, letter by letter in UTF-8, and what their meetings weigh; of each: classifier/kernel/concepts.h."""

    of_row: array[int]
    base: array[int]
    check: array[int]
    entry: array[int]
    begins: array[int]
    exactly: array[int]
    phrases: array[int]
    phrase_facet: array[int]
    phrase_exact: array[int]
    parts: array[int]
    part_letters: array[int]
    part_exact: array[int]
    part_case: array[int]
    letters: array[int]
    first_bytes: array[int]
    facets: array[int]
    meet: array[int]
    against: array[int]
    weights: array[float]


_ARRAYS = len(Table._fields) + len(Trie._fields)
SMALL_LETTERS, CAPITALS, EITHER = range(3)
NO_NODE = (1 << 32) - 1
BEGINS_PHRASE = 1 << 31
_ACRONYM_MARK = b"\1"
_HASH = 0x9E3779B1


def trie(concepts: Concepts, table: Table, features: Sequence[str]) -> Trie:
    """The lexicon of a topic as the kernel reads it. table: of the features."""
    names, lexicon = sorted(concepts.facets), Lexicon(concepts.facets)
    begins: dict[bytes, int] = {}
    exactly: dict[bytes, int] = {}
    phrases: dict[bytes, list[tuple[int, bool, list[str]]]] = {}
    first_bytes = bytearray(1 << 12)
    for (first, *rest), name in lexicon.patterns():
        facet, is_exact = names.index(name), first.endswith(EXACT)
        _note(first, first_bytes)
        for path in _paths(first.rstrip(EXACT)):
            if rest:
                phrases.setdefault(path, []).append((facet, is_exact, rest))
            else:
                into = exactly if is_exact else begins
                into[path] = into.get(path, 0) | 1 << facet
    entries = sorted({*begins, *exactly, *phrases})
    base, check, entry = _nodes(entries)
    phrase_ends, facets, is_exact_first, parts = [0, 0], array("B"), array("B"), [0]
    part_letters, part_exact, part_case, letters = [0], array("B"), array("B"), array("B")
    for path in entries:
        for facet, first_is_exact, rest in phrases.get(path, ()):
            facets.append(facet)
            is_exact_first.append(first_is_exact)
            for part in rest:
                word = part.rstrip(EXACT)
                letters.frombytes(word.lower().encode())
                part_letters.append(len(letters))
                part_exact.append(part.endswith(EXACT))
                part_case.append(_case(word))
            parts.append(len(part_case))
        phrase_ends.append(len(facets))
    core = sum(1 << number for number, name in enumerate(names) if concepts.facets[name].core)
    meet, against = _meetings(names, list(concepts.weights))
    return Trie(
        _facets_of_rows(table, features, lexicon, names),
        base,
        check,
        entry,
        array("I", [0, *(begins.get(path, 0) for path in entries)]),
        array("I", [0, *(exactly.get(path, 0) for path in entries)]),
        array("I", phrase_ends),
        facets,
        is_exact_first,
        array("I", parts),
        array("I", part_letters),
        part_exact,
        part_case,
        letters,
        array("Q", bytes(first_bytes)),
        array("I", [len(names), core]),
        meet,
        against,
        weights(concepts),
    )


def weights(concepts: Concepts) -> array[float]:
    """What the concept features weigh, of topic and passage: the last of the arrays that are packed."""
    return array("d", [weight for pair in concepts.weights.values() for weight in pair])


def weigh_as(packed: bytes, concepts: Concepts) -> bool:
    """Whether what is packed was made of concepts of these weights."""
    raw, header = little(weights(concepts)), len(MAGIC) + 8 * _ARRAYS
    return packed.endswith(raw) and packed[header - 8 : header] == len(raw).to_bytes(8, "little")


def pack(table: Table, of_concepts: Trie) -> bytes:
    """The arrays one behind the other: MAGIC, the length of each in bytes (uint64), then each, padded to eight bytes; little-endian."""
    raw = [little(numbers) for numbers in (*table, *of_concepts)]
    return b"".join([MAGIC, array("Q", map(len, raw)).tobytes(), *(one.ljust(-len(one) // 8 * -8, b"\0") for one in raw)])


@cache
def characters(profile: str) -> tuple[bytes, bytes]:
    """Blocks and entries of the character table of a profile, laid out as in `_characters`."""
    if profile == "news":
        table = _characters.load()
        return table.raw_blocks, table.raw_entries
    return sklearn_characters(lowercase=True)


@cache
def sklearn_characters(lowercase: bool) -> tuple[bytes, bytes]:
    """Every code point as the running Python reads it: what `\\w` matches is itself or its small form, all else separates."""
    blocks: dict[tuple[int, ...], int] = {}
    numbers = array("H")
    for start in range(0, 0x110000, _characters.BLOCK):
        text = "".join(map(chr, range(start, start + _characters.BLOCK)))
        if not _NO_WORD.fullmatch(text):
            block = tuple(_sklearn_entry(character, lowercase) for character in text)
        else:
            block = (_characters.SEPARATOR,) * _characters.BLOCK
        numbers.append(blocks.setdefault(block, len(blocks)))
    return little(numbers), little(array("Q", [entry for block in blocks for entry in block]))


def _sklearn_entry(character: str, lowercase: bool) -> int:
    small = character.lower() if lowercase else character
    if (character == "\u03a3" and lowercase) or len(small) > 1:
        return _characters.NEEDS_LOWER
    if not _WORD_CHARACTER.match(small):
        return _characters.SEPARATOR
    return _characters.ITSELF if small == character else ord(small)


def for_model(features: Sequence[str], idf: Sequence[float], profile: str, concepts: Concepts) -> bytes:
    """All that the kernel looks up of a model; the rows are in order of idf, as what is frequent has the least.

    :raises ModelError: as `build`.
    """
    order = sorted(range(len(features)), key=lambda number: (idf[number], number))
    table = build([feature_key(feature, profile) for feature in features], order)
    return pack(table, trie(concepts, table, features))


def little(numbers: array[int] | array[float]) -> bytes:
    """The bytes of numbers as they lie in a file."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _case(word: str) -> int:
    if word.lower() == word.upper():
        return EITHER
    return SMALL_LETTERS if word == word.lower() else CAPITALS


def _paths(word: str) -> list[bytes]:
    """The ways into the trie for a word: acronyms have one of their own, and what has no case is found in both."""
    small = word.lower().encode()
    return {SMALL_LETTERS: [small], CAPITALS: [_ACRONYM_MARK + small], EITHER: [small, _ACRONYM_MARK + small]}[_case(word)]


def _note(stem: str, first_bytes: bytearray) -> None:
    """Set the bit by which a word that can begin with the stem is known: of its first four bytes. A shorter stem that words go on from has
    a mark behind it instead of a fourth byte."""
    letters = stem.rstrip(EXACT).lower().encode()[:4]
    if len(letters) < 4 and not stem.endswith(EXACT):
        letters = letters.ljust(3, b"\0") + {3: b"\1", 2: b"\2"}[len(letters)]
    bit = (int.from_bytes(letters, "little") * _HASH & _32_BITS) >> 17
    first_bytes[bit // 8] |= 1 << bit % 8


def _nodes(entries: Sequence[bytes]) -> tuple[array[int], array[int], array[int]]:
    """A trie as a double array (Aoe 1989): the child of a node by a byte is at base[node] + byte, if check there is the node."""
    number = {path: n for n, path in enumerate(entries, 1)}
    below: dict[bytes, set[int]] = {b"": set()}
    for path in entries:
        for length, byte in enumerate(path):
            below.setdefault(path[:length], set()).add(byte)
    base, check, entry = array("I", [0]), array("I", [NO_NODE]), array("H", [number.get(b"", 0)])
    place, first_free = {b"": 0}, 256  # beyond the first bytes, so that any label can lead to it
    for path in sorted(below, key=lambda path: (len(path), path)):
        labels = sorted(below[path])
        while first_free < len(check) and check[first_free] != NO_NODE:
            first_free += 1
        start = first_free - labels[0] if labels else 1
        while any(start + label < len(check) and check[start + label] != NO_NODE for label in labels):
            start += 1
        for numbers, filler in ((base, 1), (check, NO_NODE), (entry, 0)):
            numbers.extend([filler] * (start + 256 - len(numbers)))
        base[place[path]] = start
        for label in labels:
            child = path + bytes([label])
            place[child] = start + label
            check[start + label] = place[path]
            entry[start + label] = number.get(child, 0)
    return base, check, entry


def _facets_of_rows(table: Table, features: Sequence[str], lexicon: Lexicon, names: Sequence[str]) -> array[int]:
    """The facets of each row that is a word, and whether a phrase can begin with it: what most words of a text need not be walked for."""
    found = array("I", bytes(4 * (len(table.features) + 1)))
    for row, number in enumerate(table.features):
        if features[number].isalnum():  # neither a pair nor a stem
            for rest, facet in lexicon.look_up(features[number]):
                found[row] |= BEGINS_PHRASE if rest else 1 << names.index(facet)
    return found


def _meetings(names: Sequence[str], weighed: Sequence[str]) -> tuple[array[int], array[int]]:
    """The number of the concept feature, -1 if none is weighed: in sentence, headline and text, of one facet, two, three; of two against
    each other in the text, one without the other and one over it."""
    number = {feature: n for n, feature in enumerate(weighed)}
    meet = array("h")
    for scope in ("sentence", "headline", "text"):
        for size in (1, 2, 3):
            meet.extend(number.get(f"{'+'.join(some)} in {scope}", -1) for some in product(names, repeat=size))
    against = [number.get(f"{more} {how} {less} in text", -1) for how in ("without", "over") for more, less in product(names, repeat=2)]
    return meet, array("h", against)
