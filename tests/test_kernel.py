"""The compiled kernel against the reference, bit for bit; and what the nastiest text costs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import pytest
import sampler
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from classifier import _reference, tables, tokens
from classifier.errors import InputError
from classifier.passages import Span
from training import config, corpus

_kernel = pytest.importorskip("classifier._kernel", reason="built without the compiled kernel")

MODELS = list(sampler.models())


class Both(NamedTuple):
    """One model in both loops."""

    kernel: Any
    reference: _reference.Scorer
    profile: str

    def agree(self, texts: Iterable[str]) -> None:
        """The same evidence of each text; of a batch, what each has alone."""
        held = list(texts)
        for text, found, expected in zip(held, self.kernel.evidence_many(held), self.reference.evidence_many(held), strict=True):
            assert found == expected, ascii(text[:500])

    def same_words(self, text: str) -> None:
        """The kernel's hashes are those of the words that tokens finds."""
        words = [word for sentence in tokens.sentences(text, self.profile) for word in sentence]
        found = self.kernel.read(text, [Span(0, len(text))]).vocabulary(0)
        assert list(keys(found, self.profile)) == list(keys(dict.fromkeys(words), self.profile)), ascii(text[:500])


def keys(words: Iterable[Hashable], profile: str) -> Iterator[int]:
    """The hash of each word, where it is not one already."""
    return (tables.feature_key(word, profile) if isinstance(word, str) else word for word in words)


@cache
def both_of(name: str) -> Both:
    model = sampler.models()[name]
    return Both(_kernel.Scorer(model), _reference.Scorer(model), model.profile)


@pytest.fixture(params=MODELS, scope="module")
def both(request: pytest.FixtureRequest) -> Both:
    return both_of(request.param)


TEXTS = st.one_of(
    st.integers(0, 1 << 32).map(lambda seed: sampler.document(random.Random(seed))),
    st.text(max_size=200),
    st.lists(st.sampled_from(sampler.vocabulary() + sampler.ENDS), max_size=40).map(" ".join),
    st.text(sampler.LOOK_ALIKE + sampler.MARKS + sampler.EDGES + " .\n", max_size=100),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["meeting", "meeting of sklearn"])
def test_every_code_point_alone_in_a_word_and_at_its_end(name: str) -> None:
    both = both_of(name)
    for start in range(0, 0x110000, 1024):
        text = " ".join(f"{c} mi{c}nsk minsk{c}" for c in map(chr, range(start, start + 1024)))
        both.same_words(text)
        both.agree([text])


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_random_documents(name: str) -> None:
    both_of(name).agree(sampler.documents(20_000 if name == "shipped" else 4_000, seed=7))


@given(TEXTS)
def test_made_up_texts_have_the_same_words(both: Both, text: str) -> None:
    both.same_words(text)
    both.agree([text])


@st.composite
def readings(draw: st.DrawFn) -> tuple[str, list[Span], list[int]]:
    """A text, passages of it, and some of these in any order."""
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.integers(0, len(text) + 2), max_size=12)))
    spans = [Span(start, end) for start, end in pairwise(places) if draw(st.integers(0, 3))]
    return text, spans, draw(st.lists(st.integers(0, len(spans) - 1), max_size=8)) if spans else []


@given(readings())
def test_passages_are_read_the_same(both: Both, reading: tuple[str, list[Span], list[int]]) -> None:
    text, spans, some = reading
    found, expected = both.kernel.read(text, spans), both.reference.read(text, spans)
    assert found.evidence == expected.evidence
    assert found.together(some) == expected.together(some)
    assert found.together(range(len(spans))) == expected.together(range(len(spans)))
    for passage in range(len(spans)):
        assert list(found.vocabulary(passage).values()) == list(expected.vocabulary(passage).values())
        assert list(keys(found.vocabulary(passage), both.profile)) == list(keys(expected.vocabulary(passage), both.profile))


@pytest.mark.parametrize("name", MODELS)
def test_levels_give_the_same(name: str) -> None:
    """Also around the ends of the blocks that a level looks at together."""
    model = sampler.models()[name]
    texts = [*sampler.documents(2000, seed=11), *(("Ab. IT" * 40)[:n] for n in range(200)), *(("яб. ИТ" * 40)[:n] for n in range(200))]
    expected = both_of(name).kernel.evidence_many(texts)
    for level in _kernel.LEVELS[: _kernel.LEVELS.index(both_of(name).kernel.level)]:
        assert _kernel.Scorer(model, level).evidence_many(texts) == expected, level


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InputError, match="level 'mmx': expected one of plain, sse2, avx2"):
        _kernel.Scorer(sampler.models()["tiny"], "mmx")


