"""Whole pages assembled from our own items, with gold for every line: article, or what was pasted around and into it.

The layouts are those that scrapers bring home: an article inside a newspaper's navigation, teasers, promos and footer, with a
brief of another story pasted into it; an aggregator's "related" items under an article; a page about something else with one
on-topic headline among its teasers; a page with nothing on topic. Where asked for they have markup, as news sites write it:
mostly telling, at times misleading.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

from classifier.observations import QUOTATION
from classifier.passages import Block, Span
from training.corpus import Item

ARTICLE_LENGTH = 300
"""Least characters of an item that stands as an article."""
PROMOS = (0, 1, 1, 2, 3, 4)
"""How many promos stand between the lines of an article."""
PASTED_IN, PASTED_IN_WITH_MARKUP = 0.3, 1.0
"""Share of the pages with a brief of another story inside the article. More would cost real articles their far passages
(docs/training-notes.md); with markup, which tells most of the rest, there can be more."""

Role = Literal["furniture", "headline", "byline", "paragraph", "context", "promo", "stray", "teaser", "story"]
"""What a line is on its page; `story`: a line of a whole second article."""


class Line(NamedTuple):
    """keep: whether it belongs to an on-topic article."""

    text: str
    keep: bool
    role: Role


@dataclass(frozen=True, slots=True)
class Page:
    """lines: of the page, in order. keep: whether each belongs to an on-topic article. blocks: of each line, none without markup."""

    kind: str
    lang: str
    lines: tuple[str, ...]
    keep: tuple[bool, ...]
    blocks: tuple[Block, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def spans(self) -> list[Span]:
        """Where each line stands in the text."""
        return _spans(self.lines)


class Assembler:
    """Lays out pages from a stock of items; the same items and seed give the same pages."""

    def __init__(self, items: Sequence[Item], seed: int, markup: bool = False) -> None:
        """markup: whether the pages have any."""
        self._rng = random.Random(seed)
        self._has_markup = markup
        self._pasted_in = PASTED_IN_WITH_MARKUP if markup else PASTED_IN
        articles = [item for item in items if not item.is_furniture and not item.is_passage]
        self._on = [item for item in articles if item.label and _is_article(item)]
        self._off = [item for item in articles if not item.label and _is_article(item)]
        self._headlines = [item for item in articles if item.label]
        self._teasers = [item for item in articles if not item.label]
        self._context = [item for item in items if item.kind == "context"]
        self._strays = [item for item in items if item.kind == "stray"]
        self._furniture = [item for item in items if item.is_furniture]
        self._bylines = [item for item in self._furniture if item.kind in ("byline", "timestamp")]
        self._promos = [item for item in self._furniture if item.kind == "promo"]

    def pages(self, most: int | None = None) -> list[Page]:
        """A page for each on-topic article (two layouts in turn) and, for every two of them, one with nothing to keep.

        most: about how many pages to make, where there are articles for more.
        """
        pages = []
        on = self._shuffled(self._on)[: most and most * 2 // 3]
        for number, article in enumerate(on):
            pages.append(self._related(article) if number % 3 == 2 else self._host(article))
        off = self._shuffled(self._off)
        for number, article in enumerate(off[: len(on) // 2]):
            pages.append(self._host(article, headline=number % 3 < 2))
        return pages

    def _host(self, article: Item, headline: bool = False) -> Page:
        """An article in a newspaper's page; `headline` puts an on-topic headline among the teasers."""
        lang = article.lang if self._rng.random() < 0.5 else "en"
        before = self._furniture_block(lang, self._rng.choice([0, 3, 8, 20, 40]))
        after = self._after(lang)
        body = self._article_lines(article)
        for _ in range(self._rng.choice(PROMOS)):
            promo = self._of_language(self._promos, lang).text
            body.insert(self._rng.randint(1, len(body)), Line(promo, False, "promo"))
        if self._rng.random() < self._pasted_in and len(body) > 3:
            place = self._rng.randint(2, len(body))
            body[place:place] = self._stray(article.lang if self._rng.random() < 0.8 else lang)
        if headline:
            teaser = self._of_language(self._headlines, lang) if self._rng.random() < 0.8 else self._rng.choice(self._headlines)
            after.insert(self._rng.randint(0, len(after)), Line(teaser.text.split("\n")[0], False, "teaser"))
        return self._page("decoy" if headline else "host", article.lang, [*before, *body, *after])

    def _related(self, article: Item) -> Page:
        """An article with other items under it, each perhaps with its agency and its age, as aggregators paste them."""
        tail = self._furniture_block(article.lang, self._rng.randint(0, 2))
        for item in self._rng.sample(self._teasers, min(self._rng.randint(2, 6), len(self._teasers))):
            if self._rng.random() < 0.6:
                agency = self._rng.choice(["AFP", "Reuters", "AP", "dpa", "Yahoo", "BBC", "TASR", "PAP", "BNS", "Interfax"])
                tail += [Line(agency, False, "furniture"), Line(self._age(), False, "furniture")]
            tail += [Line(line, False, "story") for line in item.text.split("\n")]
        return self._page("related", article.lang, [*self._article_lines(article), *tail])

    def _article_lines(self, article: Item) -> list[Line]:
        """An article's lines; an on-topic one with passages in it that name no topic at all, as real ones have."""
        keep = bool(article.label)
        headline, *paragraphs = article.text.split("\n")
        lines = [Line(headline, keep, "headline"), *(Line(paragraph, keep, "paragraph") for paragraph in paragraphs)]
        if self._rng.random() < 0.5:
            bylines = [self._of_language(self._bylines, article.lang).text for _ in range(self._rng.randint(1, 2))]
            lines[1:1] = [Line(byline, keep, "byline") for byline in bylines]
        context = [item.text for item in self._context if item.lang == article.lang]
        if keep and context and self._rng.random() < 0.7:
            for passage in self._rng.sample(context, min(self._rng.randint(1, 4), len(context))):
                lines.insert(self._rng.randint(2, max(2, len(lines))), Line(passage, keep, "context"))
        return lines

    def _stray(self, lang: str) -> list[Line]:
        """A brief of another story, or a story's headline with a line or two of it."""
        if self._strays and self._rng.random() < 0.5:
            return [Line(self._of_language(self._strays, lang).text, False, "stray")]
        story = self._of_language(self._off, lang).text.split("\n")
        return [Line(line, False, "stray") for line in story[: self._rng.randint(1, 3)]]

    def _after(self, lang: str) -> list[Line]:
        """What stands below an article: furniture and the headlines of other stories in turn, perhaps a whole second one."""
        lines: list[Line] = []
        for _ in range(self._rng.randint(1, 4)):
            lines += self._furniture_block(lang, self._rng.choice([1, 2, 4, 8]))
            teasers = _in_language(self._teasers, lang)
            bullet = self._rng.choice(["", "", "• "])
            for item in self._rng.sample(teasers, min(self._rng.randint(0, 6), len(teasers))):
                lines.append(Line(bullet + item.text.split("\n")[0], False, "teaser"))
        if self._rng.random() < 0.3:
            lines += [Line(line, False, "story") for line in self._rng.choice(self._teasers).text.split("\n")]
        return lines

    def _furniture_block(self, lang: str, n: int) -> list[Line]:
        stock = _in_language(self._furniture, lang)
        return [Line(item.text, False, "furniture") for item in self._rng.sample(stock, min(n, len(stock)))]

    def _of_language(self, items: Sequence[Item], lang: str) -> Item:
        """One of the items in the language; of any where there is none."""
        return self._rng.choice(_in_language(items, lang))

    def _age(self) -> str:
        return f"{self._rng.randint(2, 58)} {self._rng.choice(['minutes ago', 'hours ago', 'min read', 'hours ago'])}"

    def _shuffled(self, items: Sequence[Item]) -> list[Item]:
        return self._rng.sample(list(items), len(items))

    def _page(self, kind: str, lang: str, lines: Sequence[Line]) -> Page:
        flat = [line._replace(text=" ".join(line.text.split())) for line in lines]
        flat = [line for line in flat if line.text]
        texts, keep = tuple(line.text for line in flat), tuple(line.keep for line in flat)
        return Page(kind, lang, texts, keep, Markup(self._rng).blocks(flat) if self._has_markup else ())


