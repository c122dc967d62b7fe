"""The model card, rendered from what the run recorded in the model and from recorded results."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from classifier.model import Model
from training import baselines, page_baselines
from training.evaluate import Mistake, PageReport, Report
from training.metrics import Metrics
from training.results import Results

CROSS_VALIDATION, TEST, TEST_PAGES = "cross-validation", "frozen test part", "pages of the frozen test part"
NAMES = {
    "documents.jsonl": "real-world documents",
    "background.jsonl": "general news",
    "seed-pages.jsonl": "scraped pages",
    "pages.jsonl": "pages built into real newspapers' furniture",
}
"""What the recorded files hold."""
OPENING = 90
"""Characters shown of a text."""
LIMITS = """\
## Limits

- Languages other than those above are answered `unsure` where too few words are known, and are poorly judged otherwise.
- A text rewritten in other words, or stuffed with words of the topic, can mislead a linear model.
- Its people and firms are largely invented; it has learned how such news is told, not who is who.
"""
ABOUT_PAGES = """\
F1 is of the kept characters, its mean over the pages; precision and recall are of the characters of all pages together. A decision
is wrong where a page is called on topic and is not, or the other way round; a system without a verdict of its own calls on topic
what it keeps anything of.
"""
ABOUT_HTML = """\
The same measures on articles of our own in the markup of news sites, each with a teaser of another story in one of eight places
(`bench/leak.py`). To be kept are the headline and the paragraphs, each whole; teaser, navigation and footer are not; the byline is
not judged. All pages are on topic, which an extractor takes for granted.
"""
LEAST_LANGUAGE = 20
"""Texts that a language must have for a row of its own."""


def reports(model: Model, results: Results) -> dict[str, Report]:
    """What the card's plots show: by name, cross-validation first."""
    about = {name: msgspec.convert(model.about[key], Report) for name, key in ((CROSS_VALIDATION, "cross_validation"), (TEST, "test"))}
    return about | {NAMES.get(name, name): report for name, report in results.documents.items() if report.overall.positives}


def render(model: Model, results: Results, openings: Mapping[str, str] | None = None) -> str:
    """The card as Markdown. Every figure in it stands in the manifest or in the results.

    openings: the first words of texts by id, for the mistakes that are listed; only of texts that may be shown.
    """
    measured = reports(model, results)
    parts = [
        _head(model),
        _quality(model, measured, results),
        _deciding(model, measured),
        _mistakes(measured[CROSS_VALIDATION], openings or {}),
        _training(model),
        LIMITS,
    ]
    return "\n".join(parts)


def opening(text: str) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= OPENING else line[:OPENING].rsplit(" ", 1)[0] + " ..."


def _head(model: Model) -> str:
    return f"""\
# {model.full_name}

A linear classifier that tells on-topic text from off-topic text, by document and by passage. Written by training; not
edited by hand.
"""


def _quality(model: Model, measured: dict[str, Report], results: Results) -> str:
    settings = model.about["settings"]
    documents = measured | {NAMES.get(name, name): report for name, report in results.documents.items()}
    lines = ["## How good it is", ""]
    lines += _table("measured on | texts | on topic | precision | recall | F1 (95 % interval) | AUROC | Brier | ECE")
    lines += [_row(name, report.overall) for name, report in documents.items()]
    lines += [
        "",
        f"Cross-validation ({settings['folds']} folds, split by story) and the frozen test part, which is never trained on, are of the",
        f"corpus's own texts of {settings['headline_length']} characters and more. Brier and ECE (ten bins) of the cross-validation are",
        "weighted to the share on topic for which probabilities are made (below).",
        "",
        "![Precision and recall](precision-recall.svg) ![Reliability](reliability.svg)",
        "",
    ]
    if results.pages:
        lines += _table("pages | n | mean F1 of the kept characters | worst | decisions wrong")
        lines += [_page_row(NAMES.get(name, name), report) for name, report in results.pages.items()] + [""]
    if not results.documents:
        lines += ["Nothing is recorded of this model on texts from outside the project.", ""]
    for name, report in measured.items():
        lines += _languages(name, report)
    lines += _kinds(measured[CROSS_VALIDATION])
    if results.baselines:
        lines += ["### Beside simpler systems", "", f"Each trained on the same {results.baselines.trained_on:,} items.", ""]
        lines += [baselines.table(results.baselines)]
    return "\n".join(lines + _beside_on_pages(results))


def _beside_on_pages(results: Results) -> list[str]:
    """What other systems make of pages of text and of HTML; nothing where it is not recorded."""
    lines = []
    if results.page_baselines:
        lines += ["### Pages, beside simpler systems", "", ABOUT_PAGES, page_baselines.table(results.page_baselines)]
    if results.extractors:
        lines += ["### HTML pages, beside extractors", "", ABOUT_HTML, page_baselines.table(results.extractors)]
    return lines


