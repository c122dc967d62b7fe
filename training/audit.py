"""An audit of the labelled corpus: what would teach, or measure, something other than the topic.

It mends nothing. A finding that is no fault is explained under its key in a TOML file, and an explanation that matches nothing
any more is reported in turn.

The constants were chosen on the 7,643 items of the training part, so that a report is read in a minute: the most similar pair
there shares 0.21 of its shingles, no first sentence repeats more than twice, and the four phrases and three words that are
named are idioms, names and topics. Runs of five words instead of six name 19 phrases, z 3 instead of 3.5 twelve words. On a
corpus of another size read a whole report, and choose them again if it is long.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar, get_args
from zlib import crc32

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]  # the library has no types

from classifier import tokens
from classifier.concepts import Lexicon
from classifier.errors import InputError
from training.corpus import Item

Check = Literal["exact", "near", "across", "story", "phrase", "template", "word", "doubted"]
"""exact, near: duplicates on one side of the split. across: duplicates, exact or near, with one in training and one in the
test part. story: stories on both sides. phrase, template, word: what recurs by habit. doubted: labels."""

SHINGLE, LEAST_WORDS, LEAST_SIMILARITY = 3, 8, 0.5
PERMUTATIONS, SEED = 128, 20
BANDS = (42, 3)
"""Bands and rows of the MinHash index: a pair of LEAST_SIMILARITY is missed once in 270 times; datasketch's own choice would
miss nearly half."""
PHRASE_WORDS, MOST_STORIES = 6, 4
SENTENCE_WORDS, LEAST_PLAIN_WORDS, MOST_ALIKE = 6, 3, 3
LEAST_CHARACTERS, LEAST_ITEMS, LEAST_SHARE, LEAST_Z, MOST_GIVEAWAYS = 200, 15, 0.95, 3.5, 20
SURELY_OFF, SURELY_ON = 0.02, 0.98
MOST_LINES, MOST_NAMED = 20, 6
_REMEMBERED = 1 << 15

_WORD = re.compile(r"[^ .\n]+")
_FIRST_SENTENCE = re.compile(r".+?(?=[.!?…]\s|\n|\Z)")
_QUOTED = re.compile(r'["“”„«»][^"“”„«»\n]*["“”„«»]')
_DIGIT = re.compile(r"\d")
_MASKS = re.compile(r"\bX(?: X)+\b")

Words = tuple[str, ...]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend or to explain. key: the same from run to run; what an explanation stands under."""

    check: Check
    key: str
    message: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, those that are explained with their explanations, and the keys of explanations that match nothing."""

    findings: tuple[Finding, ...]
    explained: tuple[tuple[Finding, str], ...]
    stale: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.stale

    def render(self) -> str:
        """The report as plain text: for each check its counts and its first findings, strongest first."""
        lines = []
        for check in get_args(Check):
            found = [f"{finding.key}: {finding.message}" for finding in self.findings if finding.check == check]
            n_explained = sum(finding.check == check for finding, _ in self.explained)
            lines += _section(f"{check}: {len(found):,} to mend or explain, {n_explained:,} explained", found)
        return "\n".join([*lines, *_section(f"stale: {len(self.stale):,} explanations match nothing", self.stale), ""])


def _section(heading: str, lines: Sequence[str]) -> list[str]:
    more = [f"  ... and {len(lines) - MOST_LINES:,} more"] if len(lines) > MOST_LINES else []
    return [heading, *(f"  {line}" for line in lines[:MOST_LINES]), *more]


def load_exceptions(path: Path) -> dict[str, str]:
    """Explanations by the key of what they explain: the table `[exceptions]` of a TOML file.

    :raises InputError: if the file is not of that form, or an explanation is empty.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: expected TOML with a table [exceptions], found: {error}") from error
    exceptions = tables.get("exceptions")
    if not isinstance(exceptions, dict) or len(tables) > 1:
        raise InputError(f"{path}: expected one table [exceptions], found {', '.join(tables) or 'nothing'}")
    for key, explanation in exceptions.items():
        if not isinstance(explanation, str) or not explanation.strip():
            raise InputError(f"{path}: {key!r}: expected an explanation, found {explanation!r}")
    return exceptions


def audit(
    train: Sequence[Item],
    test: Sequence[Item],
    probabilities: Mapping[str, float] | None = None,
    exceptions: Mapping[str, str] = {},
    lexicon: Lexicon | None = None,
) -> Report:
    """What all checks find in a training part and its frozen test part.

    probabilities: by id, of training items being on topic, from a cross-validation; without them labels go unchecked and
        their explanations are not stale. exceptions: explanations by key. lexicon: facets, whose words are topical.
    """
    items, tested = [*train, *test], {item.id for item in test}
    findings = [*exact_duplicates(items, tested), *near_duplicates(items, tested), *straddling_stories(train, test), *phrases(items)]
    findings += [*templates(items), *giveaway_words(train, lexicon), *doubted_labels(train, probabilities or {})]
    matched = {finding.key for finding in findings}
    unchecked = "doubted: " if probabilities is None else ()
    return Report(
        tuple(finding for finding in findings if finding.key not in exceptions),
        tuple((finding, exceptions[finding.key]) for finding in findings if finding.key in exceptions),
        tuple(key for key in sorted(exceptions) if key not in matched and not key.startswith(unchecked)),
    )


