"""A page read once, cut into passages, and judged as a whole: which passages are its article, and whether that is on topic.

A quote with no topic word belongs to the article around it, and an on-topic headline among the teasers makes no article: single
passages cannot know either. So a linear-chain model decides over their sequence, and the block it finds over the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from classifier import decision, observations, passages, sequence
from classifier.decision import Reason
from classifier.model import PassageWeights
from classifier.observations import BREAK, clip
from classifier.passages import Block, Span
from classifier.scoring import Evidence, Reading, Scorer

DOUBT = 1.0
"""Log-odds from the threshold within which a passage is `unsure`."""
PARAGRAPH = 100
"""Characters of a passage that says something for itself: longer than a headline."""
ARTICLE = 400
"""Characters from which on a block's length says no more of whether it is an article."""
WHOLE = 0.8
"""Share of a page's characters from which on a block is the page: a document like any other."""
_NEARLY_SURE = 1e-9


class Page(msgspec.Struct, frozen=True):
    """A text and all that is known of it before it is judged. lengths: characters of each passage."""

    text: str
    spans: Sequence[Span]
    lengths: Sequence[int]
    reading: Reading
    blocks: Sequence[Block] = ()

    @property
    def evidence(self) -> Sequence[Evidence]:
        """Of each passage."""
        return self.reading.evidence


class Cut(msgspec.Struct, frozen=True):
    """What the passage model makes of a page. passages: log-odds of each against the boundary between keep and drop, above 0 kept
    if the page is on topic. block: the longest block of those, which stands for the page."""

    passages: Sequence[float]
    block: Sequence[int]


def read(text: str, scorer: Scorer, blocks: Sequence[Block] = (), spans: Sequence[Span] | None = None) -> Page:
    """The text cut into passages, read once. blocks: where it comes from an HTML page. spans: where its passages are known."""
    spans = passages.split(text) if spans is None else spans
    return Page(text, spans, [span.end - span.start for span in spans], scorer.read(text, spans), blocks)


def observe(page: Page) -> observations.Rows:
    """What is seen of each passage (see `observations`)."""
    vocabularies = [page.reading.vocabulary(i) for i in range(len(page.spans))]
    return observations.observe(page.text, page.spans, page.evidence, vocabularies, page.blocks)


def cut(page: Page, rows: observations.Rows, weights: PassageWeights) -> Cut:
    """The page cut by the passage model. It does not know the threshold in use, so that a higher one can never keep more."""
    p = sequence.decode(rows, weights)
    boundary, _ = sequence.cut(p, page.lengths)
    odds = [_log_odds(one) - _log_odds(boundary) for one in p]
    return Cut(odds, _longest_block([i for i, above in enumerate(odds) if above >= 0], page.lengths))


def observe_block(page: Page, block: Sequence[int]) -> list[float]:
    """What is seen of the block that stands for the page, in the order of `model.PAGE_OBSERVATIONS`.

    Its strongest passage is left out once, for a page about something else may have one headline on topic.
    """
    strongest = max(block, key=lambda i: page.evidence[i].passage, default=-1)
    rest = [i for i in block if i != strongest]
    paragraphs = [i for i in block if page.lengths[i] >= PARAGRAPH]
    margins = [clip(page.reading.together(part).topic) for part in (block, rest, paragraphs)]
    return [1.0, *margins, min(0.0, math.log((sum(page.lengths[i] for i in block) + 1) / ARTICLE))]


def log_odds(observed: Sequence[float], weights: PassageWeights) -> float:
    """Of there being an on-topic article on the page, against the boundary between keep and drop; observed: of its block."""
    return sum(w * x for w, x in zip(weights.page, observed, strict=True))


def is_whole(page: Page, block: Sequence[int]) -> bool:
    """Whether the block is so much of the page that it can be judged as a document."""
    return sum(page.lengths[i] for i in block) >= WHOLE * sum(page.lengths)


def _longest_block(kept: Sequence[int], lengths: Sequence[int]) -> list[int]:
    """The block with the most characters; a block bridges up to BREAK dropped passages."""
    blocks: list[list[int]] = []
    for i in kept:
        if blocks and i - blocks[-1][-1] <= BREAK + 1:
            blocks[-1].append(i)
        else:
            blocks.append([i])
    return max(blocks, key=lambda block: sum(lengths[i] for i in block), default=[])


def reason(keep: bool, above: float, evidence: Evidence) -> Reason:
    """Why a passage was kept or dropped, in a word; `unsure` within a log-odds of the threshold.

    above: log-odds above the threshold. evidence: of the passage.
    """
    if abs(above) < DOUBT:
        return "unsure"
    if keep:
        return "topic" if evidence.passage > 0 else "context"
    return "furniture" if evidence.furniture > 0 else "off-topic"


def _log_odds(p: float) -> float:
    return decision.log_odds(min(max(p, _NEARLY_SURE), 1 - _NEARLY_SURE))