@pytest.mark.slow
def test_a_mebibyte(both: Both) -> None:
    texts = [
        "minsk leaving. " * 70_000,
        "a" * sampler.MIB,
        "\u0301" * sampler.MIB,
        "\0" * sampler.MIB,
        "мiнsk " * 180_000,
        "Raid" + "." * sampler.MIB,
    ]
    both.agree(texts)


def test_homoglyphs_in_every_mixture(both: Both) -> None:
    """Any two letters that look like others, small or capital, with a digit between them or none; and `minsk` in every disguise."""
    letters = sampler.LOOK_ALIKE
    for first in letters:
        both.same_words(" ".join(f"{first}{second} {first}7{second} q{first}{second}ж" for second in letters))
    latin, _ = tokens.look_alikes()
    disguises = [[letter, letter.upper(), *(chr(other) for other in latin if latin[other] == ord(letter))] for letter in "minsk"]
    words = list(map("".join, product(*disguises)))
    both.same_words(" ".join(words))
    both.agree([" ".join(words), *words[::9]])


def test_a_batch_gives_what_each_gives_alone(both: Both) -> None:
    """Also where a batch is longer than what is scored at once."""
    texts = list(sampler.documents(3 * _kernel.BATCH + 1, seed=3))
    assert both.kernel.evidence_many(texts) == [both.kernel.evidence(text) for text in texts]
    assert both.kernel.evidence_many([]) == []


def failure(act: Callable[[], object]) -> tuple[type[Exception], str]:
    with pytest.raises(InputError) as caught:
        act()
    return type(caught.value), str(caught.value)


@pytest.mark.parametrize("text", [3, None, b"minsk", ["minsk"]])
def test_what_is_no_text_is_refused_alike(both: Both, text: Any) -> None:
    for act in (
        lambda scorer: scorer.evidence(text),
        lambda scorer: scorer.evidence_many(["minsk", text]),
        lambda scorer: scorer.read(text, []),
    ):
        assert failure(lambda: act(both.kernel)) == failure(lambda: act(both.reference))  # noqa: B023


def test_too_long_a_text_is_refused_alike(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "LONGEST_TEXT", 5)
    assert both.kernel.evidence("minsk") == both.reference.evidence("minsk")
    for act in (lambda scorer: scorer.evidence("leaving"), lambda scorer: scorer.read("леавинг", [])):
        assert failure(lambda: act(both.kernel)) == failure(lambda: act(both.reference))  # noqa: B023


@pytest.mark.parametrize("spans", [[Span(0, 5), Span(3, 9)], [Span(6, 8), Span(0, 2)], [Span(0, 1), Span(1, 4), Span(3, 3)]])
def test_passages_out_of_order_are_refused_alike(both: Both, spans: list[Span]) -> None:
    text = "raid Minsk raid tech"
    assert failure(lambda: both.kernel.read(text, spans)) == failure(lambda: both.reference.read(text, spans))


def test_a_passage_that_is_not_there_is_an_index_error(both: Both) -> None:
    for reading in (both.kernel.read("minsk", [Span(0, 5)]), both.reference.read("minsk", [Span(0, 5)])):
        with pytest.raises(IndexError):
            reading.vocabulary(1)
        with pytest.raises(IndexError):
            reading.together([0, 1])


LENGTH = 200_000
MOST_RATIO = 10
RNG = random.Random(5)
"""Of the order of words below; text of any other order costs the same."""


def repeated(piece: str, length: int = LENGTH) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def shuffled(words: Iterable[str], length: int = LENGTH) -> str:
    """Words in no order, each as often as any other."""
    chosen = list(words)
    RNG.shuffle(chosen)
    return repeated(" ".join(chosen) + " ", length)


def stems() -> list[list[str]]:
    """The stems of each facet of the shipped model."""
    return [[stem.rstrip("=") for stem in facet.stems] for facet in sampler.models()["shipped"].concepts.facets.values()]


def all_facets() -> str:
    """The shortest sentence that meets every facet of the shipped model."""
    return " ".join(min((stem for stem in of_facet if " " not in stem), key=lambda stem: len(stem.encode())) for of_facet in stems()) + ". "


def features() -> list[str]:
    return [feature for feature in sampler.models()["shipped"].features if not feature.endswith("*")]


