"""What extractors let through: a teaser of an unrelated story in eight places of an article's page, and what the article loses.

`python -m bench.leak` prints a table. The pages are our own (bench/pages), built into the markup that news sites use. A leak is a
sentence of the teaser in the output, a loss a paragraph of the article that is not.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import justext
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from classifier import TopicFilter

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


def extractors() -> dict[str, Extractor]:
    return {
        "Spillway": ours(TopicFilter.load()),
        "trafilatura": trafilatura_default,
        "trafilatura, favor_precision": trafilatura_precise,
        "Resiliparse, main_content": resiliparse_main,
        "jusText": justext_default,
    }


def table(of: list[Page]) -> Iterator[str]:
    """A Markdown table: for each extractor the pages with a leak, by placement, and the paragraphs lost over all of them."""
    everything = len(of) * len(PLACEMENTS)
    paragraphs = sum(len(page.paragraphs) for page in of) * len(PLACEMENTS)
    yield f"| extractor | {' | '.join(PLACEMENTS)} | leaks of {everything} | paragraphs lost of {paragraphs} |"
    yield "| --- |" + " ---: |" * (len(PLACEMENTS) + 2)
    for name, extract in extractors().items():
        leaking, lost = Counter[str](), 0
        for page in of:
            for placement in PLACEMENTS:
                output = extract(page.html(placement), page.lang)
                leaking[placement] += bool(leaks(page, placement, output))
                lost += len(losses(page, output))
        yield f"| {name} | {' | '.join(str(leaking[placement]) for placement in PLACEMENTS)} | {leaking.total()} | {lost} |"


if __name__ == "__main__":
    for row in table(pages()):
        print(row, flush=True)
