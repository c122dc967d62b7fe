"""HTML pages: what a reader sees, line by line, what the markup says of it, and that no bytes are too bad to read."""

from __future__ import annotations

import sys
from html import escape
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from classifier import html, passages
from classifier.errors import InputError, MissingExtraError
from classifier.passages import Block

RUSSIAN = "Программисты уехали из Минска в Вильнюс, говорят они, и ищут там жильё. Это была тихая зима."


def read(markup: str) -> html.HtmlPage:
    return html.read(markup.encode(), "utf-8")


def lines(markup: str) -> list[str]:
    return read(markup).text.split("\n")


def block(markup: str, text: str = "x") -> Block:
    """The block whose text is `text`."""
    page = read(markup)
    [found] = [block for block in page.blocks if page.text[block.start : block.end] == text]
    return found


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one<p>two<div>three", ["one", "two", "three"]),
        ("<p>a\n  b\t c&nbsp; d</p>", ["a b c d"]),
        ("<p>a<br>b<br/>c", ["a", "b", "c"]),
        ("<p>a <b>bold</b> and <i>thin</i> w<em>o</em>rd", ["a bold and thin word"]),
        ("<div>before<p>in</p>after</div>", ["before", "in", "after"]),
        ("<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>", ["a", "b", "c", "d"]),
        ("<pre>one\n  two\r\n\nthree</pre>", ["one", "two", "three"]),
        ("<p>a<script>b</script>c<style>d</style><template>e</template><noscript>f</noscript><svg><text>g</text></svg>", ["ac"]),
        ("<p>a<!-- b --><img alt=c src=d>e", ["ae"]),
        ("<p>a<input value=b><textarea>c</textarea><select><option>d</select><button>e</button>", ["ae"]),
        ('<p hidden>a</p><p aria-hidden="true">b</p><p style="color:red; DISPLAY : none">c</p><p aria-hidden=false>d', ["d"]),
        ("<body hidden style='display:none'><p>a", ["a"]),
        ("<title>T</title><p>a", ["T", "a"]),
        ("<title>T</title><h1>H</h1>", ["H"]),
        ("<title>T</title><h1><span> </span></h1><h1 hidden>no</h1><p>a", ["T", "a"]),
        ("<p>&lt;b&gt; &amp; &#x1F600; &eacute;", ["<b> & 😀 é"]),
        ("<p>a<title>T</title>b", ["T", "ab"]),
        ("<math><mi>a</mi></math><unknown>b</unknown>", ["ab"]),
    ],
)
def test_text_is_what_is_shown_a_line_for_each_block(markup: str, shown: list[str]) -> None:
    assert lines(markup) == shown


@pytest.mark.parametrize(
    ("markup", "tag"),
    [
        ("x", "body"),
        ("<p><span>x</span></p>", "p"),
        ("<div><li><a>x</a>", "li"),
        ("<figure><figcaption>x", "figcaption"),
        ("<blockquote><p>x", "blockquote"),
        ("<figcaption><div><p>x", "figcaption"),
        ("<blockquote><h3>x", "h3"),
        ("<title>x", "title"),
    ],
)
def test_the_tag_is_of_the_nearest_block_level_element(markup: str, tag: str) -> None:
    assert block(markup).tag == tag


@pytest.mark.parametrize(
    ("markup", "share"),
    [
        ("<p>abcd", 0),
        ("<p><a href=/>ab cd</a>", 1),
        ("<p>ab <a href=/><b>c</b></a><button>d</button>", 0.5),
        ("<a href=/><p>abcd</p></a>", 1),
    ],
)
def test_link_density_is_the_share_of_characters_in_links(markup: str, share: float) -> None:
    assert read(markup).blocks[0].link_density == share


@pytest.mark.parametrize(
    ("markup", "is_navigation"),
    [
        ("<nav><ul><li>x", True),
        ("<header>x", True),
        ("<footer><p>x", True),
        ("<article><header>x", False),
        ("<article><footer>x", False),
        ("<aside>x", True),
        ("<article><aside><p>x", True),
        ("<div><form>x", True),
        ("<form><div><p>x", False),  # a child of body: the whole page
        ("<menu>x", True),
        ("<dialog open>x", True),
        ("<div role=complementary><p>x", True),
        ("<div role=Banner>x", True),
        ("<div role=note>x", False),
        ("<div><nav>menu</nav>x</div>", False),
        ("<div role=search><main><p>x", False),
        ("<p><span role=navigation>x</span></p>", True),
        ("<p>y <span role=navigation>z</span></p><p>x", False),
    ],
)
def test_navigation(markup: str, is_navigation: bool) -> None:
    assert block(markup).navigation is is_navigation


