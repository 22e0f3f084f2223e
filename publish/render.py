"""Text artifacts from the templates under `schemas/publish/templates`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

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
    }


def date_of(release: Release) -> str:
    """The day of the release, or the word `undated` when SOURCE_DATE_EPOCH was not set."""
    return "undated" if release.created == UNDATED else release.created.strftime("%Y-%m-%d")


def citation(release: Release) -> str:
    """How to cite the release, in one line of text."""
    names = ", ".join(agent.name for agent in release.metadata.contributors)
    metadata = release.metadata
    where = metadata.identifiers[0] if metadata.identifiers else metadata.homepage or metadata.publisher.url
    return f"{names} ({release.created.year}). {metadata.title}, version {metadata.version} [synthetic data]. {where}"


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
    environment.filters.update(figure=figure, cell=cell, targets=targets)
    return environment


def figure(value: float | None) -> str:
    """A number with four significant digits; a dash when there is none."""
    return "-" if value is None else f"{value:.4g}"


def cell(text: str) -> str:
    """Text that cannot break a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ") or "-"


def targets(table: Table) -> str:
    """The tables that a table's foreign keys refer to, with the columns that do."""
    return "; ".join(f"{key.target} ({', '.join(key.columns)})" for key in table.foreign_keys)
