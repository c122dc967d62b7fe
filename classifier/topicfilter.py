"""TopicFilter: the one object that users of the Python interface, the command and the service hold."""

from __future__ import annotations

import os
from bisect import bisect
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from classifier import decision, scoring, store
from classifier.errors import InputError
from classifier.model import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier import page, passages


class Verdict(msgspec.Struct, frozen=True):
    """What a filter says of a text.

    on_topic: whether probability >= threshold. probability: calibrated, 0 to 1.
    decision: `keep`, `drop`, or `unsure` near the threshold and where there is too little to judge by.
    model: name and version of the model.
    """

    on_topic: bool
    probability: float
    decision: decision.Decision
    threshold: float
    model: str


class Passage(msgspec.Struct, frozen=True):
    """A stretch of the text that was kept or dropped as one.

    start, end: offsets in code points into the text. probability: that it belongs to an on-topic article.
    reason: `topic` (its own words), `context` (its neighbours), `off-topic`, `furniture`, or `unsure`.
    """

    start: int
    end: int
    keep: bool
    probability: float
    reason: decision.Reason


class Cleaned(msgspec.Struct, frozen=True):
    """A text without its off-topic passages.

    text: the kept passages, verbatim, each with the white space behind it. passages: all of them, in order.
    verdict: on the page; where nothing of a text is kept it is `drop`.
    extracted: of an HTML page, the visible text that passages are offsets into; else None.
    """

    text: str
    passages: tuple[Passage, ...]
    verdict: Verdict
    extracted: str | None = None


class PassageShare(Passage, frozen=True):
    """A passage, and what its words add to the margin of the text."""

    share: float


class Explanation(msgspec.Struct, frozen=True):
    """What drove the verdict on a text.

    margin: above 0 speaks for the topic; the probability is made of it unless too few words are known. It is the sum of
        the bias, which the text has no part in, and of the shares: of the tokens, of the features, or of the passages.
    tokens: every word that has a share, in order. features: all that were found, the largest share, for or against, first.
    passages: those of `clean`. extracted: of an HTML page, the visible text that all offsets point into; else None.
    """

    verdict: Verdict
    margin: float
    bias: float
    tokens: tuple[scoring.TokenShare, ...]
    features: tuple[scoring.FeatureShare, ...]
    passages: tuple[PassageShare, ...]
    extracted: str | None = None