@pytest.mark.parametrize(
    ("markup", "is_article"),
    [
        ("<article><div><p>x", True),
        ("<main>x", True),
        ("<div role=main>x", True),
        ("<div itemprop='text articleBody'>x", True),
        ("<article>y</article>x", False),
    ],
)
def test_article(markup: str, is_article: bool) -> None:
    assert block(markup).article is is_article


def test_headings() -> None:
    found = read("<h1>a</h1><h6><div>b</div></h6><p>c<h2>d<br>e")
    assert [block.heading for block in found.blocks] == [True, True, False, True, True]


@pytest.mark.parametrize(
    ("names", "is_furniture"),
    [
        ("class=promo", True),
        ("class='wide  related-stories'", True),
        ("id=RightSidebar2", True),
        ("class=adsByGoogle", True),
        ("class=newsletter_box", True),
        ("class=social2share", True),
        ("class=headline", False),
        ("class=shadow", False),  # not ad
        ("class=has-sidebar", False),
        ("class='tag-social category-ads'", False),
        ("id=''", False),
    ],
)
def test_names_of_page_furniture(names: str, is_furniture: bool) -> None:
    assert block(f"<div {names}><section><p>x").boilerplate_name is is_furniture
    assert block(f"<div {names}>y</div><p>x").boilerplate_name is False


@pytest.mark.parametrize("markup", ["<body class=sidebar><p>x", "<html class=ads><p>x", "<div class=nav><main><p>x"])
def test_names_of_the_whole_page_say_nothing(markup: str) -> None:
    assert block(markup).boilerplate_name is False


def test_a_line_is_named_furniture_only_if_all_of_it_is() -> None:
    assert block("<p><span class=share>x</span></p>").boilerplate_name
    assert not block("<p><span class=share>Share:</span> now</p>", "Share: now").boilerplate_name


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("\ufeff" + RUSSIAN, "utf-8"),
        ("\ufeff" + RUSSIAN, "utf-16-le"),
        ("\ufeff" + RUSSIAN, "utf-16-be"),
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        ("<meta charset='windows-1251'>" + RUSSIAN, "cp1251"),
        ("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>" + RUSSIAN, "koi8-r"),
        ("<meta charset=utf-16>" + RUSSIAN, "utf-8"),
        ("<meta charset=latin-1>" + RUSSIAN, "utf-8"),
        ("<meta charset=bogus>" + RUSSIAN, "utf-8"),
        ("<!-- " + "long " * 40_000 + "-->" + RUSSIAN, "utf-8"),
    ],
)
def test_the_encoding_is_found(content: str, charset: str) -> None:
    assert html.read(content.encode(charset)).text == RUSSIAN


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (("<meta charset=utf-8>" + RUSSIAN).encode("cp1251"), "windows-1251"),
        (RUSSIAN.encode("utf-16-be"), "UTF-16BE"),
        (("\ufeff" + RUSSIAN).encode(), "windows-1251"),
        (RUSSIAN.encode(), "iso-8859-1"),
    ],
    ids=["before the meta", "utf-16", "after the byte order mark", "latin-1, but it is not"],
)
def test_a_charset_that_is_told(content: bytes, charset: str) -> None:
    assert html.read(content, charset).text == RUSSIAN


@pytest.mark.parametrize("charset", ["bogus", "", "utf-8\0", "base64", "é", "x" * 10_000])
def test_an_unknown_charset_is_named(charset: str) -> None:
    if not charset:
        assert html.read(b"x", charset).text == "x"
        return
    with pytest.raises(InputError, match="expected a name that browsers know"):
        html.read(b"x", charset)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"\xff\xfe", ""),
        (b"\xff\xfea", "\ufffd"),
        (b"<p>caf\xe9 \xff\xfe", None),
        (b"\x00<p>a\x00b</p>\x00", "ab"),
        (b"<frameset><frame src=a><noframes>b</noframes></frameset>", ""),
        (b"<html><head></head></html>", ""),
        (b"<title>only</title>", "only"),
        (b"<", "<"),
        (b"<p <p <a href='x>y", ""),
        (b"</p></div></html>after", "after"),
        (b"<b><p>a</b>b</p><i><div>c</i>d</div>", "ab\ncd"),
        (b"<table>a<tr>b<td>c", "ab\nc"),
        (b"&#xD800;&#0;&#99999999;", "\ufffd" * 3),
        (b"<plaintext>a</plaintext>", "a</plaintext>"),
        (bytes(range(256)) * 20, None),
    ],
)
def test_whatever_the_bytes_are_there_is_an_answer(content: bytes, text: str | None) -> None:
    page = html.read(content)
    assert text is None or page.text == text
    covers(page)


