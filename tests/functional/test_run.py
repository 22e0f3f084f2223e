"""`synth run` as a user meets it: the whole path on a small catalog, resumed, blocked, interrupted, misused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from synth.core.seeds import rng

REPO = Path(__file__).resolve().parents[2]
PERSONS = 260
CANARY = "ZZ-CANARY-4711"
CANARY_NUMBER = 987654321
STAGES = ("open", "split", "fit", "sample", "score", "gate", "publish")

CATALOG = {
    "name": "clinic",
    "synth:person": {"table": "patient", "key": ["patient.id"]},
    "resources": [
        {
            "name": "patient",
            "path": "patient.csv",
            "schema": {
                "fields": [
                    {"name": "patient.id", "type": "string", "constraints": {"required": True}},
                    {"name": "sexe", "type": "string", "constraints": {"enum": ["1", "2"]}},
                    {"name": "né en", "type": "integer"},
                    {"name": "commune d'origine", "type": "string"},
                ],
                "primaryKey": ["patient.id"],
            },
        },
        {
            "name": "visit",
            "path": "visit.csv",
            "schema": {
                "fields": [
                    {"name": "patient.id", "type": "string", "constraints": {"required": True}},
                    {"name": "visit no", "type": "integer", "constraints": {"required": True}},
                    {"name": "day", "type": "date"},
                    {"name": "code", "type": "string"},
                    {"name": "cost", "type": "number"},
                ],
                "primaryKey": ["patient.id", "visit no"],
                "foreignKeys": [
                    {"fields": ["patient.id"], "reference": {"resource": "patient", "fields": ["patient.id"]}}
                ],
                "synth:orderBy": ["day"],
            },
        },
    ],
}

RECIPE = """\
name: clinic
seed: 3
parameters:
  input: tables
  generator: gaussian-copula
input:
  data: ${input}
split: {train: 0.5, holdout: 0.4, reference: 0.1}
fit:
  generator: ${generator}
score: {targets: 100, pool: 200, pairs: 20, draws: 20, secrets: 2, queries: 50, plants: [0.05]}
gate:
  policy: internal-test
