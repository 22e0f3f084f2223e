"""What a package holds, and when building one is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from publish.build import build_package, zip_package
from publish.data import slugs
from publish.verify import verify_package
from synth.core.errors import GateBlocked, UserError
from synth.io import dataset_digest, open_dataset

from .conftest import METADATA, judged


def test_a_package_is_the_same_tables(tables_dir: Path, package_dir: Path) -> None:
    assert dataset_digest(open_dataset(package_dir)) == dataset_digest(open_dataset(tables_dir))
    assert verify_package(package_dir) == []


def test_frictionless_finds_it_valid_and_skips_nothing(package_dir: Path) -> None:
    from frictionless import Package

    report = Package(package_dir / "datapackage.json").validate()

    assert report.valid, report.flatten(["name", "type", "message"])
    assert len(report.tasks) == 8 and not any(task.warnings for task in report.tasks)


@pytest.mark.shared
def test_it_meets_the_data_package_profile(package_dir: Path, shared: Path) -> None:
    import jsonschema

    profile = json.loads((shared / "specs/datapackage-2.0/datapackage.json").read_text("utf-8"))
    text = json.dumps(profile).replace('"fieldsMatch": {"type": "array"', '"fieldsMatch": {"type": ["array", "string"]')
    checker = jsonschema.Draft7Validator(json.loads(text), format_checker=jsonschema.FormatChecker())
    document = json.loads((package_dir / "datapackage.json").read_text("utf-8"))

    assert [error.json_path for error in checker.iter_errors(document)] == []


def test_each_resource_states_its_bytes_and_hash(package_dir: Path) -> None:
    resources = json.loads((package_dir / "datapackage.json").read_text("utf-8"))["resources"]

    assert len(resources) == 8
    for resource in resources:
        content = (package_dir / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()


def test_every_mark_says_synthetic(package_dir: Path) -> None:
    assert json.loads((package_dir / "datapackage.json").read_text("utf-8"))["synth:synthetic"] is True
    footer = pq.read_metadata(package_dir / "data/patients.parquet").metadata
    assert json.loads(footer[b"synth"])["synthetic"] is True
    assert "**Synthetic data.**" in (package_dir / "README.md").read_text("utf-8")


def test_file_names_are_portable_and_distinct() -> None:
    names = ("séjours 2", "T", "t", "é/..", "日本")

    assert list(slugs(names).values()) == ["sejours_2", "T", "t-2", "e", "unnamed"]


def test_no_verdict_no_package(tables_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(GateBlocked, match="no verdict was given"):
        build_package(tables_dir, tmp_path / "p", metadata=METADATA)
    assert list(tmp_path.iterdir()) == []


def test_a_verdict_that_does_not_pass_blocks(tables_dir: Path, tmp_path: Path) -> None:
    verdict, scores = judged(tmp_path, tables_dir, passed=False)

    with pytest.raises(GateBlocked, match="is not a pass"):
        build_package(tables_dir, tmp_path / "p", verdict=verdict, scores=scores, metadata=METADATA)
    assert not (tmp_path / "p").exists()


def test_a_verdict_on_other_tables_blocks(tables_dir: Path, tmp_path: Path) -> None:
    verdict, scores = judged(tmp_path, tables_dir)
    for file in (verdict, scores):
        document = json.loads(file.read_text("utf-8"))
        document["digests"]["synthetic"] = "sha256:0"
        file.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(GateBlocked, match="judged other tables"):
        build_package(tables_dir, tmp_path / "p", verdict=verdict, scores=scores, metadata=METADATA)


def test_scores_must_be_those_the_verdict_judged(tables_dir: Path, tmp_path: Path) -> None:
    verdict, scores = judged(tmp_path, tables_dir)
    with pytest.raises(GateBlocked, match="no scores were given"):
        build_package(tables_dir, tmp_path / "p", verdict=verdict, metadata=METADATA)
    document = json.loads(scores.read_text("utf-8"))
    document["digests"]["train"] = "sha256:9"
    scores.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(GateBlocked, match="other tables than the verdict"):
        build_package(tables_dir, tmp_path / "p", verdict=verdict, scores=scores, metadata=METADATA)


def test_a_draft_says_so_everywhere(tables_dir: Path, tmp_path: Path) -> None:
    package = build_package(tables_dir, tmp_path / "p", metadata=METADATA, draft=True)

    assert "no verdict was given" in json.loads((package / "datapackage.json").read_text("utf-8"))["synth:draft"]
    assert "DRAFT - not for release" in (package / "README.md").read_text("utf-8")
    assert json.loads(pq.read_metadata(package / "data/actes.parquet").metadata[b"synth"])["draft"] is True
    assert verify_package(package) == []


def test_a_licence_that_nobody_chose_is_said(
    tables_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {}
    for name, chosen in {"none": {}, "one": {"licence": "etalab-2.0"}}.items():
        package = build_package(tables_dir, tmp_path / name, metadata={**METADATA, **chosen}, draft=True)
        told[name] = "no licence was named" in capsys.readouterr().err
        assert ("named no licence" in (package / "LIMITATIONS.md").read_text("utf-8")) == told[name]

    assert told == {"none": True, "one": False}


def test_the_zip_depends_on_content_and_date_alone(
    tables_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    zips = []
    for name in ("a", "b"):
        package = build_package(tables_dir, tmp_path / name, metadata=METADATA, draft=True)
        zips.append(zip_package(package, tmp_path / f"{name}.zip").read_bytes())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767312000")
    later = build_package(tables_dir, tmp_path / "c", metadata=METADATA, draft=True)

    assert zips[0] == zips[1]
    assert zip_package(later, tmp_path / "c.zip").read_bytes() != zips[0]
    assert verify_package(tmp_path / "a.zip") == []


def test_an_existing_folder_is_kept_unless_forced(tables_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/mine.txt").write_text("mine")
    with pytest.raises(UserError, match="already exists"):
        build_package(tables_dir, tmp_path / "p", metadata=METADATA, draft=True)

    build_package(tables_dir, tmp_path / "p", metadata=METADATA, draft=True, force=True)
    assert not (tmp_path / "p/mine.txt").exists()


def test_extra_files_are_copied_and_may_not_replace_ours(tables_dir: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.html"
    report.write_text("<p>report</p>")
    package = build_package(
        tables_dir, tmp_path / "p", metadata=METADATA, draft=True, extra_files={"reports/report.html": report}
    )

    assert (package / "reports/report.html").read_text() == "<p>report</p>"
    assert verify_package(package) == []
    for name in ("README.md", "../x", "/x", "data/x.csv"):
        with pytest.raises(UserError, match="cannot take this place"):
            build_package(tables_dir, tmp_path / "q", metadata=METADATA, draft=True, extra_files={name: report})
    with pytest.raises(UserError, match="file not found"):
        build_package(tables_dir, tmp_path / "q", metadata=METADATA, draft=True, extra_files={"a": tmp_path / "no"})


@pytest.mark.parametrize(("learned", "origin"), [(True, "rules"), (False, "learned")])
def test_a_verdict_on_tables_of_another_origin_blocks(
    tables_dir: Path, tmp_path: Path, learned: bool, origin: str
) -> None:
    verdict, scores = judged(tmp_path, tables_dir, learned=learned)

    with pytest.raises(GateBlocked, match="which `origin` denies"):
        build_package(
            tables_dir, tmp_path / "p", verdict=verdict, scores=scores, metadata={**METADATA, "origin": origin}
        )


def test_tables_may_be_compressed_and_provenance_told(tables_dir: Path, tmp_path: Path) -> None:
    verdict, scores = judged(tmp_path, tables_dir)
    told = {"seed": 7, "configuration": "sha256:0"}
    given = {"verdict": verdict, "scores": scores, "metadata": METADATA, "compress": True, "provenance": told}

    package = build_package(tables_dir, tmp_path / "p", **given)

    assert sorted(path.name for path in (package / "data").iterdir())[:2] == ["actes.csv.gz", "actes.parquet"]
    assert verify_package(package) == []
    graph = json.loads((package / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    values = {item["@id"]: item["value"] for item in graph if item["@type"] == "PropertyValue"}
    assert values["#seed"] == "7" and values["#configuration"] == "sha256:0"
