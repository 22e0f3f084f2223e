"""A data holder's own profile, filled from a package."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.extend import extend
from synth.core.errors import UserError

FIELDS: dict[str, Any] = {
    "identifier": {"from": "package.id", "required": True},
    "title.fr": {"from": "package.title"},
    "title.en": {"from": "package.nothing", "default": "untitled"},
    "mail": {"from": "package.contributors.0.email"},
    "nobody": {"from": "package.contributors.7.email"},
    "tables": {"from": "package.resources.*.name"},
    "licence": {"from": "package.licenses.0.name", "map": {"etalab-2.0": "LO"}},
    "policy": {"from": "verdict.policy", "map": {"other": "x"}},
    "checks": {"from": "scores.scores.0.n"},
    "synthetic": {"value": True},
}


def profile(folder: Path, fields: Any) -> Path:
    """The profile as a file."""
    file = folder / "profile.yaml"
    file.write_text(yaml.safe_dump({"profile": "ours", "fields": fields}), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["record.json", "record.yaml"])
def test_fields_come_from_the_package(package_dir: Path, tmp_path: Path, name: str) -> None:
    out = extend(package_dir, profile(tmp_path, FIELDS), tmp_path / name)

    document = yaml.safe_load(out.read_text("utf-8"))
    assert document.pop("tables")[:2] == ["patients", "séjours 2"]
    assert document == {
        "identifier": "sejours-1.0.0",
        "title": {"fr": "Séjours d'exemple", "en": "untitled"},
        "mail": "data@example.org",
        "licence": "LO",
        "policy": "open-release",
        "checks": 20,
        "synthetic": True,
    }


def test_all_that_is_required_and_missing_is_named_at_once(package_dir: Path, tmp_path: Path) -> None:
    fields = {name: {"from": f"package.{name}", "required": True} for name in ("a", "b", "title")}

    with pytest.raises(UserError, match="the package lacks a, b;"):
        extend(package_dir, profile(tmp_path, fields), tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "describes no field"),
        ([{"name": "a", "from": "package.id"}], "describes no field"),
        ({"a": {"from": "elsewhere.x"}}, "cannot be followed: a"),
        ({"a": {"from": "package.x", "value": 1}}, "cannot be followed: a"),
        ({"a": {"from": "package.x", "typo": 1}, "b": 3}, "cannot be followed: a, b"),
        ({"a": {"value": 1}, "a.b": {"value": 2}}, "field a.b lies inside another"),
    ],
)
def test_a_profile_that_cannot_be_followed(package_dir: Path, tmp_path: Path, fields: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        extend(package_dir, profile(tmp_path, fields), tmp_path / "out.json")


def test_dates_and_numbers_that_json_cannot_hold(package_dir: Path, tmp_path: Path) -> None:
    text = "fields: {day: {value: 2022-01-01}, days: {value: [2022-01-01]}, nan: {value: .nan}}"
    (tmp_path / "p.yaml").write_text(text)
    extend(package_dir, tmp_path / "p.yaml", tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert document == {"day": "2022-01-01", "days": ["2022-01-01"], "nan": None}


def test_unreadable_profiles(package_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="file not found"):
        extend(package_dir, tmp_path / "no.yaml", tmp_path / "out.json")
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(UserError, match="not valid YAML"):
        extend(package_dir, tmp_path / "bad.yaml", tmp_path / "out.json")


def test_the_command_writes_the_file(call_cli: Callable[..., Any], package_dir: Path, tmp_path: Path) -> None:
    answer = call_cli(
        *("publish", "extend", package_dir, "--profile", profile(tmp_path, FIELDS), "--out", tmp_path / "r.json")
    )

    assert answer.code == 0 and json.loads((tmp_path / "r.json").read_text("utf-8"))["synthetic"] is True