@given(st.binary(max_size=300).map(lambda content: b"<p>" + content))
def test_no_bytes_fail(content: bytes) -> None:
    page = html.read(content)
    covers(page)


@pytest.mark.parametrize(
    ("content", "n_blocks"),
    [
        (b"<div>" * 100_000 + b"x", 1),
        (b"<span class='a b'>x</span><br>" * 50_000, 50_000),
        (b"<p>" + b"word " * 2_000_000, 1),
        (b"<p class='" + b"Aa-b1 " * 200_000 + b"' style='" + b"display " * 100_000 + b"'>x", 1),
        (b"<a href=/>" * 30_000 + b"x", 1),
        (b"<pre>" + b"x\n" * 100_000, 100_000),
    ],
    ids=["deep", "wide", "long", "names", "links", "lines"],
)
def test_large_pages(content: bytes, n_blocks: int) -> None:
    page = html.read(content)
    assert len(page.blocks) == n_blocks
    covers(page)


@pytest.mark.slow
def test_a_million_tags() -> None:
    assert len(html.read(b"<p>x" * 500_000 + b"<br>" * 500_000).blocks) == 500_000


def test_open_formatting_does_not_multiply() -> None:
    n = 300
    markup = "<p>" + "".join(f"<b id={i}><FONT size={i}>" for i in range(n)) + "</p>" + "<p>x</p>" * n
    document = HTMLTree.parse(html._without_formatting(markup)).document
    assert document is not None
    assert len(document.query_selector_all("*")) < 5 * n
    assert lines(markup) == ["x"] * n


def covers(page: html.HtmlPage) -> None:
    """Blocks are in order and apart, each a line, and nothing stands outside them; a passage crosses none."""
    assert [page.text[block.start : block.end] for block in page.blocks] == (page.text.split("\n") if page.text else [])
    assert all(block.start < block.end and 0 <= block.link_density <= 1 for block in page.blocks)
    assert None not in passages.blocks_of(passages.split(page.text), page.blocks)


TAGS = st.sampled_from(["div", "span", "section", "article", "nav", "blockquote", "ul", "em", "b", "unknown"])
WORD = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=4)
TREE = st.recursive(
    WORD, lambda inner: st.tuples(TAGS, st.sampled_from(["", " hidden", " class='ad x'", " role=main"]), st.lists(inner)), max_leaves=25
)


def markup_of(tree: str | tuple[str, str, list]) -> str:  # type: ignore[type-arg]
    if isinstance(tree, str):
        return f" {escape(tree)}\n"
    tag, attribute, inner = tree
    return f"<{tag}{attribute}>{''.join(map(markup_of, inner))}</{tag}>"


def visible(tree: str | tuple[str, str, list]) -> str:  # type: ignore[type-arg]
    if isinstance(tree, str):
        return tree
    return "" if tree[1] == " hidden" else "".join(map(visible, tree[2]))


@given(TREE)
def test_every_visible_text_is_there_in_order(tree: str | tuple[str, str, list]) -> None:  # type: ignore[type-arg]
    page = read(f"<body>{markup_of(tree)}")
    assert "".join(page.text.split()) == visible(tree)
    covers(page)


def test_what_is_missing_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resiliparse.parse.encoding", None)
    monkeypatch.delitem(sys.modules, "classifier.html")
    with pytest.raises(MissingExtraError, match=r"resiliparse\S* is not installed; this needs: pip install 'spillway\[html\]'"):
        import_module("classifier.html")


def test_a_real_page() -> None:
    page = html.read((Path(__file__).parent.parent / "examples" / "scraped-page.html").read_bytes())
    covers(page)
    by_text = {page.text[block.start : block.end]: block for block in page.blocks}
    assert "We value your privacy." not in by_text
    assert (by_text["World"].navigation, by_text["World"].link_density) == (True, 1)
    assert (by_text["Read also"].navigation, by_text["Read also"].boilerplate_name) == (True, True)
    assert by_text["You may also like"].boilerplate_name
    assert by_text["An empty desk in Minsk, March 2023."].tag == "figcaption"
    article = [block for block in page.blocks if block.article and not (block.navigation or block.boilerplate_name)]
    assert len(article) == 9
