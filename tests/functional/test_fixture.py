"""`synth fixture` as a user meets it."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO, Runner

_PACKAGE = {
    "name": "clinic",
    "resources": [
        {
            "name": "person",
            "schema": {
                "fields": [
                    {"name": "case.id", "type": "string", "constraints": {"required": True}},
                    {"name": "l'âge", "type": "integer", "constraints": {"minimum": 0, "maximum": 120}},
                ],
                "primaryKey": ["case.id"],
            },
        },
        {
            "name": "visit/été",
            "schema": {
                "fields": [
                    {"name": "who", "type": "string", "constraints": {"required": True}},
                    {"name": "day", "type": "date", "constraints": {"minimum": "2020-02-01", "maximum": "2020-02-29"}},
                    {"name": "nom", "type": "string"},
                ],
                "foreignKeys": [{"fields": ["who"], "reference": {"resource": "person", "fields": ["case.id"]}}],
            },
        },
    ],
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A datapackage.json of two tables with awkward names."""
    path = tmp_path / "clinic" / "datapackage.json"
    path.parent.mkdir()
    path.write_text(json.dumps(_PACKAGE), encoding="utf-8")
    return path


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_of_an_snds_table_on_standard_output(call_cli: Runner) -> None:
    done = call_cli("fixture", "ER_PRS_F", "-n", 30, "--seed", 1)

    rows = _table(done.out)
    assert (done.code, done.err) == (0, "")
    assert len(rows) == 30
    assert len(rows[0]) >= 120
    assert all(row["BEN_NIR_PSA"].startswith("SYN") for row in rows)


def test_the_same_seed_gives_the_same_bytes_in_another_process(run_cli: Runner) -> None:
    arguments = ("fixture", "T_MCO22B", "-n", 20, "--seed", 7)
    once = run_cli(*arguments, env={"PYTHONHASHSEED": "1"})
    again = run_cli(*arguments, env={"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "Asia/Tokyo"})

    assert once.out == again.out != ""
    assert once.out != run_cli("fixture", "T_MCO22B", "-n", 20, "--seed", 8).out


def test_a_hundred_rows_of_the_widest_claims_table_cost_little(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "synth", "fixture", "ER_PRS_F", "-n", "100", "--seed", "1"]
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            command, check=True, capture_output=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPO)}
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(spent) < 0.5


