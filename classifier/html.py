"""HTML pages: the text that a reader sees, and what the markup says of each line of it. The one module that knows resiliparse."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from classifier.errors import InputError, MissingExtraError
from classifier.passages import Block

try:
    from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5
    from resiliparse.parse.html import ElementNode, HTMLTree, Node, TextNode
except ImportError as error:
    raise MissingExtraError("html", error.name) from error


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """What a page shows. text: a line for each block of text. blocks: of each line, in order."""

    text: str
    blocks: tuple[Block, ...]


def read(content: bytes, charset: str | None = None) -> HtmlPage:
    """The visible text of a page and its blocks; whatever the bytes are, there is an answer.

    charset: as the HTTP header names it; a byte order mark goes before it, a <meta> after it. Bytes that cannot be decoded are replaced.

    :raises InputError: if no browser knows such a charset.
    """
    tree = HTMLTree.parse(_without_formatting(_decode(content, charset)))
    lines = list(_lines(tree))
    if not any(line.inside.heading == "h1" for line in lines):
        title = " ".join((tree.title or "").split())
        lines[:0] = [_Line(title, 0.0, _Inside("title"))] if title else []
    return _page(lines)


_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def _decode(content: bytes, charset: str | None) -> str:
    told = charset and map_encoding_to_html5(charset, fallback_utf8=False)
    if charset and not told:
        raise InputError(f"charset {charset!r}: expected a name that browsers know, such as utf-8 or windows-1251")
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    return content.decode(_encoding(content, told or None), "replace")


def _encoding(content: bytes, told: str | None) -> str:
    name = told or detect_encoding(content, from_html_meta=True) or "utf-8"
    if not told and name.startswith("utf-16"):
        return "utf-8"  # a <meta> that could be read was not in UTF-16
    if name == "cp1252" and _is_utf8(content):
        return "utf-8"  # Latin-1 is what servers declare who were never told; what is UTF-8 throughout is not Latin-1 by chance
    return name


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


_FORMATTING = re.compile(r"<(/?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)


def _without_formatting(markup: str) -> str:
    """The same text with plain spans in place of bold and italics.

    HTML has these reopened in every paragraph after one in which they were left open: n of them and n paragraphs make a tree of
    n * n elements, two gigabytes of a page of 40 kB. To us they are the same as a span, which is not reopened.
    """
    return _FORMATTING.sub(r"<\1span", markup)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIPPED = _words(
    "script style template noscript svg head title iframe noframes noembed object canvas audio video textarea select datalist"
)
"""Elements that show no text of their own, or only where something else fails; and form controls."""
_BLOCK_LEVEL = _words(
    """html body frameset address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre search section summary table tbody td tfoot
    th thead tr ul"""
)
"""Elements that begin and end a line, as in the style sheet of the HTML standard; cells of a table too."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NAVIGATION = frozenset(("nav", "aside", "form", "menu", "dialog", "search"))
_NAVIGATION_ROLES = frozenset(("navigation", "banner", "contentinfo", "complementary", "search"))
_DISPLAY_NONE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_READ = frozenset(("class", "id", "role", "itemprop", "hidden", "aria-hidden", "style"))

