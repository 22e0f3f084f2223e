"""What synthetic tables are good for and what they are not: said once, repeated by every document that asks.

The publisher's own uses come first; the rest follows from how the tables were made and from the verdict.
"""

from __future__ import annotations

from publish.release import Release

_USES = (
    "Developing and testing programs and pipelines before access to the real data.",
    "Teaching, and learning the shape, the keys and the codes of the tables.",
    "Preparing an analysis that will be run on the real data.",
)
_FORBIDDEN = (
    "Do not draw clinical, epidemiological or policy conclusions from these tables.",
    "Do not try to link rows to real persons, nor to infer anything about a real person.",
    "Do not present figures from these tables as figures about a real population.",
)
_LIMITS = {
    "learned": (
        "The tables reproduce aggregate statistics of the data they were learned from; what the model did not learn, "
        "such as rare combinations and fine relations between distant events, is lost.",
        "Values held by few persons were merged or left out, so rare diseases, treatments and codes are missing.",
    ),
    "rules": (
        "The tables follow public statistics and written rules; relations that neither states are absent.",
        "Rare situations that no rule describes do not occur.",
    ),
}


def intended_uses(release: Release) -> tuple[str, ...]:
    """What the tables are for: the publisher's list, and what the verdict allows."""
    allowed = () if release.verdict is None else tuple(release.verdict.allowed_uses)
    return (*release.metadata.intended_uses, *(_sentence(use) for use in (allowed or _USES)))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def forbidden_uses(release: Release) -> tuple[str, ...]:
    """What the tables must not be used for."""
    return (*release.metadata.forbidden_uses, *_FORBIDDEN)


def limitations(release: Release) -> tuple[str, ...]:
    """What a reuser must know before relying on the tables."""
    lines = [*_LIMITS[release.metadata.origin]]
    lines.append("Standard errors and tests computed on these tables do not account for how they were made.")
    purpose = str(release.verdict.context.get("purpose", "")).strip() if release.verdict else ""
    if release.verdict is not None and purpose:
        lines.append(f"Judged under policy {release.verdict.policy}, made for {purpose.rstrip('.')}.")
    if not release.metadata.licence_chosen:
        lines.append(f"The publisher named no licence: {release.metadata.licence.spdx} stands in by default.")
    if release.draft:
        lines.append(f"This package is a draft: {'; '.join(release.draft)}.")
    if release.scores is None:
        lines.append("Nothing was measured: neither how faithful nor how safe the tables are is known.")
    else:
        unknown = [score for score in release.scores.scores if score.status != "measured"]
        if unknown:
            lines.append(
                f"{len(unknown)} of {len(release.scores.scores)} scores could not be measured or lack power: "
                "see scores.json."
            )
    return tuple(lines)