@pytest.mark.parametrize("heavy", ["numpy", "pandas", "pyarrow", "duckdb", "faker", "frictionless"])
def test_nothing_heavy_is_imported(heavy: str, tmp_path: Path) -> None:
    code = f"""
import sys
from synth.cli import main
try:
    main(["fixture", "IR_BEN_R", "-n", "3", "-o", {str(tmp_path / "rows.csv")!r}])
except SystemExit as stop:
    assert stop.code == 0
assert {heavy!r} not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPO)


def test_the_reader_may_go_away(tmp_path: Path) -> None:
    command = f"{sys.executable} -m synth fixture ER_PRS_F -n 2000 | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPO)},
    )

    assert done.stdout.startswith("ACC_TIE_IND,")
    assert done.stderr == ""


def test_a_package_becomes_a_folder_that_describes_itself(call_cli: Runner, package: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call_cli("fixture", package, "-n", 15, "-o", out)

    assert (done.code, done.out) == (0, "")
    document = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    assert {item["path"] for item in document["resources"]} == {"person.csv", "visit_été.csv"}
    people = _table((out / "person.csv").read_text(encoding="utf-8"))
    visits = _table((out / "visit_été.csv").read_text(encoding="utf-8"))
    assert {row["who"] for row in visits} <= {row["case.id"] for row in people}
    assert all(not row["day"] or row["day"].startswith("2020-02") for row in visits)


def test_frictionless_finds_such_a_folder_valid(call_cli: Runner, package: Path, tmp_path: Path) -> None:
    import frictionless

    call_cli("fixture", package.parent, "-n", 40, "-o", tmp_path / "out")

    report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_folder_opens_as_a_dataset_without_an_orphan(call_cli: Runner, form: str, tmp_path: Path) -> None:
    from synth.io import open_dataset
    from synth.io.integrity import integrity_faults

    out = tmp_path / "out"
    done = call_cli("fixture", "ER_PHA_F", "-n", 25, "--with-parents", "--format", form, "-o", out)
    dataset = open_dataset(out)

    assert done.code == 0
    assert {"ER_PHA_F", "ER_PRS_F", "IR_BEN_R"} <= set(dataset.catalog.table_names)
    assert list(integrity_faults(dataset)) == []
    assert dataset.read("ER_PHA_F").num_rows == 25


def test_json_lines_and_sql(call_cli: Runner) -> None:
    lines = call_cli("fixture", "IR_BEN_R", "-n", 4, "--format", "jsonl").out.splitlines()
    inserts = call_cli("fixture", "ER_PHA_F", "-n", 4, "--format", "sql", "--with-parents").out.splitlines()

    assert len([json.loads(line) for line in lines]) == 4
    assert [line.split('"')[1] for line in inserts] == ["IR_BEN_R"] * 4 + ["ER_PRS_F"] * 4 + ["ER_PHA_F"] * 4


def test_the_name_of_the_file_tells_its_format(call_cli: Runner, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    call_cli("fixture", "IR_BEN_R", "-n", 6, "-o", tmp_path / "rows.parquet")
    call_cli("fixture", "IR_BEN_R", "-n", 6, "-o", tmp_path)

    assert pq.read_table(tmp_path / "rows.parquet").num_rows == 6
    assert len((tmp_path / "IR_BEN_R.csv").read_text().splitlines()) == 7


def test_faults_are_told_on_standard_error_with_kind_and_row(call_cli: Runner) -> None:
    done = call_cli("fixture", "ER_PRS_F", "-n", 200, "--dirty", 0.05)

    lines = done.err.splitlines()
    assert lines[0] == "ER_PRS_F: 10 faults in 200 rows"
    told = [line.split() for line in lines[1:]]
    assert sum(int(words[1].rstrip(":")) for words in told) == 10
    assert {"wrong-type", "missing-required", "out-of-list", "duplicate-key", "orphan"} <= {words[0] for words in told}
    assert len(_table(done.out)) == 200


def test_a_table_whose_keys_run_out_says_so(call_cli: Runner, tmp_path: Path) -> None:
    field = {"name": "k", "type": "string", "constraints": {"enum": ["a", "b"]}}
    document = {"name": "x", "resources": [{"name": "t", "schema": {"fields": [field], "primaryKey": ["k"]}}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(document))

    done = call_cli("fixture", tmp_path / "datapackage.json", "-n", 5)

    assert sorted(done.out.splitlines()) == ["a", "b", "k"]
    assert "t: 2 rows" in done.err


def test_a_year_beyond_what_is_known_is_said_to_be_like_the_last(call_cli: Runner) -> None:
    done = call_cli("fixture", "IR_BEN_R", "--year", 2031)

    assert (done.code, done.err) == (0, "synth: SNDS tables are known to 2024; 2031 is taken to be like it\n")


def test_a_table_schema_on_its_own_is_enough(call_cli: Runner, tmp_path: Path) -> None:
    reference = {"fields": ["who"], "reference": {"resource": "elsewhere", "fields": ["id"]}}
    schema = {
        "fields": [{"name": "who", "type": "string"}, {"name": "n", "type": "integer"}],
        "foreignKeys": [reference],
    }
    (tmp_path / "stays.json").write_text(json.dumps(schema))

    assert len(_table(call_cli("fixture", tmp_path / "stays.json", "-n", 3).out)) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ER_PRS_G",), "table ER_PRS_G: not a table of the SNDS; did you mean ER_PRS_F"),
        (("nowhere/datapackage.json",), "file not found; check the path"),
        (("ER_PRS_F", "--year", "1999"), "the SNDS starts in 2006"),
        (("ER_PHA_F", "--with-parents"), "several tables do not fit in one file; give a folder with -o"),
        (("ER_PHA_F", "--with-parents", "-o", "rows.csv"), "several tables do not fit in one file; give a folder"),
        (("T_MCO22B", "--year", "2019"), "its name tells another year"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_line(call_cli: Runner, arguments: tuple[str, ...], message: str) -> None:
    done = call_cli("fixture", *arguments)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert message in done.err


def test_a_table_that_a_package_does_not_have(call_cli: Runner, package: Path) -> None:
    done = call_cli("fixture", package, "--tables", "persn")

    assert done.code == 2
    assert "table persn: no such table; did you mean person?" in done.err


def test_an_output_that_cannot_be_written_leaves_nothing(call_cli: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    done = call_cli("fixture", "IR_BEN_R", "-o", tmp_path / "file" / "rows.csv")

    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_with_files_is_kept_unless_forced(call_cli: Runner, package: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = call_cli("fixture", package, "-n", 2, "-o", out)
    second = call_cli("fixture", package, "-n", 3, "-o", out)
    third = call_cli("fixture", package, "-n", 3, "-o", out, "--force")

    assert (first.code, second.code, third.code) == (0, 2, 0)
    assert "choose another folder or pass --force" in second.err


def test_help_shows_examples(call_cli: Runner) -> None:
    done = call_cli("fixture", "--help")

    assert "synth fixture ER_PRS_F -n 50 --seed 1 | head" in done.out


def test_the_number_of_a_row_is_in_no_file(call_cli: Runner, tmp_path: Path) -> None:
    schema = {"fields": [{"name": "x", "type": "integer"}], "synth:rowNumber": "row"}
    document = {"name": "p", "resources": [{"name": "t", "schema": schema}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(document | {"synth:person": {"table": "t", "key": ["row"]}}))

    assert call_cli("fixture", tmp_path, "-n", 2).out.splitlines()[0] == "x"


def test_parquet_is_not_printed_on_a_terminal(tmp_path: Path) -> None:
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "synth", "fixture", "IR_BEN_R", "-n", "2", "--format", "parquet"]
    done = subprocess.run(command, cwd=tmp_path, stdout=slave, stderr=subprocess.PIPE, text=True)
    os.set_blocking(master, False)

    assert done.returncode == 2 and "-o FILE" in done.stderr and "\n" not in done.stderr.strip()
    os.close(slave)
    with pytest.raises(OSError):  # nothing was printed: the other end is closed and there is nothing left to read
        os.read(master, 1)
    os.close(master)
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).stdout[:4] == b"PAR1"
