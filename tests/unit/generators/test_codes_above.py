"""Rare codes of a list that names a parent list belong to what another column of the row holds."""

from __future__ import annotations

import pytest

from synth.columns.belonging import parents_of
from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

PARENT_OF = {code: next(iter(parents)) for code, parents in parents_of("IR_CIM_V").items()}
DISEASES = ("30", "5", "3", "23")


def statuses(agree: bool = True) -> Dataset:
    """600 persons with rare diagnoses of four long-term diseases; the disease stands after the diagnosis."""
    codes = {disease: [code for code, parent in PARENT_OF.items() if parent == disease] for disease in DISEASES}
    diseases = [DISEASES[i % 4] for i in range(600)]
    causes = [codes[disease][i // 4 % len(codes[disease])] for i, disease in enumerate(diseases)]
    cause = Column("cause", "string", "code", False, nomenclature="IR_CIM_V")
    disease = Column("disease", "integer", "code", False, nomenclature="IR_ALD_V")
    catalog = Catalog((Table("p", (KEY, cause, disease), ("id",)),), Person("p", ("id",)))
    told = diseases if agree else diseases[1:] + diseases[:1]
    rows = {"id": [f"k{i}" for i in range(600)], "cause": causes, "disease": [int(each) for each in told]}
    return dataset_of(catalog, {"p": rows})


def test_rare_codes_belong_to_what_the_row_holds() -> None:
    table = sampled(fit(statuses(), "trees", 11), 600).read("p")
    causes, diseases = table["cause"].to_pylist(), [str(each) for each in table["disease"].to_pylist()]

    assert len(set(causes)) > 100
    assert [PARENT_OF[cause] for cause in causes] == diseases


def test_a_column_that_holds_something_else_leaves_codes_alone() -> None:
    model = fit(statuses(agree=False), "trees", 11)

    assert "by" not in model.find("codec/p/cause").data["levels"]["stems"]


@pytest.mark.parametrize("name", ["trees", "independent"])
def test_what_the_model_holds_is_found_again(name: str) -> None:
    data = statuses()
    model = fit(data, name, 11)

    assert model.find("codec/p/cause").data["levels"]["stems"]["by"] == "disease"
    assert all(each.persons >= 11 for each in recount(data, model) if each.told)
