"""What extractors let through: a teaser of an unrelated story in eight places of an article's page, and what the article loses.

`python -m bench.leak` prints a table; `--record` puts its F1 on the model card too. The pages are our own (bench/pages), built into the
markup that news sites use. A leak is a sentence of the teaser in the output, a loss a paragraph of the article that is not. F1 is
that of the page measures of `training`, over paragraphs, headlines, teaser, navigation and footer that are whole in the output.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import justext
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from classifier import TopicFilter
from training import evaluate, publish
from training.evaluate import Characters, PageReport
from training.page_baselines import PageComparison, PageSystem

PAGES = Path(__file__).parent / "pages"
Extractor = Callable[[bytes, str], str]
"""From a page in UTF-8, and its language for those who must be told, to its text."""

PLACEMENTS = {
    "plain paragraph": ("middle", "<p>{headline}. {text}</p>"),
    "quotation": ("middle", "<blockquote><p>{headline}</p><p>{text}</p></blockquote>"),
    "aside": ("middle", '<aside class="related"><h4>{headline}</h4><p>{text}</p></aside>'),
    "promo": ("middle", '<div class="promo"><p><a href="/other">{headline}</a></p><p>{text}</p></div>'),
    "list": ("middle", '<ul><li><a href="/other">{headline}</a></li><li><a href="/other">{text}</a></li></ul>'),
    "caption": ("middle", '<figure><img src="/other.jpg" alt=""><figcaption>{headline}. {text}</figcaption></figure>'),
    "tail": ("end", "<h3>{headline}</h3><p>{text}</p>"),
    "second article": ("below", '<article><h2><a href="/other">{headline}</a></h2><p>{text}</p></article>'),
}
"""Where in the page and as what: two thirds down the article, behind its last paragraph, or below it as a story of its own."""

MARKUP = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{headline} | The Gazette</title></head><body>
<header><nav><ul>{navigation}</ul></nav></header>
<main><article><h1>{headline}</h1><p class="byline">{byline}</p><div class="story">
{body}
</div></article>
{below}</main>
<footer>{footer}</footer>
</body></html>"""


@dataclass(frozen=True, slots=True)
class Page:
    """An article, and the teasers that stand in it in turn."""

    name: str
    lang: str
    headline: str
    byline: str
    paragraphs: list[str]
    teasers: list[dict[str, str]]
    navigation: list[str]
    footer: list[str]

    def teaser(self, placement: str) -> dict[str, str]:
        return self.teasers[list(PLACEMENTS).index(placement) % len(self.teasers)]

    def html(self, placement: str) -> bytes:
        """The page with one teaser in one place."""
        where, template = PLACEMENTS[placement]
        teaser = template.format(**{name: escape(text) for name, text in self.teaser(placement).items()})
        body = [f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs]
        if where != "below":
            body.insert(len(body) * 2 // 3 if where == "middle" else len(body), teaser)
        return MARKUP.format(
            lang=self.lang,
            headline=escape(self.headline),
            byline=escape(self.byline),
            body="\n".join(body),
            below=teaser if where == "below" else "",
            navigation="".join(f'<li><a href="/">{escape(entry)}</a></li>' for entry in self.navigation),
            footer="".join(f"<p>{escape(line)}</p>" for line in self.footer),
        ).encode()


def pages() -> list[Page]:
    """Our pages, by name."""
    return [Page(path.stem, **json.loads(path.read_text())) for path in sorted(PAGES.glob("*.json"))]


def leaks(page: Page, placement: str, output: str) -> list[str]:
    """The sentences of the teaser that are in the output."""
    sentences = re.split(r"(?<=[.!?…])\s+", page.teaser(placement)["text"])
    return [sentence for sentence in sentences if _flat(sentence) in _flat(output)]


def losses(page: Page, output: str) -> list[str]:
    """The paragraphs of the article that are not in the output."""
    return [paragraph for paragraph in page.paragraphs if _flat(paragraph) not in _flat(output)]


def characters(page: Page, placement: str, output: str) -> Characters:
    """How many characters of the article are in the output, and how many of what stands around it; the byline is not judged."""
    article = [page.headline, *page.paragraphs]
    around = [*page.teaser(placement).values(), *page.navigation, *page.footer]
    found = _found([*article, page.byline, *around], output)
    kept, leaked = (sum(len(text) for text in texts if text in found) for texts in (article, around))
    return Characters(kept, sum(map(len, article)) - kept, leaked)


def _found(texts: Sequence[str], output: str) -> set[str]:
    """The texts that are whole in the output, the longest first and none inside another: a word of a menu may stand in an article."""
    rest, found = _flat(output), set()
    for text in sorted(texts, key=len, reverse=True):
        if _flat(text) in rest:
            found.add(text)
            rest = rest.replace(_flat(text), "\n")
    return found


def _flat(text: str) -> str:
    return " ".join(text.split())


def ours(topic: TopicFilter) -> Extractor:
    return lambda html, _: topic.clean_html(html).text


def trafilatura_default(html: bytes, _: str) -> str:
    return trafilatura.extract(html.decode()) or ""


def trafilatura_precise(html: bytes, _: str) -> str:
    return trafilatura.extract(html.decode(), favor_precision=True) or ""


def resiliparse_main(html: bytes, _: str) -> str:
    return str(extract_plain_text(html.decode(), main_content=True))


_STOPLISTS = {"en": "English", "de": "German", "pl": "Polish", "ru": "Russian", "uk": "Ukrainian", "lt": "Lithuanian", "lv": "Latvian"}


def justext_default(html: bytes, lang: str) -> str:
    """jusText with the stop words of the language, or in its mode without any where it has none."""
    if lang in _STOPLISTS:
        found = justext.justext(html, justext.get_stoplist(_STOPLISTS[lang]), encoding="utf-8")
    else:
        found = justext.justext(html, frozenset(), stopwords_low=0, stopwords_high=0, encoding="utf-8")
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)


