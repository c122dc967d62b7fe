"""The model card, rendered from what the run recorded in the model."""

from __future__ import annotations

from typing import Any

from classifier.model import Model


def render(model: Model) -> str:
    """The card as Markdown. Every figure in it stands in the manifest."""
    about = model.about
    limits = model.thresholds
    corpus, settings = about["corpus"], about["settings"]
    languages = ", ".join(f"{name} {n:,}" for name, n in sorted(corpus["languages"].items(), key=lambda pair: (-pair[1], pair[0])))
    share = f"{settings['expected_share']:.0%}" if settings["expected_share"] else "as much as in the data"
    recalls = "\n".join(f"| {recall:g} | {threshold:g} |" for recall, threshold in limits.for_recall)
    facets = ", ".join(f"{name} ({len(stems)} stems)" for name, stems in model.concepts.facets.items()) or "none"
    return f"""\
# {model.full_name}

A linear classifier that tells on-topic text from off-topic text, by document and by passage. Written by training; not
edited by hand.

## How good it is

| measured on | texts | on topic | precision | recall | F1 | AUROC | Brier | ECE |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{_row("cross-validation, five folds, split by story", about["cross_validation"])}
{_row("frozen test part, never trained on", about["test"])}

Both are of the corpus's texts of {settings["headline_length"]} characters and more, most of them hard on purpose (texts
that share all but one facet with the topic), so that everyday news comes out better than these rows. Probabilities and
threshold are chosen for a stream of which {share} is on topic.

## Deciding

On topic from a probability of {limits.on_topic:g}, the middle of the best thresholds in cross-validation;
`unsure` within {limits.unsure_within:g} log-odds of it, and where a text has fewer than {limits.least_known} occurrences of known
features (such a text gets the probability {model.calibration.prior:g}). Thresholds for other recalls, from the same cross-validation:

| recall | threshold |
| --- | --- |
{recalls}

## Training

- data: {corpus["items"]:,} items written for this project ({languages}); SHA-256 `{corpus["sha256"]}`
- features: {len(model.features):,} words and pairs of profile `{model.profile}` (Unicode {model.unicode_version}) in at least
  {settings["min_df"]} items; {len(model.concepts.weights)} concept features over the facets {facets}
- model: logistic regression, C = {settings["inverse_regularisation"]:g}, classes balanced, solver liblinear, seed
  {settings["seed"]}; probabilities by Platt scaling
- made with: {", ".join(f"{package} {version}" for package, version in about["made_with"].items())}

## Limits

- Languages other than those above are answered `unsure` where too few words are known, and are poorly judged otherwise.
- A text rewritten in other words, or stuffed with words of the topic, can mislead a linear model.
- Its people and firms are largely invented; it has learned how such news is told, not who is who.
"""


def _row(name: str, figures: dict[str, Any]) -> str:
    cells = [name, f"{figures['n']:,}", f"{figures['positives']:,}"]
    cells += ["-" if figures[key] is None else f"{figures[key]:.3f}" for key in ("precision", "recall", "f1", "auroc", "brier", "ece")]
    return f"| {' | '.join(cells)} |"
