"""What is learned does not depend on how the rows are cut, and what is written is what is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.errors import UserError
from synth.core.model import Model, read_model, write_model
from synth.generators import GENERATORS, fit, sampling
from synth.generators.coding import survey
from synth.io import dataset_digests
from tests.unit.generators.clinic import clinic, sampled


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(clinic(80), "trees", 5)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_model_does_not_depend_on_the_blocks_it_was_learned_in(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = clinic(100, seed=3)
    whole = fit(real, name, 5)
    monkeypatch.setattr(survey.families, "__defaults__", (37,))

    assert fit(real, name, 5).digest == whole.digest


def test_tables_do_not_depend_on_how_many_persons_come_after(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 20)
    few, more = (sampled(model, persons).read("persons").column("birth").to_pylist() for persons in (40, 60))

    assert more[:40] == few


@settings(max_examples=6)
@given(st.integers(1, 90), st.integers(0, 2**63 - 1))
def test_any_number_of_persons_and_any_seed_will_do(model: Model, persons: int, seed: int) -> None:
    made = sampled(model, persons, seed)

    assert made.read("persons").num_rows == persons
    assert dataset_digests(made) == dataset_digests(sampled(model, persons, seed))


def test_a_model_is_written_the_same_twice_and_read_as_it_was(model: Model, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_model(model, tmp_path / name)
    read = read_model(tmp_path / "one.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert read.digest == model.digest
    assert read.statistics == model.statistics


def test_a_model_holds_nothing_but_json_and_plain_arrays(model: Model, tmp_path: Path) -> None:
    write_model(model, tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        endings = {Path(name).suffix for name in archive.namelist()}
        assert endings == {".json", ".npy", ".txt"}
        assert not any(b"\x93NUMPY" in archive.read(n) and b"'|O'" in archive.read(n) for n in archive.namelist())


ALTERED = {"statistics.json": b"persons", "catalog.json": b"birth", "receipt.json": b"trees", "model.json": b"birth"}


@pytest.mark.parametrize("entry", [*ALTERED, "an array"])
def test_an_altered_entry_is_noticed(model: Model, tmp_path: Path, entry: str) -> None:
    path = tmp_path / "model.zip"
    write_model(model, path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    name = next(n for n in entries if n.endswith(".npy") and "pooled" in n) if entry == "an array" else entry
    data = bytearray(entries[name])
    place = len(data) - 1 if entry == "an array" else data.index(ALTERED[entry])
    data[place] = data[place] ^ 1
    with zipfile.ZipFile(path, "w") as archive:
        for other, old in entries.items():
            archive.writestr(other, bytes(data) if other == name else old)

    with pytest.raises(UserError, match=r"altered|not a model"):
        read_model(path)


@pytest.mark.parametrize("name", ["arrays/smuggled.npy", "notes.txt", "more/x.npy", "catalog2.json"])
def test_an_entry_that_nothing_lists_is_refused(model: Model, tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.zip"
    write_model(model, path)
    with zipfile.ZipFile(path, "a") as archive:
        old = archive.read(next(each for each in archive.namelist() if each.endswith(".npy")))
        archive.writestr(name, old)

    with pytest.raises(UserError):
        read_model(path)
