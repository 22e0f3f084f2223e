"""Byte for byte: the tables of a committed model, and the models of tables made by arithmetic.

A failure means that models or samples changed. If that was meant, say so in the changelog and run
`python -m tests.golden.generators.tiny`.
"""

from __future__ import annotations

import json

import pytest

from synth.core.model import read_model, write_model
from synth.generators import GENERATORS
from tests.golden.generators.tiny import FOLDER, digests, learned

EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def test_a_committed_model_still_draws_the_same_tables() -> None:
    assert digests(read_model(FOLDER / "model.zip")) == EXPECTED["model.zip"]


@pytest.mark.parametrize("name", GENERATORS)
def test_the_same_tables_still_give_the_same_model(name: str) -> None:
    assert learned(name).digest == EXPECTED["models"][name]


def test_a_model_is_still_written_in_the_same_bytes(tmp_path) -> None:
    write_model(read_model(FOLDER / "model.zip"), tmp_path / "again.zip")

    assert (tmp_path / "again.zip").read_bytes() == (FOLDER / "model.zip").read_bytes()
