"""index.html: whole on its own, escaped, reachable by keyboard, and telling what the package tells."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from publish.build import build_package
from publish.page import bars, joins, metric_lines
from publish.profiles import ColumnProfile, profiles
from publish.render import grouped, share, shortened
from synth.core.catalog import Catalog, Column, Table

from .conftest import CATALOG, METADATA, write_folder

VOID = frozenset("meta link br img input hr".split())


class Outline(HTMLParser):
    """Collects tags with their attributes, and checks that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module", params=["index.html", "dictionary.html"])
def outline(request: pytest.FixtureRequest, package_dir: Path) -> Outline:
    """A page of the package, parsed."""
    parsed = Outline()
    parsed.feed((package_dir / request.param).read_text("utf-8"))
    assert parsed.open == []
    return parsed


def test_nothing_is_fetched_and_nothing_runs(outline: Outline) -> None:
    names = {tag for tag, _ in outline.tags}
    assert not names & {"script", "iframe", "img", "object", "embed", "video", "audio", "base"}
    links = [attrs for tag, attrs in outline.tags if tag == "link"]
    assert [attrs["href"] for attrs in links] == ["data:,"]
    assert not any(key.startswith("on") or key == "src" for _, attrs in outline.tags for key in attrs)


def test_every_local_link_leads_somewhere(outline: Outline, package_dir: Path) -> None:
    ids = {attrs["id"] for _, attrs in outline.tags if "id" in attrs}
    hrefs = [attrs["href"] or "" for tag, attrs in outline.tags if tag == "a"]

    for href in hrefs:
        if href.startswith("#"):
            assert href[1:] in ids
        elif not re.match(r"https?:|mailto:", href):
            assert (package_dir / href).is_file(), href


def test_wide_parts_scroll_by_keyboard_and_have_names(outline: Outline) -> None:
    wide = [attrs for _, attrs in outline.tags if attrs.get("class") == "wide"]

    assert wide and all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in wide)
    assert ("html", {"lang": "en"}) in outline.tags
    assert any(attrs.get("name") == "viewport" for _, attrs in outline.tags)


def test_the_page_tells_the_verdict_the_rows_and_the_files(package_dir: Path) -> None:
    text = (package_dir / "index.html").read_text("utf-8")

    for told in (
        "Synthetic data",
        "passed",
        "marginal-tvd",
        "SYN001",
        "data/sejours_2.parquet",
        "coût, €",
        "mother&#39;s id",
    ):
        assert told in text, told


def test_values_and_metadata_are_escaped(tmp_path: Path) -> None:
    catalog = Catalog((Table("<b>", (Column("<i>"), Column("k", "string", "code"))),), name="x")
    rows = pa.table({"<i>": ["<script>alert(1)</script>"], "k": ["<u>"]})
    folder = write_folder(tmp_path / "t", catalog, {"<b>": rows})
    package = build_package(folder, tmp_path / "p", metadata={**METADATA, "title": "<em>&"}, draft=True)

    for name in ("index.html", "dictionary.html"):
        text = (package / name).read_text("utf-8")
        assert not re.search(r"<(script|b|i|u|em)>", text)
    assert "Draft, not for release" in (package / "index.html").read_text("utf-8")


def test_profiles_count_and_bin() -> None:
    table = Table(
        "t",
        (
            Column("id", "string", "key"),
            Column("code", "string", "code"),
            Column("n", "integer", "number"),
            Column("day", "date", "date"),
            Column("flag", "boolean", "code"),
            Column("none", "number", "number"),
        ),
    )
    batch = pa.record_batch(
        {
            "id": [str(number) for number in range(100)],
            "code": ["a"] * 60 + ["b"] * 30 + [None] * 10,
            "n": list(range(100)),
            "day": pa.array([0, 120] * 50, pa.int32()).cast(pa.date32()),
            "flag": [True] * 100,
            "none": pa.nulls(100, pa.float64()),
        }
    )

    found = {profile.name: profile for profile in profiles(table, [batch])}

    assert found["id"].bars == () and found["none"] == ColumnProfile("none", 100, 100)
    assert found["code"].bars == (("a", 60), ("b", 30)) and found["code"].missing == 10
    assert len(found["n"].bars) == 12 and sum(count for _, count in found["n"].bars) == 100
    assert found["day"].bars[0] == ("1970-01-01 to 1970-01-11", 50) and found["day"].bars[-1][1] == 50
    assert found["flag"].bars == (("true", 100),)
    assert profiles(table, []) == ()


def test_bars_fit_their_box() -> None:
    drawn = bars(ColumnProfile("x", 3, 0, (("a", 2), ("b", 1))))

    assert [(x, y, h) for x, y, _, h in drawn] == [(0.0, 0.0, 26.0), (66.0, 13.0, 13.0)]
    assert bars(ColumnProfile("x", 3, 3)) == []


def test_tables_stand_right_of_those_they_refer_to() -> None:
    place = {box.name: box.x for box in joins(CATALOG)}

    assert place["patients"] == place["vide"] < place["séjours 2"] < place["actes"]


def test_scores_are_summed_up_by_metric(package_dir: Path) -> None:
    from datetime import UTC, datetime

    from publish.metadata import metadata_from
    from publish.release import Release
    from synth.core.score import Score, Scores

    scores = (
        Score("a", "fidelity", "x", 0.1, control=0.02, n=5),
        Score("a", "fidelity", "y", 0.3, control=0.05, n=7),
        Score("a", "fidelity", "z", None, status="skipped"),
        Score("b", "fidelity", "x", 0.9, direction="higher"),
        Score("b", "fidelity", "y", 0.7, direction="higher"),
    )
    release = Release(
        CATALOG, metadata_from(METADATA), (), "", datetime(2026, 1, 1, tzinfo=UTC), "", Scores(scores, {}, 0, "")
    )

    first, second = metric_lines(release, "fidelity")

    assert (first.count, first.worst, first.control, first.persons, first.unmeasured) == (3, 0.3, 0.05, 7, 1)
    assert (second.worst, second.middle) == (0.7, pytest.approx(0.8))


def test_numbers_for_readers() -> None:
    assert grouped(1234567) == "1\u202f234\u202f567"
    assert [share(0, 0), share(1, 10_000), share(1, 3)] == ["0 %", "<0.1 %", "33.3 %"]
    assert shortened("x" * 100)[-1] == "…" and shortened("x") == "x"