def _languages(name: str, report: Report) -> list[str]:
    shown = {lang: m for lang, m in report.by_language.items() if m.n >= LEAST_LANGUAGE and m.f1 is not None}
    if len(shown) < 2:
        return []
    rows = [
        f"| {lang} | {m.n:,} | {m.positives:,} | {_number(m.precision)} | {_number(m.recall)} | {_f1(m)} |" for lang, m in shown.items()
    ]
    return [f"### By language, {name}", "", *_table("language | texts | on topic | precision | recall | F1 (95 % interval)"), *rows, ""]


def _kinds(report: Report) -> list[str]:
    rows = [f"| {kind} | {s.n:,} | {s.right / s.n:.3f} | {s.low:.3f}-{s.high:.3f} |" for kind, s in report.by_kind.items()]
    heading = ["### By kind", "", "![Share answered rightly by kind](kinds.svg)", ""]
    return [*heading, *_table("kind, in cross-validation | texts | answered rightly | 95 % interval"), *rows, ""]


def _table(columns: str) -> list[str]:
    return [f"| {columns} |", "| " + " | ".join("---" for _ in columns.split(" | ")) + " |"]


def _deciding(model: Model, measured: dict[str, Report]) -> str:
    limits, settings = model.thresholds, model.about["settings"]
    share = f"{settings['expected_share']:.0%}" if settings["expected_share"] else "as much as in the data"
    kinds = " and every kind of text as common as others of its side" if settings["kinds_weigh_the_same"] else ""
    lines = [
        "## Deciding",
        "",
        f"Probabilities are made for a stream of which {share} is on topic{kinds}. On topic is what",
        f"reaches {limits.on_topic:g}, the middle of the thresholds of best F1 in cross-validation. Thresholds for other recalls",
        "(`--recall`), from the same, with bootstrap intervals:",
        "",
        *_table("recall | threshold | 95 % interval"),
        *(f"| {r.recall:g} | {r.threshold:g} | {r.low:g}-{r.high:g} |" for r in limits.for_recall),
        "",
        f"`unsure` is what lies within {limits.unsure_within:g} log-odds of the threshold, and what cannot be judged: a text of fewer than",
        f"{limits.least_known} known words (it gets the probability {model.calibration.prior:g}), or with known words for less",
        f"than {limits.least_known_share:.0%} of its words (another language). Of the texts that can be judged:",
        "",
        *_table("measured on | unsure | wrong among them | wrong among the rest"),
    ]
    for name, report in measured.items():
        unsure = report.unsure
        lines.append(f"| {name} | {unsure.share:.1%} | {unsure.wrong_inside:.1%} | {unsure.wrong_outside:.1%} |")
    return "\n".join([*lines, ""])


def _mistakes(report: Report, openings: Mapping[str, str]) -> str:
    rows = [_mistake(mistake, openings.get(str(mistake.id), "")) for mistake in report.hardest]
    return "\n".join(["## The hardest mistakes in cross-validation", "", *rows, ""])


def _mistake(mistake: Mistake, opening: str) -> str:
    said = f": {opening}" if opening else ""
    what = "missed" if mistake.label else "leaked"
    return f"- {what} at {mistake.probability:.3f}: `{mistake.id}` ({mistake.lang}, {mistake.kind}){said}"


def _training(model: Model) -> str:
    about = model.about
    settings, data = about["settings"], about["corpus"]
    by_size = sorted(data["languages"].items(), key=lambda pair: (-pair[1], pair[0]))
    languages = ", ".join(f"{name} {n:,}" for name, n in by_size)
    facets = ", ".join(f"{name} ({len(facet.stems)} stems)" for name, facet in model.concepts.facets.items()) or "none"
    features = {"news": "words, pairs and stems", "sklearn": "words and pairs"}[model.profile]
    return f"""\
## Training

- data: {data["items"]:,} items written for this project ({languages}); SHA-256 `{data["sha256"]}`, of the test part
  `{data["test_sha256"]}`
- features: {len(model.features):,} {features} of profile `{model.profile}` (Unicode {model.unicode_version}) in at least
  {settings["min_df"]} items; {len(model.concepts.weights)} concept features over the facets {facets}
- model: logistic regression, C = {settings["inverse_regularisation"]:g}, classes balanced, seed {settings["seed"]}; probabilities by
  Platt scaling
- made with: {", ".join(f"{package} {version}" for package, version in about["made_with"].items())}
"""


def _row(name: str, m: Metrics) -> str:
    cells = [
        name,
        f"{m.n:,}",
        f"{m.positives:,}",
        _number(m.precision),
        _number(m.recall),
        _f1(m),
        *map(_number, (m.auroc, m.brier, m.ece)),
    ]
    return f"| {' | '.join(cells)} |"


def _page_row(name: str, report: PageReport) -> str:
    return f"| {name} | {report.n} | {report.f1:.3f} | {report.worst:.3f} | {report.wrong} |"


def _f1(m: Metrics) -> str:
    return "-" if m.f1 is None else f"{m.f1:.3f} ({m.f1_low:.3f}-{m.f1_high:.3f})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
