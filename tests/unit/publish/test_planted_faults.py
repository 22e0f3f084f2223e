"""Twenty-five and more faults planted in a sound package, each found and placed, none with a value."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publish.build import package_files
from publish.data import checksums, sha256
from publish.signing import SUMS
from publish.verify import verify_package

Plant = Callable[[Path], None]
DESCRIPTOR = "datapackage.json"
CANARY = "ZZCANARYZZ"


def edit(name: str, change: Callable[[Any], object]) -> Plant:
    """Change a JSON document of the package in place."""

    def plant(package: Path) -> None:
        document = json.loads((package / name).read_text("utf-8"))
        change(document)
        (package / name).write_text(json.dumps(document), encoding="utf-8")

    return plant


def line(name: str, number: int, change: Callable[[str], str]) -> Plant:
    """Change line `number` (the header is 0) of a CSV file; a negative number counts from the end."""

    def plant(package: Path) -> None:
        path = package / "data" / name
        lines = path.read_text("utf-8").splitlines(keepends=True)
        lines[number] = change(lines[number])
        path.write_text("".join(lines), encoding="utf-8")

    return plant


def reseal(package: Path) -> None:
    """Make hashes, sizes and SHA256SUMS right again, as someone who hides an edit would."""
    document = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    for resource in document.get("resources", []):
        file = package / resource["path"]
        resource["bytes"], resource["hash"] = file.stat().st_size, f"sha256:{sha256(file)}"
    (package / DESCRIPTOR).write_text(json.dumps(document), encoding="utf-8")
    (package / SUMS).write_text(checksums(package, package_files(package)), encoding="utf-8")


def flip(package: Path) -> None:
    """Flip one bit in the middle of a data file."""
    path = package / "data/actes.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def other_parquet(package: Path) -> None:
    """Other values in the Parquet form than in the CSV."""
    path = package / "data/actes.parquet"
    table = pq.read_table(path)
    changed = pa.array([rank + 1 for rank in table.column("rang").to_pylist()], pa.int64())
    pq.write_table(table.set_column(2, "rang", changed), path)


def edit_text(path: Path, *pairs: str) -> None:
    """Replace texts in a file: what, by what, and so on."""
    text = path.read_text("utf-8")
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def drop(*keys: str) -> Callable[[Any], object]:
    return lambda document: [document.pop(key) for key in keys]


def rescored(document: Any) -> None:
    document["scores"][0]["value"] = 0.2


# name, how it is planted, whether its traces in hashes and sums are hidden, what one fault must say
PLANTED: tuple[tuple[str, Plant, bool, tuple[str, ...]], ...] = (
    ("flipped byte", flip, False, ("data/actes.parquet", "differs from its checksum")),
    ("file removed", lambda package: (package / "LICENSE").unlink(), False, ("LICENSE", "is missing")),
    ("data removed", lambda package: (package / "data/vide.csv").unlink(), False, ("data/vide.csv", "absent")),
    ("file added", lambda package: (package / "more.txt").write_text("x") and None, False, ("more.txt", "not listed")),
    ("sums removed", lambda package: (package / SUMS).unlink(), False, (SUMS, "is missing")),
    ("sums garbled", lambda package: (package / SUMS).write_text("x\n") and None, False, (SUMS, "row 1", "checksum")),
    (
        "size misstated",
        edit(DESCRIPTOR, lambda document: document["resources"][0].update(bytes=1)),
        False,
        ("data/patients.csv", "size"),
    ),
    (
        "hash misstated",
        edit(DESCRIPTOR, lambda document: document["resources"][0].update(hash="sha256:" + "0" * 64)),
        False,
        ("data/patients.csv", "`hash`"),
    ),
    ("licence missing", edit(DESCRIPTOR, drop("licenses")), True, ("`licenses` names no licence",)),
    ("licence empty", edit(DESCRIPTOR, lambda document: document.update(licenses=[{}])), True, ("`licenses`",)),
    ("publisher missing", edit(DESCRIPTOR, drop("contributors")), True, ("`contributors` names no publisher",)),
    ("version malformed", edit(DESCRIPTOR, lambda document: document.update(version="v1")), True, ("`version`",)),
    ("synthetic mark removed", edit(DESCRIPTOR, drop("synth:synthetic")), True, ("synthetic",)),
    (
        "two resources of one name",
        edit(DESCRIPTOR, lambda document: document["resources"][4].update(name="actes")),
        True,
        ("same name",),
    ),
    (
        "key over an unknown column",
        edit(DESCRIPTOR, lambda document: document["resources"][0]["schema"].update(primaryKey=["no"])),
        True,
        (DESCRIPTOR, "patients"),
    ),
    ("orphan", line("actes.csv", -1, lambda text: text.replace("SYN020", "SYN999")), True, ("actes", "row 40", "n°")),
    (
        "orphan on the second part of a composite key",
        line("actes.csv", 1, lambda text: text.replace("SYN001,1", "SYN001,7")),
        True,
        ("foreignKey", "actes", "case.id, n°", "row 1"),
    ),
    (
        "orphan in a self reference",
        line("patients.csv", 2, lambda text: text.replace("SYN001", "SYN999")),
        True,
        ("foreignKey", "patients", "mother's id", "row 2"),
    ),
    (
        "duplicate primary key",
        line("patients.csv", 20, lambda text: text.replace("SYN020", "SYN019")),
        True,
        ("primaryKey", "patients", "case.id", "row 20"),
    ),
    (
        "duplicate composite key",
        line("sejours_2.csv", 2, lambda text: text.replace("SYN001,2", "SYN001,1")),
        True,
        ("primaryKey", "séjours 2", "case.id, n°", "row 2"),
    ),
    (
        "duplicate unique key",
        line("sejours_2.csv", 2, lambda text: text.replace("2021-02", "2021-01")),
        True,
        ("uniqueKey", "séjours 2", "case.id, début", "row 2"),
    ),
    (
        "code outside the closed list",
        line("patients.csv", 3, lambda text: text.replace(",1,", f",{CANARY},")),
        True,
        ("enum", "patients", "sexe", "row 3"),
    ),
    (
        "wrong type in the last row",
        line("sejours_2.csv", -1, lambda text: text.replace("2.1", CANARY)),
        True,
        ("type", "séjours 2", "coût, €", "row 40"),
    ),
    (
        "missing required cell",
        line("patients.csv", 5, lambda text: text.replace(",1,", ",,")),
        True,
        ("required", "patients", "sexe", "row 5"),
    ),
    (
        "below the minimum",
        line("sejours_2.csv", 4, lambda text: text.replace(",2.1,", ",-2.1,")),
        True,
        ("minimum", "coût, €", "row 4"),
    ),
    (
        "above the maximum",
        line("sejours_2.csv", 4, lambda text: text.replace(",2.1,", ",1e9,")),
        True,
        ("maximum", "coût, €", "row 4"),
    ),
    (
        "date below its bound",
        line("patients.csv", 2, lambda text: text.replace("1900", "1899")),
        True,
        ("minimum", "né le", "row 2"),
    ),
    (
        "text too short",
        line("sejours_2.csv", 1, lambda text: text.replace("A01", "A1")),
        True,
        ("minLength", "code", "row 1"),
    ),
    (
        "text too long",
        line("sejours_2.csv", 1, lambda text: text.replace("A01", "A012345")),
        True,
        ("maxLength", "code", "row 1"),
    ),
    (
        "text off the pattern",
        line("sejours_2.csv", 1, lambda text: text.replace("A01", "a01")),
        True,
        ("pattern", "code", "row 1"),
    ),
    (
        "key without its synthetic mark",
        line("patients.csv", 20, lambda text: text.replace("SYN020", CANARY)),
        True,
        ("marker", "case.id", "row 20"),
    ),
    ("column renamed", line("actes.csv", 0, lambda text: text.replace("rang", "rank")), True, ("actes", "rang")),
    ("other rows in Parquet", other_parquet, True, ("forms", "data/actes.parquet", "other rows than the CSV")),
    ("rows changed after the verdict", line("actes.csv", 1, lambda text: text.replace(",0,", ",9,")), True, ("other",)),
    (
        "stale verdict",
        edit("verdict.json", lambda document: document["digests"].update(synthetic="sha256:0")),
        True,
        ("verdict.json", "judged other tables"),
    ),
    ("verdict not a pass", edit("verdict.json", lambda document: document.update(passed=False)), True, ("not a pass",)),
    ("verdict removed", lambda package: (package / "verdict.json").unlink(), True, ("no verdict",)),
    ("scores removed", lambda package: (package / "scores.json").unlink(), True, ("no scores",)),
    ("verdict garbled", lambda package: (package / "verdict.json").write_text("{}") and None, True, ("not a verdict",)),
    ("edited score", edit("scores.json", rescored), True, ("verdict.json", "row 1", "does not follow from the scores")),
    (
        "a check turned over",
        edit("verdict.json", lambda document: document["checks"][0].update(outcome="block")),
        True,
        ("says pass although a check does not",),
    ),
    (
        "no licence in the record for machine learning",
        edit("croissant.json", drop("license")),
        True,
        ("croissant.json", "lacks `license`"),
    ),
    (
        "a record that hides what the data are",
        edit("croissant.json", lambda document: document.update({"rai:hasSyntheticData": False})),
        True,
        ("croissant.json", "synthetic"),
    ),
    (
        "no access body in the catalogue record",
        edit("dcat.jsonld", lambda document: [node.pop("healthdcatap:hdab", None) for node in document["@graph"]]),
        True,
        ("dcat.jsonld", "lacks `healthdcatap:hdab`"),
    ),
    (
        "a catalogue record of other files",
        lambda package: edit_text(package / "dcat.ttl", "0", "1"),
        True,
        ("dcat.ttl", "checksum of a data file"),
    ),
    (
        "no author to cite",
        lambda package: edit_text(package / "CITATION.cff", "authors:", "others:"),
        True,
        ("CITATION.cff", "lacks `authors`"),
    ),
    (
        "a citation that is no YAML",
        lambda package: edit_text(package / "CITATION.cff", "title:", "{"),
        True,
        ("CITATION.cff", "cannot be read"),
    ),
    ("a crate without a root", edit("ro-crate-metadata.json", drop("@graph")), True, ("ro-crate", "cannot be read")),
    (
        "a DOI record without a publisher",
        edit("datacite.json", drop("publisher")),
        True,
        ("datacite.json", "lacks `publisher`"),
    ),
    ("no check at all", edit("verdict.json", lambda document: document["checks"].clear()), True, ("without a single",)),
)


@pytest.mark.parametrize(("plant", "hidden", "told"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_a_planted_fault_is_found_and_placed(
    package_dir: Path, tmp_path: Path, plant: Plant, hidden: bool, told: tuple[str, ...]
) -> None:
    package = tmp_path / "package"
    shutil.copytree(package_dir, package)
    plant(package)
    if hidden:
        reseal(package)

    faults = [str(fault) for fault in verify_package(package)]

    assert any(all(part in fault for part in told) for fault in faults), faults
    assert not any(CANARY in fault or "SYN999" in fault or str(tmp_path) in fault for fault in faults), faults


def test_resealing_alone_is_no_fault(package_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(package_dir, tmp_path / "package")
    reseal(tmp_path / "package")

    assert verify_package(tmp_path / "package") == []
