"""Corners that the larger tests pass by."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from publish.build import build_package
from publish.checks.cells import rules_of
from publish.dcat import dataset_uri
from publish.limits import intended_uses, limitations
from publish.metadata import metadata_from, read_metadata
from publish.push.client import HttpClient
from publish.release import Release
from publish.verify import verify_package
from synth.core.catalog import Column, Marker
from synth.core.errors import UserError
from synth.core.score import Score, Scores
from synth.core.verdict import Verdict

from .catalogues import TOKEN, serving
from .conftest import CATALOG, METADATA

RELEASE = Release(
    CATALOG,
    metadata_from({**METADATA, "licence": "etalab-2.0"}),
    (),
    "",
    datetime(2026, 1, 1, tzinfo=UTC),
    "synth-snds",
)


@pytest.mark.parametrize(
    ("column", "values", "bad"),
    [
        (
            Column("k", "integer", marker=Marker(start=-1, step=-1)),
            [-1, -2, None, 0, 5],
            [False, False, None, True, True],
        ),
        (Column("k", "integer", marker=Marker(start=900)), [899, 900], [True, False]),
        (Column("k", "string", marker=Marker(prefix="SYN")), ["SYN1", "1", None], [False, True, None]),
        (Column("k", "integer", marker=Marker(prefix="SYN")), [1], []),
    ],
)
def test_markers(column: Column, values: list[Any], bad: list[Any]) -> None:
    from synth.core.dataset import arrow_type

    (rule,) = rules_of(column, required=False)

    assert rule.bad(pa.array(values, arrow_type(column))).to_pylist() == bad


@pytest.mark.parametrize(
    ("identifiers", "uri"),
    [
        (["https://example.org/d"], "https://example.org/d"),
        (["x", "10.5281/zenodo.1"], "https://doi.org/10.5281/zenodo.1"),
        (["urn:x:y"], "urn:x:y"),
    ],
)
def test_a_data_set_is_called_by_its_first_address(identifiers: list[str], uri: str) -> None:
    metadata = metadata_from({**METADATA, "identifiers": identifiers})

    assert dataset_uri(replace(RELEASE, metadata=metadata)) == uri


def test_a_data_set_without_address_has_a_stable_one() -> None:
    assert dataset_uri(RELEASE) == dataset_uri(RELEASE) and dataset_uri(RELEASE).startswith("urn:uuid:")


def test_limits_follow_verdict_and_scores() -> None:
    verdict = Verdict(True, "p", (), {}, ("teaching",), (), {"purpose": "trials inside."})
    scores = Scores((Score("a", "fidelity", "x", 0.1),), {}, 0, "1")

    assert "Nothing was measured" in limitations(RELEASE)[-1]
    measured = replace(RELEASE, verdict=verdict, scores=scores)
    assert limitations(measured)[-1] == "Judged under policy p, made for trials inside."
    assert intended_uses(measured) == ("Teaching.",)


def test_metadata_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UserError, match="cannot be read as UTF-8"):
        read_metadata(tmp_path / "m.yaml")


def test_metadata_may_be_built_beforehand(tables_dir: Path, tmp_path: Path) -> None:
    package = build_package(tables_dir, tmp_path / "p", metadata=metadata_from(METADATA), draft=True)

    assert verify_package(package) == []


@pytest.mark.parametrize("path", ["../outside.csv", "/etc/passwd", 3])
def test_a_resource_stays_inside_the_package(package_dir: Path, tmp_path: Path, path: Any) -> None:
    package = tmp_path / "p"
    shutil.copytree(package_dir, package)
    document = json.loads((package / "datapackage.json").read_text("utf-8"))
    document["resources"][0]["path"] = path
    (package / "datapackage.json").write_text(json.dumps(document), encoding="utf-8")

    assert any("no path inside the package" in str(fault) for fault in verify_package(package))


def test_a_descriptor_that_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text("[]")

    with pytest.raises(UserError, match="not a JSON object"):
        verify_package(tmp_path)


def test_a_refused_body_and_an_answer_that_is_no_json() -> None:
    with serving("datagouv") as state:
        client = HttpClient(state.url, {"X-API-KEY": TOKEN}, "DATAGOUV_API_KEY")
        with pytest.raises(UserError, match=r"refused the POST request \(400\)"):
            client.call("POST", "/api/1/datasets/", {"title": ""})
        assert client.call("GET", "/api/1/datasets/none/") is None


def test_a_previous_release_with_an_odd_version(package_dir: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(package_dir, old)
    document = json.loads((old / "datapackage.json").read_text("utf-8"))
    document["version"] = "one"
    (old / "datapackage.json").write_text(json.dumps(document), encoding="utf-8")

    assert any("not MAJOR.MINOR.PATCH" in str(fault) for fault in verify_package(package_dir, old))
