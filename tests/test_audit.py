"""The audit: each check finds a planted fault and is silent on a clean corpus; explanations are matched by key."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.concepts import Facet, Lexicon
from classifier.errors import InputError
from training import audit
from training.corpus import Item

NOTES = {"near: a b": "the same wire, told twice"}


def item(item_id: str, text: str, **changes: object) -> Item:
    fields = {"lang": "en", "label": 1, "kind": "exodus", "genre": "wire", "story": f"story-{item_id}", "text": text}
    return Item(id=item_id, **{**fields, **changes})  # type: ignore[arg-type]


def prose(seed: int, n_words: int = 60) -> str:
    """Words that hardly any other seed has, in small letters, without an end of a sentence."""
    letters = random.Random(seed)
    return " ".join("".join(letters.choices("bcdfghjklmnp", k=6)) for _ in range(n_words))


def clean() -> list[Item]:
    return [item(f"clean-{n:02}", prose(1000 + n), label=n % 2, kind="exodus" if n % 2 else "general_news") for n in range(40)]


def keys(report: audit.Report) -> list[str]:
    return [finding.key for finding in report.findings]


def audited(*planted: Item, **options: object) -> list[str]:
    return keys(audit.audit([*clean(), *planted], [], **options))  # type: ignore[arg-type]


def test_a_clean_corpus_gives_a_clean_report() -> None:
    items = clean()
    report = audit.audit(items[:30], items[30:], dict.fromkeys((item.id for item in items), 0.5))
    assert report.is_clean
    assert report.render().splitlines()[0] == "exact: 0 to mend or explain, 0 explained"


@pytest.mark.parametrize("other", ["COFFEE, in  Köln!", "coffee\nin koln"])
def test_exact_duplicates_are_found_whatever_case_accents_and_punctuation(other: str) -> None:
    assert audited(item("a", "Coffee in Köln"), item("b", other)) == ["exact: a b"]


def test_texts_without_a_word_are_compared_as_they_are() -> None:
    assert audited(item("a", "»"), item("b", "★"), item("c", "»")) == ["exact: a c"]


def test_near_duplicates_share_half_of_their_runs_of_three_words() -> None:
    words = prose(1).split()
    alike, other = " ".join([*words[:50], *prose(2, 10).split()]), " ".join([*words[:30], *prose(3, 30).split()])
    assert audited(item("a", " ".join(words)), item("b", alike), item("c", other)) == ["near: a b"]


def test_short_texts_are_no_near_duplicates() -> None:
    assert audited(item("a", "one two three four five six seven"), item("b", "one two three four five six eight")) == []


def test_a_story_on_both_sides_of_the_split_is_found() -> None:
    report = audit.audit([item("a", prose(1), story="s")], [item("b", prose(2), story="s"), item("c", prose(3))])
    assert keys(report) == ["story: s"]
    assert report.findings[0].ids == ("a", "b")


@pytest.mark.parametrize("tail", ["", " more"])
def test_duplicates_across_the_split_are_named_so(tail: str) -> None:
    report = audit.audit([item("a", prose(1))], [item("b", prose(1) + tail)])
    assert keys(report) == ["across: a b"]
    assert "b in the test part" in report.findings[0].message


PHRASE = "the quick brown fox jumps over lazy dogs"


def test_duplicates_within_the_test_part_are_not_across() -> None:
    assert keys(audit.audit([item("c", prose(2))], [item("a", prose(1)), item("b", prose(1))])) == ["exact: a b"]


def with_phrase(n: int, **changes: object) -> list[Item]:
    return [item(f"p{i}", f"{prose(i, 20)} {PHRASE} {prose(100 + i, 20)}", **changes) for i in range(n)]


def test_a_phrase_in_more_than_four_stories_is_found_at_its_full_length() -> None:
    assert audited(*with_phrase(5)) == [f"phrase: en {PHRASE}"]
    assert audited(*with_phrase(4)) == []


LOREM = [item(f"r{n}", f"{prose(80 + n)} lorem ipsum dolor sit amet consectetur") for n in range(5)]


def test_the_most_frequent_phrase_comes_first() -> None:
    assert audited(*with_phrase(6), *LOREM) == [f"phrase: en {PHRASE}", "phrase: en lorem ipsum dolor sit amet consectetur"]


def test_a_phrase_that_is_longer_in_some_items_is_named_once_with_the_longest() -> None:
    planted = [*with_phrase(5), *(item(f"q{n}", f"{prose(50 + n)} the quick brown fox jumps over") for n in range(3))]
    assert audited(*planted) == [f"phrase: en {PHRASE}"]


@pytest.mark.parametrize("changes", [{"story": "one"}, {"genre": "furniture"}])
def test_a_phrase_may_recur_in_one_story_and_in_furniture(changes: dict[str, object]) -> None:
    assert audited(*with_phrase(5, **changes)) == []


def test_a_phrase_recurs_within_a_language() -> None:
    other = [item(f"x{n}", f"{prose(70 + n)} the quick brown fox jumps over", lang="pl") for n in range(2)]
    assert audited(*with_phrase(3), *other) == []


def test_first_sentences_that_repeat_but_for_names_numbers_and_quotes_are_found() -> None:
    first = [f"Minsk of old saw {what} coders leave by the dozen" for what in ("12", "Brest", "«more than some»", "New York")]
    planted = [item(f"t{n}", f"{start}. {prose(n)}") for n, start in enumerate(first)]
    assert audited(*planted) == ["template: X of old saw X coders leave by the dozen"]
    assert audited(*planted[1:]) == []


def test_a_short_or_nearly_all_masked_sentence_is_no_template() -> None:
    planted = [
        item(f"t{n}", f"{start}\n{prose(n)}") for n, start in enumerate(["Five words are too few"] * 4 + ["Anna And Ben to Wed in May"] * 4)
    ]
    assert audited(*planted) == []


def with_word(n_on: int, n_off: int, text: str = "raspberry") -> list[Item]:
    on = [item(f"on{n}", f"{text} {prose(n)}") for n in range(n_on)]
    return on + [item(f"off{n}", f"{text} {prose(500 + n)}", label=0, kind="general_news") for n in range(n_off)]


def test_a_word_that_stands_under_one_label_is_found() -> None:
    assert audited(*with_word(20, 1)) == ["word: en raspberry"]
    assert audited(*with_word(1, 20)) == ["word: en raspberry"]


@pytest.mark.parametrize(("n_on", "n_off"), [(14, 0), (20, 2), (20, 20)])
def test_a_rare_word_and_one_under_both_labels_are_none(n_on: int, n_off: int) -> None:
    others = [item(f"other{n}", prose(3000 + n), label=0, kind="general_news") for n in range(60)]
    assert audited(*with_word(n_on, n_off), *others) == []


def test_a_word_in_a_corpus_of_one_label_says_nothing() -> None:
    assert keys(audit.audit(with_word(20, 0), [])) == []


def test_words_of_the_facets_and_of_short_items_are_no_giveaways() -> None:
    assert audited(*with_word(20, 0), lexicon=Lexicon({"fruit": Facet(("raspb",))})) == []
    assert audited(*(item(f"s{n}", f"raspberry {prose(n, 4)}") for n in range(20))) == []


def test_at_most_twenty_words_of_a_language_are_reported() -> None:
    words = " ".join(f"{letter}{letter}{letter}{letter}, {prose(7, 1)}." for letter in "abcdefghijklmnopqrstuvwxyz")
    assert sum(key.startswith("word: ") for key in audited(*with_word(20, 0, words))) == audit.MOST_GIVEAWAYS


def test_labels_that_cross_validation_is_sure_are_wrong_are_doubted() -> None:
    on, off = item("on", prose(1)), item("off", prose(2), label=0)
    assert audited(on, off, probabilities={"on": 0.018, "off": 0.981, "unknown": 0.0}) == ["doubted: on", "doubted: off"]
    assert audited(on, off, probabilities={"on": 0.021, "off": 0.979}) == []


def duplicates() -> list[Item]:
    return [item("a", prose(1)), item("b", f"{prose(1)} more")]


def test_a_finding_that_is_explained_leaves_the_report_clean() -> None:
    report = audit.audit(duplicates(), [], exceptions=NOTES)
    assert report.is_clean
    assert [(finding.key, why) for finding, why in report.explained] == list(NOTES.items())
    assert "near: 0 to mend or explain, 1 explained" in report.render()


def test_an_explanation_that_matches_nothing_is_reported() -> None:
    report = audit.audit(duplicates()[:1], [], exceptions=NOTES)
    assert (report.findings, report.stale, report.is_clean) == ((), ("near: a b",), False)
    assert report.render().endswith("stale: 1 explanations match nothing\n  near: a b\n")


def test_explanations_of_doubts_are_stale_only_if_labels_were_checked() -> None:
    notes = {"doubted: a": "irony"}
    assert audit.audit(clean(), [], exceptions=notes).is_clean
    assert audit.audit(clean(), [], {}, notes).stale == ("doubted: a",)


def test_a_check_shows_twenty_findings_and_the_number_of_the_others() -> None:
    lines = audit.audit([item(f"d{n:02}{twin}", prose(n)) for n in range(23) for twin in "ab"], []).render().splitlines()
    assert lines[0] == "exact: 23 to mend or explain, 0 explained"
    assert [lines[1], lines[20]] == ["  exact: d00a d00b: same words", "  exact: d19a d19b: same words"]
    assert lines[21] == "  ... and 3 more"


def test_explanations_are_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text('[exceptions]\n"near: a b" = "the same wire, told twice"\n')
    assert audit.load_exceptions(path) == NOTES


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[exceptions", "expected TOML with a table"),
        ("", "expected one table .*found nothing"),
        ("exceptions = 1", "expected one table .*found exceptions"),
        ('[exceptions]\n[other]\na = "b"', "expected one table .*found exceptions, other"),
        ('[exceptions]\n"near: a b" = " "', "'near: a b': expected an explanation, found ' '"),
        ('[exceptions]\n"near: a b" = 3', "'near: a b': expected an explanation, found 3"),
    ],
)
def test_malformed_explanations_are_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=rf"exceptions.toml: {complaint}"):
        audit.load_exceptions(path)


def test_a_missing_file_of_explanations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.toml: expected TOML"):
        audit.load_exceptions(tmp_path / "none.toml")


FAULTY = [
    *clean(),
    *with_phrase(5),
    *LOREM,
    *(item(f"e{n}", prose(20 + n % 3)) for n in range(6)),
    *(item(f"n{n}", prose(30 + n % 3) + " more" * (n > 2)) for n in range(6)),
    *with_word(0, 25, "raspberry, strawberry."),
]


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_report_is_the_same_in_every_order_of_items(shuffler: random.Random) -> None:
    shuffled = list(FAULTY)
    shuffler.shuffle(shuffled)
    report = audit.audit(FAULTY, [])
    assert {finding.check for finding in report.findings} == {"exact", "near", "phrase", "word"}
    assert audit.audit(shuffled, []) == report


@settings(max_examples=50)
@given(st.text(min_size=1), st.text(alphabet=" \n\t", max_size=3), st.booleans())
def test_a_text_and_its_copy_are_duplicates_whatever_the_white_space_around(text: str, space: str, is_tested: bool) -> None:
    one, two = item("a", f"word {text}"), item("b", f"{space}word  {text}{space}")
    items = ([one], [two]) if is_tested else ([two, one], [])
    found = [*audit.exact_duplicates([one, two], {"b"} if is_tested else ())]
    assert [finding.key for finding in found] == ["across: a b" if is_tested else "exact: a b"]
    assert len(audit.audit(*items).findings) == 1


@settings(max_examples=30)
@given(st.integers(20, 200), st.integers(0, 10**6), st.data())
def test_a_text_with_one_word_changed_is_a_near_duplicate(n_words: int, seed: int, data: st.DataObject) -> None:
    words = prose(seed, n_words).split()
    changed = list(words)
    changed[data.draw(st.integers(0, n_words - 1))] = "raspberry"
    [found] = audit.near_duplicates([item("b", " ".join(changed)), item("a", " ".join(words))], ())
    assert found.key == "near: a b"
