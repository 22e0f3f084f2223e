"""Text artifacts from the templates under `schemas/publish/templates`."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from publish.limits import forbidden_uses, intended_uses, limitations
from publish.release import Release
from synth.core.catalog import Table
from synth.core.clock import UNDATED
from synth.core.resources import schemas_root

if TYPE_CHECKING:
    from jinja2 import Environment

ORIGIN_LINES = {
    "learned": "The tables were drawn from statistical models learned from restricted data.",
    "rules": "The tables were simulated from public statistics and written rules; no personal data was read.",
}


ORIGIN_LINES_FR = {
    "learned": "Les tables ont été tirées de modèles statistiques appris sur des données à accès restreint.",
    "rules": "Les tables ont été simulées d'après des statistiques publiques et des règles écrites; aucune donnée "
    "personnelle n'a été lue.",
}
# upper bound of the number of rows, and how Hugging Face names the class
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def render(template: str, release: Release, **more: Any) -> str:
    """The template filled with the release; Markdown and text as they are, HTML escaped."""
    text = _environment().get_template(template).render(**context(release), **more)
    return text.rstrip("\n") + "\n"


def context(release: Release) -> dict[str, Any]:
    """What every template may name."""
    metadata = release.metadata
    return {
        "release": release,
        "metadata": metadata,
        "draft": release.draft,
        "tables": release.described,
        "persons": release.persons,
        "verdict": release.verdict,
        "scores": release.scores,
        "date": date_of(release),
        "year": release.created.year,
        "places": ", ".join(place.name for place in metadata.spatial),
        "origin_line": ORIGIN_LINES[metadata.origin],
        "origin_line_fr": ORIGIN_LINES_FR[metadata.origin],
        "intended": intended_uses(release),
        "forbidden": forbidden_uses(release),
        "limitations": limitations(release),
        "unmet": [check for check in release.verdict.checks if check.outcome != "pass"] if release.verdict else [],
        "unmeasured": [score for score in release.scores.scores if score.status != "measured"]
        if release.scores
        else [],
        "marked": any(column.marker is not None for table in release.catalog.tables for column in table.columns),
        "changes": changes_of(release),
        "citation": citation(release),
        "size_category": next((name for bound, name in _SIZES if release.rows < bound), "100M<n<1B"),
    }


def date_of(release: Release) -> str:
    """The day of the release, or the word `undated` when SOURCE_DATE_EPOCH was not set."""
    return "undated" if release.created == UNDATED else release.created.strftime("%Y-%m-%d")


def changes_of(release: Release) -> list[tuple[str, tuple[str, ...]]]:
    """Versions and what changed in them, newest first; this version is always among them."""
    changes = {release.metadata.version: ("No description of the changes was given.",), **release.metadata.changes}
    return sorted(changes.items(), key=lambda item: _version(item[0]), reverse=True)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def citation(release: Release) -> str:
    """How to cite the release, in one line of text."""
    names = ", ".join(agent.name for agent in release.metadata.contributors)
    metadata = release.metadata
    year = "n.d." if release.created == UNDATED else release.created.year
    where = metadata.identifiers[0] if metadata.identifiers else metadata.homepage or metadata.publisher.url
    return f"{names} ({year}). {metadata.title}, version {metadata.version} [synthetic data]. {where}"


@cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(schemas_root() / "publish" / "templates"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=figure, cell=cell, targets=targets, json=_json)
    environment.filters.update(grouped=grouped, counted=counted, share=share, shortened=shortened)
    return environment


def grouped(number: int) -> str:
    """A whole number with its thousands set apart by a narrow no-break space."""
    return f"{number:,}".replace(",", "\u202f")


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where there are several."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """A part as a percentage; what is not nothing never reads as 0."""
    if not part or not whole:
        return "0 %"
    percent = 100 * part / whole
    return "<0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def shortened(text: str, length: int = 80) -> str:
    """Text cut where a table cell would grow too wide."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _json(value: object) -> str:
    """A value as JSON, which is also YAML on one line."""
    return json.dumps(value, ensure_ascii=False)


def figure(value: float | None) -> str:
    """A number with four significant digits; a dash when there is none."""
    return "-" if value is None else f"{value:.4g}"


def cell(text: str) -> str:
    """Text that cannot break a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ") or "-"


def targets(table: Table) -> str:
    """The tables that a table's foreign keys refer to, with the columns that do."""
    return "; ".join(f"{key.target} ({', '.join(key.columns)})" for key in table.foreign_keys)
