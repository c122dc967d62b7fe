"""The pictures of a model card, as SVG: the same figures give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.axes
import matplotlib.figure

from training.evaluate import Report, Share

INK, PAPER, SHADE = "#1f3b57", "#ffffff", "#b8c7d6"
STYLE: Any = {
    "svg.hashsalt": "spillway",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "path.simplify": False,
}
LEAST_TEXTS = 5
"""A kind with fewer has no bar."""


def draw(reports: Mapping[str, Report]) -> dict[str, bytes]:
    """The plots of a card by file name; reports: by what they were measured on, first the one of which kinds are shown."""
    first = next(iter(reports.values()))
    return {
        "precision-recall.svg": _precision_recall(reports),
        "reliability.svg": _reliability(reports),
        "kinds.svg": _kinds(first.by_kind),
    }


def _precision_recall(reports: Mapping[str, Report]) -> bytes:
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(4.2, 3.2)
        for (name, report), line in zip(reports.items(), ("-", "--", ":"), strict=False):
            axes.plot(*zip(*report.curve, strict=True), line, color=INK, linewidth=1.4, label=name)
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))
        axes.legend(frameon=False, loc="lower left")
        return as_svg(figure)


def _reliability(reports: Mapping[str, Report]) -> bytes:
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(4.2, 3.2)
        axes.plot([0, 1], [0, 1], color=SHADE, linewidth=1)
        for (name, report), line in zip(reports.items(), ("o-", "s--", "^:"), strict=False):
            filled = [(mean, on_topic) for share, mean, on_topic in report.reliability if share]
            axes.plot(*zip(*filled, strict=True), line, color=INK, markersize=3.5, linewidth=1, label=name)
        axes.set(xlabel="probability given", ylabel="share on topic", xlim=(0, 1.01), ylim=(0, 1.02))
        axes.legend(frameon=False, loc="upper left")
        return as_svg(figure)


def _kinds(by_kind: Mapping[str, Share]) -> bytes:
    shown = sorted(((s.right / s.n, name, s) for name, s in by_kind.items() if s.n >= LEAST_TEXTS), key=lambda row: row[:2])
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(6.2, 0.5 + 0.22 * max(1, len(shown)))
        names = [f"{name} ({share.n:,})" for _, name, share in shown]
        axes.barh(names, [right for right, _, _ in shown], color=SHADE, height=0.7)
        for place, (right, _, share) in enumerate(shown):
            axes.plot([share.low, share.high], [place, place], color=INK, linewidth=1)
            axes.plot([right], [place], "o", color=INK, markersize=3)
        axes.set(xlabel="answered rightly, with 95 % interval", xlim=(0, 1.01))
        return as_svg(figure)


def new_figure(width: float, height: float) -> tuple[mpl.figure.Figure, mpl.axes.Axes]:
    """An empty picture, in inches, and its axes; to be drawn on under STYLE."""
    figure = mpl.figure.Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    return figure, figure.add_subplot()


def as_svg(figure: mpl.figure.Figure) -> bytes:
    """The picture without date or program, which would differ each time."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
