"""What a publisher must say, and the one error that asks for all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.metadata import REQUIRED, metadata_from, read_metadata
from synth.core.errors import UserError

from .conftest import METADATA


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        metadata_from(given, where="recipe.yaml")
    return str(caught.value)


def test_everything_missing_is_asked_for_in_one_error() -> None:
    message = refusal({})

    assert all(f"{name} (missing)" in message for name in REQUIRED)
    assert "recipe.yaml" in message and "`metadata:`" in message and "\n" not in message


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("version", "1", "version (write MAJOR.MINOR.PATCH)"),
        ("temporal", "2023-01-01/2021-01-01", "temporal (write"),
        ("temporal", "yesterday", "temporal (write"),
        ("temporal", "2021/2022/2023", "temporal (write"),
        ("licence", "mine", "licence (write one of etalab-2.0"),
        ("languages", ["en", "french"], "languages (write some of bg, cs"),
        ("languages", "FR", "languages (write some of"),
        ("health_categories", ["HRAD", "CLAIMS"], "health_categories (write some of EHRS"),
        ("publisher", {"name": "x", "url": "example.org", "email": "no"}, "publisher.url (write an http(s) address)"),
        ("contributors", [{"email": "a@b.org"}], "contributors (give each a name)"),
        ("spatial", [{"uri": "http://x"}], "spatial (give each place a name)"),
        ("tittle", "typo", "tittle (not a metadata key)"),
        ("origin", "dreamt", "origin (write one of learned, rules)"),
        ("changes", ["first"], "changes (write VERSION"),
        ("typical_ages", "90-18", "typical_ages (write YOUNGEST-OLDEST"),
        ("coding_systems", [{"uri": "http://x"}], "coding_systems (give each a name)"),
    ],
)
def test_what_is_malformed_is_named(key: str, value: Any, told: str) -> None:
    assert told in refusal({**METADATA, key: value})


def test_defaults_come_from_the_publisher() -> None:
    metadata = metadata_from(METADATA)

    assert metadata.licence.spdx == "etalab-2.0"
    assert metadata.contact == metadata.publisher
    assert metadata.contributors == (metadata.publisher,)
    assert metadata.spatial[0].uri == "http://publications.europa.eu/resource/authority/country/FRA"


def test_a_lone_year_stands_for_all_of_it() -> None:
    assert metadata_from({**METADATA, "temporal": "2022"}).temporal == ("2022-01-01", "2022-12-31")
    assert metadata_from({**METADATA, "temporal": 2022}).temporal == ("2022-01-01", "2022-12-31")


@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: {"metadata": m}, lambda m: {"publish": {"metadata": m}}])
def test_a_file_holds_them_at_the_top_or_in_a_recipe(tmp_path: Path, wrap: Any) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(yaml.safe_dump(wrap(METADATA)), encoding="utf-8")

    assert read_metadata(file) == metadata_from(METADATA)


@pytest.mark.parametrize("text", ["a: [", "- 1", "metadata: 3"])
def test_a_file_that_holds_none_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(UserError) as caught:
        read_metadata(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_absent_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="file not found"):
        read_metadata(tmp_path / "none.yaml")