publish:
  metadata:
    title: Visits to a clinic
    description: Patients and visits made for the tests of the whole path; nobody stands behind a row of these tables.
    version: 1.0.0
    keywords: [test]
    publisher: {name: Tests, url: https://example.org, email: tests@example.org}
    spatial: France
    temporal: 2021-01-01/2022-12-31
"""

# no score can be below this bound, so the gate must block
STRICT = """\
policy: strict
version: "1"
title: Nothing passes
purpose: to see the gate block
minimum_persons: {train: 1}
uses: []
untested: []
rules:
  - id: impossible
    criterion: comparison
    metric: marginal_tvd
    scope: "*"
    statistic: high
    at_most: -1
    question: Can anything pass?
    source: ours
"""


def write_tables(folder: Path) -> None:
    draw = rng(1, "clinic")
    sex, born, place = draw.integers(PERSONS, 2), draw.integers(PERSONS, 60), draw.integers(PERSONS, 4)
    visits = draw.integers(PERSONS, 5)
    day, code, cost = (draw.integers(5 * PERSONS, high) for high in (330, 3, 4000))
    folder.mkdir(parents=True)
    (folder / "datapackage.json").write_text(json.dumps(CATALOG), encoding="utf-8")
    places = ["Saint-Étienne", "L'Haÿ", "01", "Paris 1er"]
    persons = ["patient.id,sexe,né en,commune d'origine"]
    rows = ["patient.id,visit no,day,code,cost"]
    for person in range(PERSONS):
        rare = person == 17
        town = CANARY if rare else places[place[person]]
        persons.append(f"P{person:04d},{1 + sex[person]},{1940 + born[person] + 10 * sex[person]},{town}")
        for number in range(visits[person] + rare):
            at = 5 * person + number
            amount = CANARY_NUMBER if rare else 10 + cost[at] / 100 + 20 * code[at]
            month, date = 1 + (day[at] // 30), 1 + day[at] % 28
            rows.append(f"P{person:04d},{number + 1},{2021 + number % 2}-{month:02d}-{date:02d},C0{code[at]},{amount}")
    (folder / "patient.csv").write_text("\n".join(persons) + "\n", encoding="utf-8")
    (folder / "visit.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the recipe, its tables, a strict policy, and one whole run of it under `out/clinic`."""
    folder = tmp_path_factory.mktemp("run")
    write_tables(folder / "tables")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    (folder / "strict.yaml").write_text(STRICT, encoding="utf-8")
    done = synth(folder, "run", "recipe.yaml")
    (folder / "first.out").write_text(done.stdout, encoding="utf-8")
    (folder / "first.err").write_text(done.stderr, encoding="utf-8")
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


def synth(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "synth", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPO)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def kept(error: str) -> list[str]:
    return [line.split("] ")[1].split(":")[0] for line in error.splitlines() if line.endswith("unchanged, kept")]


def walked(error: str) -> list[str]:
    return [line.split("] ")[1].split(":")[0] for line in error.splitlines() if "done in" in line]


def test_the_path_ends_with_a_verdict_and_a_package_that_is_valid(place: Path) -> None:
    text = (place / "first.out").read_text(encoding="utf-8")
    assert "verdict: PASS under internal-test" in text
    assert f"package: {Path('out') / 'clinic' / 'publish' / 'package'}" in text
    assert walked((place / "first.err").read_text(encoding="utf-8")) == list(STAGES)
    done = synth(place, "publish", "verify", "out/clinic/publish/clinic.zip")
    assert done.returncode == 0, done.stdout


def test_each_stage_leaves_files_of_its_own(place: Path) -> None:
    out = place / "out" / "clinic"
    for file in (
        "split/train/datapackage.json",
        "split/holdout/datapackage.json",
        "fit/model.zip",
        "sample/datapackage.json",
        "score/scores.json",
        "gate/verdict.json",
        "gate/report.html",
        "publish/package/datapackage.json",
        "publish/package/report.html",
        "publish/clinic.zip",
    ):
        assert (out / file).is_file(), file
    assert [path.name for path in out.iterdir() if path.name.endswith((".part", ".old"))] == []


def test_a_second_run_keeps_every_stage_and_says_the_same(place: Path) -> None:
    done = synth(place, "run", "recipe.yaml")
    assert (done.returncode, kept(done.stderr)) == (0, list(STAGES))
    verdict = (place / "first.out").read_text(encoding="utf-8").split("verdict:")[1]
    assert done.stdout.split("verdict:")[1] == verdict


def test_the_summary_as_json_has_tables_scores_and_verdict(place: Path) -> None:
    found = json.loads(synth(place, "run", "recipe.yaml", "--json").stdout)
    assert found["verdict"]["passed"] is True
    assert found["input"] == {
        "persons": PERSONS,
        "rows": {"patient": PERSONS, "visit": found["input"]["rows"]["visit"]},
    }
    assert found["synthetic"]["persons"] == found["synthetic"]["rows"]["patient"] > 0
    assert {score["family"] for score in found["scores"]} >= {"disclosure", "fidelity", "structure"}
    assert [stage["name"] for stage in found["stages"]] == list(STAGES)


def test_the_same_seed_gives_the_same_package_elsewhere_and_with_more_workers(place: Path) -> None:
    done = synth(place, "run", "recipe.yaml", "--out", "elsewhere", "--workers", "2")
    assert done.returncode == 0, done.stderr
    one, other = (place / folder / "publish" / "clinic.zip" for folder in ("out/clinic", "elsewhere"))
    assert one.read_bytes() == other.read_bytes()


def test_another_seed_gives_other_tables(place: Path) -> None:
    done = synth(place, "run", "recipe.yaml", "--out", "seeded", "--set", "seed=4", "--until", "sample")
    assert done.returncode == 2  # seed is no parameter of this recipe: settings do not fall on the floor
    (place / "seeded.yaml").write_text(RECIPE.replace("seed: 3", "seed: 4"), encoding="utf-8")
    done = synth(place, "run", "seeded.yaml", "--out", "seeded", "--until", "sample")
    assert done.returncode == 0, done.stderr
    assert walked(done.stderr) == ["open", "split", "fit", "sample"]
    one, other = (pq.read_table(place / f / "sample" / "patient.parquet") for f in ("out/clinic", "seeded"))
    assert not one.equals(other)


def test_a_blocked_gate_says_why_leaves_with_3_and_builds_nothing(place: Path) -> None:
    shutil.copytree(place / "out" / "clinic", place / "blocked")
    done = synth(place, "run", "recipe.yaml", "--out", "blocked", "--set", "gate.policy=strict.yaml")
    assert done.returncode == 3
    assert "verdict: BLOCKED under strict" in done.stdout
    assert "impossible" in done.stdout
    assert "package: not built" in done.stdout
    assert not (place / "blocked" / "publish").exists()
    assert kept(done.stderr) == ["open", "split", "fit", "sample", "score"]


def test_a_draft_is_built_in_spite_of_the_gate_and_marked(place: Path) -> None:
    shutil.copytree(place / "out" / "clinic", place / "draft")
    settings = ("--set", "gate.policy=strict.yaml", "--set", "publish.draft=true")
    done = synth(place, "run", "recipe.yaml", "--out", "draft", *settings)
    assert done.returncode == 3
    descriptor = json.loads((place / "draft" / "publish" / "package" / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["synth:draft"]
    key = descriptor["resources"][0]["schema"]["fields"][0]
    assert (key["name"], key["synth:marker"]) == ("patient.id", {"prefix": "SYN"}), "the mark is not in the package"


def test_nothing_unique_to_one_person_comes_out_of_the_split(place: Path) -> None:
    out = place / "out" / "clinic"
    marks = (CANARY.encode(), str(CANARY_NUMBER).encode(), b"P0017")
    told = (place / "first.out").read_bytes() + (place / "first.err").read_bytes()
    assert not any(mark in told for mark in marks)
    for folder in ("fit", "sample", "score", "gate", "publish"):
        for path in sorted((out / folder).rglob("*")):
            for name, content in contents(path):
                assert not any(mark in content for mark in marks), name


def contents(path: Path) -> list[tuple[str, bytes]]:
    if path.is_dir():
        return []
    if path.suffix == ".parquet":
        return [(path.name, str(pq.read_table(path).to_pylist()).encode())]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [(f"{path.name}: {name}", archive.read(name)) for name in archive.namelist()]
    return [(path.name, path.read_bytes())]


def test_an_interrupted_run_leaves_nothing_half_written_and_resumes(place: Path) -> None:
    command = [sys.executable, "-m", "synth", "run", "recipe.yaml", "--out", "cut"]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    with subprocess.Popen(command, cwd=place, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.endswith("score ...\n"):
                running.send_signal(signal.SIGINT)
                break
        rest = running.stderr.read()
    assert running.returncode == 130
    assert rest.splitlines()[-1] == "synth: interrupted"
    assert sorted(path.name for path in (place / "cut").iterdir()) == [".lock", "fit", "open", "sample", "split"]
    done = synth(place, "run", "recipe.yaml", "--out", "cut")
    assert (done.returncode, walked(done.stderr)) == (0, ["score", "gate", "publish"])


def spoil_type(folder: Path) -> None:
    lines = (folder / "visit.csv").read_text(encoding="utf-8").splitlines()
    lines[7] = lines[7].rsplit(",", 1)[0] + ",SECRET-VALUE"
    (folder / "visit.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def spoil_key(folder: Path) -> None:
    lines = (folder / "patient.csv").read_text(encoding="utf-8").splitlines()
    (folder / "patient.csv").write_text("\n".join([*lines, lines[3]]) + "\n", encoding="utf-8")


def spoil_reference(folder: Path) -> None:
    with (folder / "visit.csv").open("a", encoding="utf-8") as file:
        file.write("SECRET-VALUE,1,2021-01-01,C01,3.5\n")


def spoil_column(folder: Path) -> None:
    text = (folder / "visit.csv").read_text(encoding="utf-8")
    (folder / "visit.csv").write_text(text.replace("code", "kode", 1), encoding="utf-8")


def spoil_rows(folder: Path) -> None:
    for name in ("patient.csv", "visit.csv"):
        (folder / name).write_text((folder / name).read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def spoil_file(folder: Path) -> None:
    (folder / "visit.csv").unlink()


def spoil_cycle(folder: Path) -> None:
    catalog = json.loads(json.dumps(CATALOG))
    catalog["resources"][0]["schema"]["foreignKeys"] = [
        {"fields": ["patient.id"], "reference": {"resource": "visit", "fields": ["patient.id"]}}
    ]
    (folder / "datapackage.json").write_text(json.dumps(catalog), encoding="utf-8")


def spoil_parquet(folder: Path) -> None:
    catalog = json.loads(json.dumps(CATALOG))
    catalog["resources"][1]["path"] = "visit.parquet"
    (folder / "datapackage.json").write_text(json.dumps(catalog), encoding="utf-8")
    (folder / "visit.parquet").write_bytes(b"PAR1 not really SECRET-VALUE")


FAULTS: tuple[tuple[Callable[[Path], None], tuple[str, ...]], ...] = (
    (spoil_type, ("visit.csv", "table visit", "column cost", "row 7")),
    (spoil_key, ("table patient", "column patient.id", "row 261")),
    (spoil_reference, ("table visit", "column patient.id", "row")),
    (spoil_column, ("visit.csv", "table visit", "column code")),
    (spoil_rows, ("table patient", "no rows")),
    (spoil_file, ("visit.csv", "table visit", "not found")),
    (spoil_cycle, ("cycle", "patient -> visit")),
    (spoil_parquet, ("visit.parquet", "table visit")),
)


@pytest.mark.parametrize(("spoil", "says"), FAULTS, ids=[spoil.__name__ for spoil, _ in FAULTS])
def test_bad_tables_are_told_in_one_line_and_leave_nothing(
    tmp_path: Path, call_cli: Callable[..., object], spoil: Callable[[Path], None], says: tuple[str, ...]
) -> None:
    write_tables(tmp_path / "tables")
    spoil(tmp_path / "tables")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    done = call_cli("run", tmp_path / "recipe.yaml", "--out", tmp_path / "out")
    assert done.code == 2
    lines = [line for line in done.err.splitlines() if line.startswith("synth: ")]
    assert len(lines) == 1
    assert all(word in lines[0] for word in says), lines[0]
    assert "SECRET-VALUE" not in done.err + done.out
    left = [path.name for path in (tmp_path / "out").iterdir()] if (tmp_path / "out").exists() else []
    assert set(left) <= {".lock"}


BAD_RECIPES = (
    (RECIPE.replace("gaussian-copula", "gausian-copula"), "fit.generator: no generator"),
    (RECIPE.replace("internal-test", "internal-tset"), "gate.policy: there is no policy"),
    (RECIPE.replace("title: Visits to a clinic", "titel: Visits"), "title"),
    (RECIPE.replace("fit:", "fitt:"), "did you mean fit?"),
    (RECIPE.replace("seed: 3", "seed: [3"), "line"),
    (RECIPE.replace("input: tables", "input: null"), "add --set input=VALUE"),
    (RECIPE.replace("input: tables", "input: nowhere"), "nowhere"),
)


@pytest.mark.parametrize(("text", "says"), BAD_RECIPES, ids=[says for _, says in BAD_RECIPES])
def test_a_recipe_that_cannot_be_followed_is_told_before_anything_is_done(
    tmp_path: Path, call_cli: Callable[..., object], text: str, says: str
) -> None:
    write_tables(tmp_path / "tables")
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    done = call_cli("run", tmp_path / "recipe.yaml", "--out", tmp_path / "out")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("synth: ")
    assert says in done.err
    assert done.out == ""


def test_the_stage_to_stop_at_must_be_one_of_the_recipes(place: Path) -> None:
    done = synth(place, "run", "recipe.yaml", "--until", "simulate")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "its stages are open, split" in done.stderr


def test_a_guessed_person_is_announced_and_an_absent_one_refused(
    tmp_path: Path, call_cli: Callable[..., object]
) -> None:
    write_tables(tmp_path / "tables")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    run = ("run", tmp_path / "recipe.yaml", "--out", tmp_path / "out", "--until", "open")
    guessed = {**CATALOG, "synth:person": {**CATALOG["synth:person"], "guessed": True}}
    (tmp_path / "tables" / "datapackage.json").write_text(json.dumps(guessed), encoding="utf-8")
    done = call_cli(*run)
    assert (done.code, "row of patient is a guess" in done.err) == (0, True)
    nobody = {key: value for key, value in CATALOG.items() if key != "synth:person"}
    (tmp_path / "tables" / "datapackage.json").write_text(json.dumps(nobody), encoding="utf-8")
    done = call_cli(*run)
    assert (done.code, "does not say who the person is" in done.err) == (2, True)