@cache
def patterns() -> dict[str, str]:
    words = [feature for feature in features() if " " not in feature]
    ascii_words = [word for word in words if word.isascii()]
    made_up = ["".join(RNG.choices("abcdefghijklmnopqrstuvwxyz", k=RNG.randint(2, 9))) for _ in range(40_000)]
    return {
        "words of two letters": repeated("ab cd ef gh "),
        "known words of two letters": shuffled(word for word in ascii_words if len(word) == 2),
        "words of one letter": repeated("a b c d "),
        "words of one Cyrillic letter": repeated("а б в г "),
        "ends of sentences": repeated("."),
        "ends of lines": repeated("\n"),
        "sentences of one word": repeated("ab. cd! ef?\n"),
        "sentences of two letters, Cyrillic": repeated("аб. вг! де?\n"),
        "capitals": repeated("MINSK IT FIRMS LEAVE "),
        "acronyms": repeated("IT US EU ICE "),
        "Cyrillic acronyms": repeated("ИТ ЕС США "),
        "words that mix scripts": repeated("мinsк рaсe kоd аb "),
        "short words that mix scripts": repeated("аb вa еb "),
        "Greek": repeated("αθήνα και πόλη "),
        "CJK": repeated("明斯克的公司搬走了。"),
        "Hangul": repeated("민스크 회사 이전. "),
        "emoji": repeated("\U0001f600\U0001f1e7\U0001f1fe "),
        "words of emoji": repeated("\U00010400\U00010401 "),
        "one word": "a" * LENGTH,
        "one Cyrillic word": "я" * LENGTH,
        "combining marks": repeated("e\u0301a\u0308 "),
        "only marks": "\u0301" * LENGTH,
        "invisible characters": repeated("m\u200bi\u200bnsk "),
        "ligatures": repeated("\ufb03\ufb04 "),
        "what one character makes of itself": repeated("\ufdfa"),
        "full width": repeated("\uff2d\uff29\uff4e\uff53\uff4b "),
        "NUL": "\0" * LENGTH,
        "all facets in each sentence": repeated(all_facets()),
        "facets of a short sentence": repeated(" ".join(all_facets().split()[:4]) + ". "),
        "stems of all facets": shuffled(stem for of_facet in stems() for stem in of_facet),
        "distinct features": shuffled(features()),
        "distinct words, known": shuffled(ascii_words),
        "distinct words, Cyrillic": shuffled(word for word in words if word[0] >= "а"),
        "random words": shuffled(made_up),
        "near misses of stems": shuffled(stem[:4] + "zz" for of_facet in stems() for stem in of_facet),
        "one known word": repeated("minsk "),
        "a word that begins many phrases": repeated("IT "),
        "ASCII with one letter that is not": "\u0436" + repeated("minsk firms leave the country. "),
        "one letter in sixteen is not ASCII": repeated("minsk firms lea\u0436 "),
    }


def seconds(*texts: str, runs: int = 5) -> float:
    """The least that scoring texts in turn took, of several runs."""
    evidence, least = both_of("shipped").kernel.evidence, float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        for text in texts:
            evidence(text)
        least = min(least, time.perf_counter() - start)
    return least


def size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@cache
def typical() -> float:
    """Seconds a byte of news, of the items we train on."""
    text = "\n".join(item.text for item in corpus.load(config.DATA) if item.text.isascii())[:LENGTH]
    return seconds(text, runs=20) / size(text)


def ratio(text: str, runs: int = 5) -> float:
    """How often the cost of a byte of news a byte of this text costs; measured again where it seems much, as others may use the machine."""
    found = seconds(text, runs=runs) / size(text) / typical()
    return found if found < MOST_RATIO / 2 else min(found, seconds(text, runs=8 * runs) / size(text) / typical())


@pytest.mark.slow
@pytest.mark.parametrize("name", patterns())
def test_no_pattern_costs_ten_times_the_usual(name: str) -> None:
    assert ratio(patterns()[name]) < MOST_RATIO


@pytest.mark.slow
@pytest.mark.parametrize("name", patterns())
def test_time_grows_with_the_text_and_no_faster(name: str) -> None:
    """Against the mean of its ten parts, read in turn: one part alone, again and again, is short enough for the CPU to learn its branches
    by heart, which says nothing of the cost of reading."""
    text = patterns()[name]
    parts = [text[first : first + LENGTH // 10] for first in range(0, LENGTH, LENGTH // 10)]
    for runs in (5, 15, 45):
        whole, part = seconds(text, runs=runs), seconds(*parts, runs=runs) / len(parts)
        if whole <= 12 * part:
            return
    pytest.fail(f"{name}: {whole / part:.1f} times the time for ten times the text")


PARTS = ("ab", "IT", "а", "яб", "аb", "\U0001f600", "明", "\u0301", ". ", "\n", " ", "!", "\ufb03", "\ufdfa", "İ", "Ж", "minsk", "x" * 70)
SOME = st.one_of(st.sampled_from(PARTS), st.sampled_from(all_facets().split()), st.sampled_from(sampler.vocabulary()))


@pytest.mark.slow
@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOME, min_size=1, max_size=20), st.sampled_from(["", " ", ". "]))
def test_nothing_found_by_searching_costs_ten_times_the_usual(parts: list[str], between: str) -> None:
    found = ratio(repeated(between.join(parts) + between, LENGTH // 10), runs=3)
    target(found)
    assert found < MOST_RATIO