def exact_duplicates(items: Iterable[Item], tested: Collection[str]) -> Iterator[Finding]:
    """Items of the same words, whatever their case, accents and punctuation; texts without a word are compared as they are."""
    for same in _groups(items, lambda item: _words(item.text) or item.text).values():
        if len(same) > 1:
            yield _duplicates("exact", same, tested, "same words")


def near_duplicates(items: Iterable[Item], tested: Collection[str]) -> Iterator[Finding]:
    """Pairs with a Jaccard similarity of at least LEAST_SIMILARITY between their runs of three words, exact duplicates aside."""
    for similarity, pair in sorted(_similar(items), key=lambda found: (-found[0], _ids(found[1]))):
        yield _duplicates("near", pair, tested, f"similarity {similarity:.2f}, expected < {LEAST_SIMILARITY}")


def _duplicates(check: Check, same: Sequence[Item], tested: Collection[str], message: str) -> Finding:
    ids = _ids(same)
    in_test = [item_id for item_id in ids if item_id in tested]
    if 0 < len(in_test) < len(ids):
        check, message = "across", f"{message}; {', '.join(in_test)} in the test part, the rest in training"
    return Finding(check, f"{check}: {' '.join(ids)}", message, ids)


def _similar(items: Iterable[Item]) -> Iterator[tuple[float, tuple[Item, Item]]]:
    """Candidates from an index of MinHash sketches, measured on the shingles themselves."""
    long = [item for item in items if len(_words(item.text)) >= LEAST_WORDS]
    shingles = [{" ".join(run) for run in _runs(_words(item.text), SHINGLE)} for item in long]
    sketches = MinHash.generator(([run.encode() for run in runs] for runs in shingles), num_perm=PERMUTATIONS, seed=SEED, hashfunc=crc32)
    index = MinHashLSH(num_perm=PERMUTATIONS, params=BANDS)
    for place, sketch in enumerate(sketches):
        for other in index.query(sketch):
            similarity = len(shingles[place] & shingles[other]) / len(shingles[place] | shingles[other])
            if similarity >= LEAST_SIMILARITY and _words(long[place].text) != _words(long[other].text):
                yield similarity, (long[other], long[place])
        index.insert(place, sketch)


def straddling_stories(train: Iterable[Item], test: Iterable[Item]) -> Iterator[Finding]:
    """Stories with items both in the training and in the test part."""
    tested = _groups(test, lambda item: item.story)
    for story, trained in _groups(train, lambda item: item.story).items():
        if story in tested:
            message = f"{_named(tested[story])} in the test part, {_named(trained)} in training, expected one part"
            yield Finding("story", f"story: {story}", message, _ids(trained + tested[story]))


def phrases(items: Iterable[Item]) -> Iterator[Finding]:
    """Runs of six or more words that stand in more than MOST_STORIES stories of one language, furniture aside."""
    by_language = _groups((item for item in items if not item.is_furniture), lambda item: item.lang)
    found = [(lang, run, where) for lang, same in by_language.items() for run, where in _recurring(same).items()]
    for lang, run, where in sorted(found, key=lambda found: (-len(found[2]), found[:2])):
        message = f"in {len(where)} items ({_named(where)}), expected <= {MOST_STORIES} of different stories"
        yield Finding("phrase", f"phrase: {lang} {' '.join(run)}", message, _ids(where))


def _recurring(items: Iterable[Item]) -> dict[Words, list[Item]]:
    """The longest recurring runs, with their items.

    Length by length: a run can only recur if the two runs within it that are one word shorter do, and it replaces them.
    """
    longest: dict[Words, list[Item]] = {}
    length, shorter = PHRASE_WORDS, _recurring_of(PHRASE_WORDS, items, None)
    while shorter:
        length += 1
        having = {item.id: item for where in shorter.values() for item in where}
        longer = _recurring_of(length, having.values(), shorter)
        replaced = {part for run in longer for part in (run[:-1], run[1:])}
        longest |= {run: where for run, where in shorter.items() if run not in replaced}
        shorter = longer
    return longest


def _recurring_of(length: int, items: Iterable[Item], shorter: Collection[Words] | None) -> dict[Words, list[Item]]:
    where: defaultdict[Words, list[Item]] = defaultdict(list)
    for item in items:
        for run in set(_runs(_words(item.text), length)):
            if shorter is None or (run[:-1] in shorter and run[1:] in shorter):
                where[run].append(item)
    return {run: having for run, having in where.items() if len({item.story for item in having}) > MOST_STORIES}