class TopicFilter:
    """Tells on-topic text from off-topic text with one model at one threshold. Holds no state between texts.

    >>> topic = TopicFilter.load()
    >>> topic.score("Half of the developers at the Minsk software house have moved to Vilnius and Warsaw.").decision
    'keep'
    """

    def __init__(self, model: Model, threshold: float | None = None, scorer: scoring.Scorer | None = None) -> None:
        """
        scorer: one made for this model, to share.

        :raises InputError: if the threshold is not between 0 and 1.
        """
        self.model = model
        self.threshold = model.thresholds.on_topic if threshold is None else threshold
        if not 0 <= self.threshold <= 1:
            raise InputError(f"threshold {self.threshold}: expected a number from 0 to 1")
        self._scorer = scorer or scoring.Scorer(model)

    def __reduce__(self) -> tuple[type[TopicFilter], tuple[Model, float]]:
        """As pickle takes it to another process: the compiled loop is made anew there."""
        return type(self), (self.model, self.threshold)

    @classmethod
    def load(
        cls, name_or_path: str | os.PathLike[str] | None = None, *, threshold: float | None = None, recall: float | None = None
    ) -> TopicFilter:
        """A filter with the shipped model, or with another by name or folder.

        threshold: the least probability of an on-topic text; recall: take the threshold measured for this recall.

        :raises ModelNotFoundError: if there is no such model.
        :raises DamagedModelError: if one of its files fails a check.
        :raises InputError: if both or impossible values are given.
        """
        return cls(store.load(store.locate(name_or_path))).at(threshold=threshold, recall=recall)

    def at(self, *, threshold: float | None = None, recall: float | None = None) -> TopicFilter:
        """The same filter at another threshold, or at the one measured for a recall; itself if neither is given.

        :raises InputError: if both or impossible values are given.
        """
        if threshold is not None and recall is not None:
            raise InputError("threshold and recall: expected one of the two, found both")
        if recall is not None:
            threshold = decision.threshold_for(recall, self.model.thresholds)
        return self if threshold is None else TopicFilter(self.model, threshold, self._scorer)

    def score(self, text: str) -> Verdict:
        """The verdict on a whole text."""
        return self._verdict_on(self._scorer.evidence(text))

    def score_many(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """The probabilities of many texts, in order: float64, shape (n,)."""
        import numpy as np

        return np.array([self._probability(e) for e in self._scorer.evidence_many(list(texts))], dtype=np.float64)

    def clean(self, text: str, blocks: Sequence[passages.Block] | None = None) -> Cleaned:
        """The text without the passages that are off topic, and what was decided about each.

        blocks: where the text was extracted from an HTML page, what its markup says of each line.
        """
        from classifier import page  # late, as nothing else needs it

        cleaned = self._clean(page.read(text, self._scorer, blocks or ()))
        return cleaned if blocks is None else msgspec.structs.replace(cleaned, extracted=text)

    def clean_html(self, content: bytes | str, charset: str | None = None) -> Cleaned:
        """An HTML page without what is off topic in it, as text. Its offsets point into `extracted`, the page's visible text.

        content: as it came over the wire; or decoded, if it must be. charset: of bytes, as the HTTP header names it, if known;
        else the page is asked.

        >>> page = b"<nav><a href=/>Sport</a></nav><p>Half of the developers at the Minsk software house moved to Vilnius.</p>"
        >>> cleaned = TopicFilter.load().clean_html(page)
        >>> [cleaned.extracted[p.start:p.end] for p in cleaned.passages if p.keep]
        ['Half of the developers at the Minsk software house moved to Vilnius.']

        :raises MissingExtraError: if resiliparse is not installed.
        :raises InputError: if no browser knows such a charset.
        """
        from classifier import html

        if isinstance(content, str):
            content, charset = content.encode("utf-8", "replace"), "utf-8"
        found = html.read(content, charset)
        return self.clean(found.text, found.blocks)

    def _clean(self, read: page.Page) -> Cleaned:
        from classifier import page

        if not decision.is_judgeable(read.reading.together(range(len(read.spans))), self.model.thresholds):
            return self._unjudged(read.text, read.spans)
        cut = page.cut(read, page.observe(read), self.model.passages)
        boundary = decision.log_odds(self.model.thresholds.on_topic)
        of_page = self._above_boundary(read, cut.block)
        judged = []
        for span, odds, e in zip(read.spans, cut.passages, read.evidence, strict=True):
            p = round(decision.sigmoid(min(of_page, odds) + boundary), decision.DIGITS)
            keep = p >= self.threshold
            reason = page.reason(keep, decision.log_odds(p) - decision.log_odds(self.threshold), e)
            judged.append(Passage(span.start, span.end, keep, p, reason))
        p = max(passage.probability for passage in judged)
        kept = _kept_text(read.text, judged)
        return Cleaned(kept, tuple(judged), self._verdict(p, self._decide_page(p)))

    def explain(self, text: str, blocks: Sequence[passages.Block] | None = None) -> Explanation:
        """What each word, feature and passage has to do with the verdict of `score`.

        blocks: as for `clean`.
        """
        from classifier import page

        read = page.read(text, self._scorer, blocks or ())
        evidence, shares = read.reading.document(), read.reading.shares()
        cut = _passage_shares(self._clean(read).passages, shares.tokens)
        extracted = None if blocks is None else text
        return Explanation(self._verdict_on(evidence), evidence.topic, self.model.topic_bias, *shares, cut, extracted)

    def _above_boundary(self, read: page.Page, block: Sequence[int]) -> float:
        """Log-odds of the page, against the boundary between keep and drop, by the block that stands for it; where that is the page,
        those of a document."""
        from classifier import page

        if page.is_whole(read, block):
            p = self._probability(read.reading.together(block))
            return decision.log_odds(p) - decision.log_odds(self.model.thresholds.on_topic)
        return page.log_odds(page.observe_block(read, block), self.model.passages)

    def _unjudged(self, text: str, spans: Sequence[passages.Span]) -> Cleaned:
        """A text with too little to judge by is left as it is: in doubt nothing is dropped."""
        prior = self.model.calibration.prior
        judged = tuple(Passage(span.start, span.end, True, prior, "unsure") for span in spans)
        return Cleaned(_kept_text(text, judged), judged, self._verdict(prior, "unsure"))

    def _verdict_on(self, evidence: scoring.Evidence) -> Verdict:
        p = self._probability(evidence)
        judgeable = decision.is_judgeable(evidence, self.model.thresholds)
        return self._verdict(p, self._decide(p) if judgeable else "unsure")

    def _probability(self, evidence: scoring.Evidence) -> float:
        if not decision.has_evidence(evidence, self.model.thresholds):
            return self.model.calibration.prior
        return decision.probability(evidence.topic, self.model.calibration)

    def _decide(self, p: float) -> decision.Decision:
        return decision.decide(p, self.threshold, self.model.thresholds.unsure_within)

    def _decide_page(self, p: float) -> decision.Decision:
        """As for a text, but nothing kept is a drop, however near it came."""
        return self._decide(p) if p >= self.threshold else "drop"

    def _verdict(self, p: float, decided: decision.Decision) -> Verdict:
        return Verdict(p >= self.threshold, p, decided, self.threshold, self.model.full_name)


def _kept_text(text: str, judged: Sequence[Passage]) -> str:
    """The kept slices, each with the white space between it and the next passage."""
    ends = [passage.start for passage in judged[1:]] + [len(text)][: len(judged)]
    return "".join(text[passage.start : end] for passage, end in zip(judged, ends, strict=True) if passage.keep)


def _passage_shares(judged: Sequence[Passage], words: Iterable[scoring.TokenShare]) -> tuple[PassageShare, ...]:
    """The passages with the shares of the words that begin in them."""
    starts = [passage.start for passage in judged]
    totals = [0.0] * len(judged)
    for word in words:
        totals[bisect(starts, word.start) - 1] += word.share
    return tuple(PassageShare(p.start, p.end, p.keep, p.probability, p.reason, total) for p, total in zip(judged, totals, strict=True))