FURNITURE_NAMES = _words(
    """ad ads advert adverts advertisement advertising aside banner bio breadcrumb breadcrumbs comments consent cookie cookies disqus
    footer gdpr login masthead menu modal mostread nav navbar navigation newsletter outbrain pager pagination popular popup promo promos
    promoted promotion recommend recommendation recommendations recommended related share sharing sidebar signup social sponsor
    sponsored subscribe taboola tags teaser teasers toolbar topbar trending"""
)
"""Words by which page builders name what is not the article. Left out, as articles themselves stand in such: `header` (of the article),
`comment` (an opinion piece), `widget` (page builders wrap everything in one), `paywall` and `subscription` (around paid articles)."""
_TELLING, _PLAIN = frozenset({"blockquote", "figcaption", "li"}), frozenset({"p", "div"})
"""A paragraph in a quotation, a caption or an entry of a list is told by that, not by being a paragraph."""
_NO_NAMES = _words("no not non has with without free category tag")
"""Words beside which a name tells of the page or its subject: has-sidebar, no-ads, and WordPress's category-social on an article."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class _Inside(NamedTuple):
    """What holds for everything inside an element; handed down, so that no one needs to look up. tag: the nearest at block level."""

    tag: str = "body"
    heading: str = ""
    linked: bool = False
    preformatted: bool = False
    navigation: bool = False
    article: bool = False
    boilerplate_name: bool = False


class _Line(NamedTuple):
    text: str
    link_density: float
    inside: _Inside


_Piece = tuple[str, _Inside]


def _pieces(tree: HTMLTree) -> Iterator[_Piece | None]:
    """The visible text of a page in order, None where a line ends.

    Each node is visited once, on a stack of our own, as pages may nest without end; None on it closes an element at block level.
    """
    stack: list[tuple[Node | None, _Inside]] = [(tree.document, _Inside())]
    while stack:
        node, inside = stack.pop()
        if node is None:
            yield None
            continue
        if isinstance(node, TextNode):
            yield from _text(node.value or "", inside)
            continue
        if isinstance(node, ElementNode):
            tag = node.tag or ""
            entered = None if tag in _SKIPPED else _enter(node, tag, inside)
            if entered is None:
                continue
            inside = entered
            if tag == "br":
                yield None
            elif tag in _BLOCK_LEVEL:
                yield None
                stack.append((None, inside))
        stack += [(child, inside) for child in reversed(node.child_nodes.values())]


def _text(text: str, inside: _Inside) -> Iterator[_Piece | None]:
    if not inside.preformatted:
        yield text, inside
        return
    for number, line in enumerate(re.split("[\r\n]", text)):
        if number:
            yield None
        yield line, inside


def _lines(tree: HTMLTree) -> Iterator[_Line]:
    """The lines of a page that are not blank, in order."""
    pieces: list[_Piece] = []
    for piece in chain(_pieces(tree), [None]):
        if piece:
            pieces.append(piece)
        elif pieces:
            yield from _line(pieces)
            pieces = []


def _line(pieces: Sequence[_Piece]) -> Iterator[_Line]:
    """The line that pieces of text make, if they are not all blank. What holds for each of them holds for it."""
    weighed = [(len("".join(text.split())), inside) for text, inside in pieces]
    weighed = [(length, inside) for length, inside in weighed if length]
    if not weighed:
        return
    text = " ".join("".join(text for text, _ in pieces).split())
    linked = sum(length for length, inside in weighed if inside.linked)
    inside = weighed[0][1]
    if len(weighed) > 1:
        inside = inside._replace(
            navigation=all(each.navigation for _, each in weighed),
            article=all(each.article for _, each in weighed),
            boilerplate_name=all(each.boilerplate_name for _, each in weighed),
        )
    yield _Line(text, linked / sum(length for length, _ in weighed), inside)


def _enter(element: ElementNode, tag: str, around: _Inside) -> _Inside | None:
    """What holds inside an element, or None if it is hidden."""
    given = {name: element.getattr(name) or "" for name in element.attrs if name in _READ}
    if tag in ("html", "body"):  # pages that a script unveils are hidden as a whole; names here are of the kind of page
        return around._replace(tag=tag)
    if given and _is_hidden(given):
        return None
    role = given.get("role", "").lower()
    is_main = tag == "main" or role == "main" or "articlebody" in given.get("itemprop", "").lower().split()
    if is_main:  # no furniture holds these, however what is around them is named
        around = around._replace(navigation=False, boilerplate_name=False)
    changes: dict[str, str | bool] = {}
    if tag in _BLOCK_LEVEL and not (around.tag in _TELLING and tag in _PLAIN):
        changes["tag"] = tag
    if tag in _HEADINGS:
        changes["heading"] = tag
    if tag in ("a", "button"):
        changes["linked"] = True
    if tag == "pre":
        changes["preformatted"] = True
    if is_main or tag == "article":
        changes["article"] = True
    if _is_navigation(tag, role, around):
        changes["navigation"] = True
    if given and _is_named_furniture(f"{given.get('class', '')} {given.get('id', '')}"):
        changes["boilerplate_name"] = True
    return around._replace(**changes) if changes else around  # type: ignore[arg-type]


def _is_hidden(given: dict[str, str]) -> bool:
    return "hidden" in given or given.get("aria-hidden", "").lower() == "true" or bool(_DISPLAY_NONE.search(given.get("style", "")))


def _is_navigation(tag: str, role: str, around: _Inside) -> bool:
    if tag in ("header", "footer"):
        return not around.article
    if tag == "form" and around.tag == "body":
        return False  # ASP.NET wraps the whole page in one
    return tag in _NAVIGATION or role in _NAVIGATION_ROLES


def _is_named_furniture(names: str) -> bool:
    for name in names.split():
        words = {word.lower() for word in _WORD.findall(name)}
        if words & FURNITURE_NAMES and not words & _NO_NAMES:
            return True
    return False


def _page(lines: Iterable[_Line]) -> HtmlPage:
    texts, blocks, start = [], [], 0
    for text, link_density, inside in lines:
        end = start + len(text)
        heading = bool(inside.heading)
        block = Block(start, end, inside.tag, link_density, inside.navigation, inside.article, heading, inside.boilerplate_name)
        texts.append(text)
        blocks.append(block)
        start = end + 1
    return HtmlPage("\n".join(texts), tuple(blocks))
