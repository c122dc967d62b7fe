"""Whole pages assembled from our own items, with gold for every line: article, or what was pasted around and into it.

The layouts are those that scrapers bring home: an article inside a newspaper's navigation, teasers, promos and footer;
an aggregator's "related" items under an article; a page about something else with one on-topic headline among its
teasers; a page with nothing on topic.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from classifier.passages import Span
from training.corpus import Item
from training.evaluate import LabelledPage

ARTICLE_LENGTH = 300
"""Least characters of an item that stands as an article."""


@dataclass(frozen=True, slots=True)
class Page:
    """lines: of the page, in order. keep: whether each belongs to an on-topic article."""

    kind: str
    lang: str
    lines: tuple[str, ...]
    keep: tuple[bool, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def spans(self) -> list[Span]:
        """Where each line stands in the text."""
        ends = accumulate(len(line) + 1 for line in self.lines)
        return [Span(end - 1 - len(line), end - 1) for line, end in zip(self.lines, ends, strict=True)]


class Assembler:
    """Lays out pages from a stock of items; the same items and seed give the same pages."""

    def __init__(self, items: Sequence[Item], seed: int) -> None:
        self._rng = random.Random(seed)
        articles = [item for item in items if not item.is_furniture and not item.is_passage]
        self._on = [item for item in articles if item.label and _is_article(item)]
        self._off = [item for item in articles if not item.label and _is_article(item)]
        self._on_headlines = [item.text.split("\n")[0] for item in articles if item.label]
        self._teasers = [item for item in articles if not item.label]
        self._context = [item for item in items if item.kind == "context"]
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
            pages.append(self._host(article, headline=number % 2 == 1))
        return pages

    def _host(self, article: Item, headline: bool = False) -> Page:
        """An article in a newspaper's page; `headline` puts an on-topic headline among the teasers."""
        lang = article.lang if self._rng.random() < 0.5 else "en"
        before = self._furniture_block(lang, self._rng.choice([0, 3, 8, 20, 40]))
        after = self._after(lang)
        body = self._article_lines(article)
        for _ in range(self._rng.choice([0, 0, 1, 2, 3])):
            body.insert(self._rng.randint(1, len(body)), (self._promo(lang), False))
        if headline:
            after.insert(self._rng.randint(0, len(after)), self._rng.choice(self._on_headlines))
        return _page("decoy" if headline else "host", article.lang, [_dropped(before), body, _dropped(after)])

    def _related(self, article: Item) -> Page:
        """An article with other items under it, each perhaps with its agency and its age, as aggregators paste them."""
        tail = self._furniture_block(article.lang, self._rng.randint(0, 2))
        for item in self._rng.sample(self._teasers, min(self._rng.randint(2, 6), len(self._teasers))):
            if self._rng.random() < 0.6:
                tail.append(self._rng.choice(["AFP", "Reuters", "AP", "dpa", "Yahoo", "BBC", "TASR", "PAP", "BNS", "Interfax"]))
                tail.append(self._age())
            tail += item.text.split("\n")
        return _page("related", article.lang, [self._article_lines(article), _dropped(tail)])

    def _article_lines(self, article: Item) -> list[tuple[str, bool]]:
        """An article's lines; an on-topic one with passages in it that name no topic at all, as real ones have."""
        lines = article.text.split("\n")
        if self._rng.random() < 0.5:
            lines[1:1] = [self._byline(article.lang) for _ in range(self._rng.randint(1, 2))]
        context = [item.text for item in self._context if item.lang == article.lang]
        if article.label and context and self._rng.random() < 0.7:
            for passage in self._rng.sample(context, min(self._rng.randint(1, 4), len(context))):
                lines.insert(self._rng.randint(2, max(2, len(lines))), passage)
        return [(line, bool(article.label)) for line in lines]

    def _after(self, lang: str) -> list[str]:
        """What stands below an article: furniture and the headlines of other stories in turn, perhaps a whole second one."""
        lines: list[str] = []
        for _ in range(self._rng.randint(1, 4)):
            lines += self._furniture_block(lang, self._rng.choice([1, 2, 4, 8]))
            teasers = [item for item in self._teasers if item.lang == lang] or self._teasers
            bullet = self._rng.choice(["", "", "• "])
            for item in self._rng.sample(teasers, min(self._rng.randint(0, 6), len(teasers))):
                lines.append(bullet + item.text.split("\n")[0])
        if self._rng.random() < 0.3:
            lines += self._rng.choice(self._teasers).text.split("\n")
        return lines

    def _furniture_block(self, lang: str, n: int) -> list[str]:
        stock = [item for item in self._furniture if item.lang == lang] or self._furniture
        return [item.text for item in self._rng.sample(stock, min(n, len(stock)))]

    def _promo(self, lang: str) -> str:
        stock = [item for item in self._promos if item.lang == lang] or self._promos
        return self._rng.choice(stock).text

    def _byline(self, lang: str) -> str:
        """Who wrote an article and when: the same words are furniture elsewhere, under its headline they belong to it."""
        stock = [item for item in self._bylines if item.lang == lang] or self._bylines
        return self._rng.choice(stock).text

    def _age(self) -> str:
        return f"{self._rng.randint(2, 58)} {self._rng.choice(['minutes ago', 'hours ago', 'min read', 'hours ago'])}"

    def _shuffled(self, items: Sequence[Item]) -> list[Item]:
        return self._rng.sample(list(items), len(items))


def frozen(items: Sequence[Item], seed: int) -> list[LabelledPage]:
    """The pages of items as data to judge a filter by: each line is a span of gold."""
    pages = Assembler(items, seed).pages()
    return [_labelled(f"{page.kind}-{number:03d}", page) for number, page in enumerate(pages, 1)]


def _labelled(name: str, page: Page) -> LabelledPage:
    spans = [(span.start, span.end, "keep" if keep else "drop") for span, keep in zip(page.spans, page.keep, strict=True)]
    return LabelledPage(name, page.text, int(any(page.keep)), spans)


def _is_article(item: Item) -> bool:
    return len(item.text) >= ARTICLE_LENGTH and "\n" in item.text


def _dropped(lines: Sequence[str]) -> list[tuple[str, bool]]:
    return [(line, False) for line in lines]


def _page(kind: str, lang: str, parts: Sequence[Sequence[tuple[str, bool]]]) -> Page:
    flat = [(" ".join(text.split()), keep) for part in parts for text, keep in part]
    flat = [(line, keep) for line, keep in flat if line]
    return Page(kind, lang, tuple(line for line, _ in flat), tuple(keep for _, keep in flat))