def templates(items: Iterable[Item]) -> Iterator[Finding]:
    """First sentences that more than MOST_ALIKE items share but for names, numbers and quotes, furniture aside."""
    alike = _groups((item for item in items if not item.is_furniture), lambda item: _skeleton(item.text))
    for skeleton, having in sorted(alike.items(), key=lambda found: (-len(found[1]), found[0])):
        if skeleton and len(having) > MOST_ALIKE:
            message = f"begins {len(having)} items ({_named(having)}), expected <= {MOST_ALIKE}"
            yield Finding("template", f"template: {skeleton}", message, _ids(having))


def _skeleton(text: str) -> str:
    """The first sentence, an X for each run of names, numbers and quotes; nothing if it is short or says little else."""
    first = _FIRST_SENTENCE.search(_QUOTED.sub(" X ", text))
    words = _WORD.findall(tokens.fold(first[0])) if first else []
    masked = ["X" if word[0].isupper() or _DIGIT.search(word) else word for word in words]
    plain = len(masked) - masked.count("X")
    return _MASKS.sub("X", " ".join(masked)) if len(words) >= SENTENCE_WORDS and plain >= LEAST_PLAIN_WORDS else ""


def giveaway_words(items: Iterable[Item], lexicon: Lexicon | None) -> Iterator[Finding]:
    """Words that nearly all stand under one label, at most MOST_GIVEAWAYS a language; words of the lexicon, furniture and
    passages aside.

    What is topical, and so no accident, a reader has to say in an explanation.
    """
    prose = (item for item in items if not item.is_furniture and not item.is_passage and len(item.text) >= LEAST_CHARACTERS)
    for _, same_language in sorted(_groups(prose, lambda item: item.lang).items()):
        strongest = sorted(_giveaways(same_language, lexicon), key=lambda found: (-found[0], found[1].key))
        yield from (finding for _, finding in strongest[:MOST_GIVEAWAYS])


def _giveaways(items: Sequence[Item], lexicon: Lexicon | None) -> Iterator[tuple[float, Finding]]:
    by_label = Counter(item.label for item in items)
    where: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        for word in {word for sentence in tokens.sentences(item.text, "news") for word in sentence}:
            where[word].append(item)
    for word, having in where.items():
        [(label, n)] = Counter(item.label for item in having).most_common(1)
        z = _z(n, by_label[label], len(having) - n, by_label[1 - label])
        is_known = lexicon and lexicon.facets([word])
        if len(having) >= LEAST_ITEMS and n >= LEAST_SHARE * len(having) and z >= LEAST_Z and not is_known:
            message = f"label {label} in {n} of {len(having)} items ({_named(having)}), z {z:.1f}, expected < {LEAST_Z}"
            yield z, Finding("word", f"word: {having[0].lang} {word}", message, _ids(having))


def _z(n: int, of: int, other_n: int, other_of: int) -> float:
    """How many standard errors the share n / of lies above other_n / other_of; 0 where that has no value.

    z = (p - q) / sqrt(r (1 - r) (1 / of + 1 / other_of)), r the share in both together. The z of their log-odds ratio would
    hang on whether the rarer side has no item or one.
    """
    pooled = (n + other_n) / (of + other_of)
    if not other_of or pooled == 1:
        return 0.0
    return (n / of - other_n / other_of) / math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / other_of))


def doubted_labels(items: Iterable[Item], probabilities: Mapping[str, float]) -> Iterator[Finding]:
    """Items whose label a model that was fitted without them is all but sure is wrong."""
    judged = [(probabilities[item.id], item) for item in items if item.id in probabilities]
    wrong = [(p, item) for p, item in judged if (p < SURELY_OFF if item.label else p > SURELY_ON)]
    for p, item in sorted(wrong, key=lambda found: (-abs(found[1].label - found[0]), found[1].id)):
        expected = f">= {SURELY_OFF}" if item.label else f"<= {SURELY_ON}"
        yield Finding("doubted", f"doubted: {item.id}", f"{item.kind}, probability {p:.4f}, expected {expected}", (item.id,))


@lru_cache(_REMEMBERED)
def _words(text: str) -> Words:
    """The words of a text in small letters, accents and punctuation gone; remembered, as most checks read them."""
    return tuple(_WORD.findall(tokens.fold(text).lower()))


def _runs(words: Words, length: int) -> Iterator[Words]:
    return (words[start : start + length] for start in range(len(words) - length + 1))


def _groups(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Items by key, in the order of their ids, so that a report does not hang on the order of files."""
    groups: defaultdict[Key, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.id):
        groups[key(item)].append(item)
    return groups


def _ids(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(sorted(item.id for item in items))


def _named(items: Iterable[Item]) -> str:
    ids = _ids(items)
    return ", ".join(ids[:MOST_NAMED]) + (", ..." if len(ids) > MOST_NAMED else "")