class System(NamedTuple):
    """An extractor. note: a sentence on what it is."""

    note: str
    extract: Extractor


def extractors(topic: TopicFilter) -> dict[str, System]:
    """Ours and the others, by name."""
    peers = {name: f"{name} {version(name)}" for name in ("trafilatura", "resiliparse", "jusText")}
    return {
        "Spillway": System(f"{topic.model.full_name}, as installed: cuts by topic, passage by passage.", ours(topic)),
        "trafilatura": System(f"{peers['trafilatura']}, as it comes: finds the main text by markup.", trafilatura_default),
        "trafilatura, favor_precision": System("The same, told to rather leave out.", trafilatura_precise),
        "Resiliparse, main_content": System(f"{peers['resiliparse']}: drops by rules on tags and names of elements.", resiliparse_main),
        "jusText": System(f"{peers['jusText']}: judges blocks by length, links and stop words of the page's language.", justext_default),
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an extractor makes of the pages: those with a leak, by placement; paragraphs lost; characters."""

    leaking: Counter[str]
    lost: int
    report: PageReport


def outcome(extract: Extractor, of: Sequence[Page]) -> Outcome:
    """The extractor on every page with its teaser in every place."""
    outputs = [(page, placement, extract(page.html(placement), page.lang)) for page in of for placement in PLACEMENTS]
    return Outcome(
        Counter(placement for page, placement, output in outputs if leaks(page, placement, output)),
        sum(len(losses(page, output)) for page, _, output in outputs),
        evaluate.page_report([characters(*each) for each in outputs], wrong=sum(not output.strip() for *_, output in outputs)),
    )


def table(outcomes: dict[str, Outcome], of: Sequence[Page]) -> Iterator[str]:
    """A Markdown table: for each extractor the pages with a leak, by placement, paragraphs lost and mean F1 over all of them."""
    everything = len(of) * len(PLACEMENTS)
    paragraphs = sum(len(page.paragraphs) for page in of) * len(PLACEMENTS)
    yield f"| extractor | {' | '.join(PLACEMENTS)} | leaks of {everything} | paragraphs lost of {paragraphs} | mean page F1 |"
    yield "| --- |" + " ---: |" * (len(PLACEMENTS) + 3)
    for name, found in outcomes.items():
        placed = " | ".join(str(found.leaking[placement]) for placement in PLACEMENTS)
        yield f"| {name} | {placed} | {found.leaking.total()} | {found.lost} | {found.report.f1:.3f} |"


def comparison(outcomes: dict[str, Outcome], systems: dict[str, System]) -> PageComparison:
    """The same for the model card."""
    name = "articles with a teaser"
    rows = [PageSystem(system, systems[system].note, {name: found.report}) for system, found in outcomes.items()]
    return PageComparison({name: rows[0].sets[name].n}, rows)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.leak", description=__doc__)
    parser.add_argument("--record", action="store_true", help="record the measures of pages for the shipped model's card")
    args = parser.parse_args(argv)
    topic = TopicFilter.load()
    systems = extractors(topic)
    outcomes = {name: outcome(system.extract, pages()) for name, system in systems.items()}
    print("\n".join(table(outcomes, pages())))
    if args.record:
        path = publish.record(topic.model, {"extractors": comparison(outcomes, systems)})
        print(f"{path}: recorded", file=sys.stderr)


if __name__ == "__main__":
    main()