class _Pasted(NamedTuple):
    """What is pasted into an article is marked up as."""

    tag: str
    linked: bool
    aside: bool
    named: bool


_PASTED_IN = (
    _Pasted("p", linked=False, aside=False, named=False),
    _Pasted("p", linked=True, aside=False, named=False),
    _Pasted("blockquote", linked=False, aside=False, named=False),
    _Pasted("p", linked=True, aside=False, named=True),
    _Pasted("p", linked=True, aside=True, named=True),
    _Pasted("li", linked=True, aside=False, named=False),
    _Pasted("figcaption", linked=False, aside=False, named=False),
    _Pasted("h3", linked=False, aside=False, named=False),
)


class Markup:
    """How one site marks up its lines: telling for the most part, as each site does it in its own way and none in full."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._has_article = self._chance(0.75)
        self._misnamed = self._has_article and self._chance(0.03)
        self._names_furniture = self._chance(0.8)
        self._marks_teasers = self._chance(0.7)

    def blocks(self, lines: Sequence[Line]) -> tuple[Block, ...]:
        """A block for each line; what was pasted in together is marked up alike."""
        blocks: list[Block] = []
        pasted, before = _PASTED_IN[0], ""
        for line, span in zip(lines, _spans([line.text for line in lines]), strict=True):
            if line.role in ("headline", "byline", "paragraph", "context"):
                blocks.append(self._of_article(line, span))
            elif line.role in ("promo", "stray"):
                pasted = pasted if before == line.role == "stray" else self._rng.choice(_PASTED_IN)
                blocks.append(self._pasted_in(line, span, pasted))
            else:
                blocks.append(self._around(line, span))
            before = line.role
        return tuple(blocks)

    def _of_article(self, line: Line, span: Span) -> Block:
        heading = line.role == "headline" or (line.role == "paragraph" and len(line.text) < 60 and self._chance(0.5))
        tag = "h1" if line.role == "headline" else "h2" if heading else "p"
        if tag == "p":
            tag = self._of_paragraph(line.text)
        links = self._rng.choice([0.05, 0.1, 0.3]) if self._chance(0.15) else 0.0
        return Block(span.start, span.end, tag, links, False, self._has_article, heading, self._misnamed)

    def _of_paragraph(self, text: str) -> str:
        """Mostly a paragraph; a quotation or an entry of a list now and then."""
        if self._chance(0.15 if QUOTATION.match(text) else 0.001):
            return "blockquote"
        return "li" if self._chance(0.01) else "p"

    def _pasted_in(self, line: Line, span: Span, pasted: _Pasted) -> Block:
        """Inside the article: as a plain paragraph, or as what it is."""
        linked = pasted.linked and (line.role == "promo" or len(line.text) < 100 or self._chance(0.3))
        named = self._misnamed or (pasted.named and self._names_furniture)
        heading = pasted.tag == "h3" and len(line.text) < 100
        tag = "p" if pasted.tag == "h3" and not heading else pasted.tag
        return Block(span.start, span.end, tag, float(linked), pasted.aside, self._has_article, heading, named)

    def _around(self, line: Line, span: Span) -> Block:
        """Outside the article: navigation and furniture, teasers, and stories of their own."""
        own_article = line.role == "story" and self._has_article and self._chance(0.6)
        linked = line.role == "teaser" or (line.role == "furniture" and len(line.text) < 60)
        links = 1.0 if linked and self._chance(0.85) else 0.0
        tag = self._rng.choice(["li", "li", "div", "p"] if line.role == "furniture" else ["h3", "li", "p", "p"])
        navigation = line.role != "story" and self._marks_teasers and self._chance(0.8)
        named = line.role != "story" and self._names_furniture and self._chance(0.5)
        inside = own_article or (self._has_article and not navigation and self._chance(0.15))
        return Block(span.start, span.end, tag, links, navigation, inside, tag == "h3", named)

    def _chance(self, p: float) -> bool:
        return self._rng.random() < p


def _in_language(items: Sequence[Item], lang: str) -> Sequence[Item]:
    """Those in the language; all where there is none."""
    return [item for item in items if item.lang == lang] or items


def _is_article(item: Item) -> bool:
    return len(item.text) >= ARTICLE_LENGTH and "\n" in item.text


def _spans(lines: Sequence[str]) -> list[Span]:
    ends = accumulate(len(line) + 1 for line in lines)
    return [Span(end - 1 - len(line), end - 1) for line, end in zip(lines, ends, strict=True)]
