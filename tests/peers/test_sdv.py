"""SDV's synthesizers: announced for what they are, of the right shapes, keys intact. Skips where SDV is absent."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.seeds import rng
from synth.generators import synthetic_catalog
from synth.io import memory_dataset
from synth.io.integrity import integrity_faults
from synth.peers import WARNING, fit_peer, is_peer, read_peer, sample_peer, write_peer
from synth.peers.synthesizers import SYNTHESIZERS
from tests.unit.generators.clinic import dataset_of

installed = pytest.mark.skipif(find_spec("sdv") is None, reason="SDV is not installed: pip install '.[sdv]'")
ROWS = 150
PERSONS = Table(
    "p",
    (
        Column("id", "string", "key", False),
        Column("age", "integer", "number", False, minimum=0),
        Column("born", "date", "date"),
        Column("sex", "string", "code", False),
    ),
    ("id",),
)
VISITS = Table(
    "visits",
    (
        Column("id", "string", "key", False),
        Column("number", "integer", "key", False),
        Column("day", "date", "date", False),
        Column("kind", "string", "code"),
        Column("cost", "number", "number", scale=2),
    ),
    ("id", "number"),
    (ForeignKey(("id",), "p", ("id",)),),
    order_by=("day",),
)


def persons() -> dict[str, list[object]]:
    stream = rng(1, "sdv")
    age = stream.integers(ROWS, 90)
    day = np.datetime64("2022-01-01") - age * 365
    return {
        "id": [f"k{i}" for i in range(ROWS)],
        "age": age.tolist(),
        "born": [value.item() for value in day],
        "sex": [str(1 + i % 2) for i in range(ROWS)],
    }


def one_table() -> Dataset:
    return dataset_of(Catalog((PERSONS,), Person("p", ("id",))), {"p": persons()})


def two_tables() -> Dataset:
    owners = [i for i in range(ROWS) for _ in range(1 + i % 3)]
    first = np.datetime64("2022-01-01")
    visits = {
        "id": [f"k{i}" for i in owners],
        "number": list(range(len(owners))),
        "day": [(first + 7 * place).item() for place in range(len(owners))],
        "kind": [["a", "b", None][place % 3] for place in range(len(owners))],
        "cost": [float(place % 50) for place in range(len(owners))],
    }
    catalog = Catalog((PERSONS, VISITS), Person("p", ("id",)))
    return dataset_of(catalog, {"p": persons(), "visits": visits})


@installed
@pytest.mark.parametrize("name", SYNTHESIZERS)
def test_what_is_drawn_fits_the_catalog(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyarrow as pa

    _few_epochs(monkeypatch)
    real = two_tables() if name in ("sdv-hma", "sdv-par") else one_table()
    write_peer(fit_peer(real, name), tmp_path / "m.zip")
    assert WARNING in capsys.readouterr().err
    assert is_peer(tmp_path / "m.zip")
    peer = read_peer(tmp_path / "m.zip", trust=True)
    found: dict[str, list[pa.RecordBatch]] = {}
    for table, batch in sample_peer(peer, 60, 3):
        found.setdefault(table, []).append(batch)
    drawn = memory_dataset(synthetic_catalog(peer.model), {t: pa.Table.from_batches(b) for t, b in found.items()})
    assert list(integrity_faults(drawn)) == []
    people = drawn.read("p")
    assert people.num_rows == 60
    assert all(key.startswith("SYN") for key in people["id"].to_pylist())
    assert set(people["sex"].to_pylist()) <= {"1", "2"}
    if name in ("sdv-hma", "sdv-par"):
        assert drawn.read("visits").num_rows > 0


def _few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neural networks that learn next to nothing, soon."""
    from functools import partial

    import synth.peers.learning as learning

    full = learning.load_class
    quick = {"CTGANSynthesizer": {"epochs": 1}, "TVAESynthesizer": {"epochs": 1}, "PARSynthesizer": {"epochs": 1}}
    monkeypatch.setattr(learning, "load_class", lambda chosen: partial(full(chosen), **quick.get(chosen.name, {})))


@installed
def test_a_pickle_is_not_opened_unasked(tmp_path: Path) -> None:
    write_peer(fit_peer(one_table(), "sdv-gaussian-copula"), tmp_path / "m.zip")
    with pytest.raises(UserError, match="pickle") as error:
        read_peer(tmp_path / "m.zip", trust=False)
    assert "--trust-pickle" in str(error.value)


@installed
@pytest.mark.parametrize(("name", "words"), [("sdv-ctgan", "takes one table"), ("sdv-nothing", "no generator")])
def test_other_shapes_are_refused(name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        fit_peer(two_tables(), name)


@pytest.mark.skipif(find_spec("sdv") is not None, reason="SDV is installed: its absence is tested without it")
def test_without_sdv_one_line_says_what_to_install() -> None:
    with pytest.raises(UserError, match="not installed") as error:
        fit_peer(one_table(), "sdv-ctgan")
    assert "synth-snds[sdv]" in str(error.value)
