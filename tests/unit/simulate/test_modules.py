"""Clinical modules are read, checked and lived as they are written."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.errors import UserError
from synth.simulate.care import line_kinds
from synth.simulate.conditions import Window, incidence, live_course, poisson
from synth.simulate.curves import read_curve, to_mean
from synth.simulate.drugs import presentations
from synth.simulate.modules import load_modules, read_module
from synth.simulate.persons import draw_persons
from synth.simulate.stays import ghm_table, levels
from synth.simulate.tabled import every_module

WINDOW = Window(2021, 2023)
ASKED = """diabetes_type_1 diabetes_type_2 hypertension heart_failure coronary_disease stroke asthma_copd breast_cancer
    colorectal_cancer lung_cancer prostate_cancer depression schizophrenia dementia epilepsy parkinson
    multiple_sclerosis
    rheumatoid_arthritis chronic_kidney_disease hiv pregnancy cataract hip_fracture joint_replacement injury covid
    pneumonia urinary_infection""".split()


def test_the_pathways_promised_are_there():
    assert {module.name for module in load_modules()} >= set(ASKED)


@pytest.mark.parametrize("module", every_module(), ids=lambda module: module.name)
def test_every_code_a_module_names_exists(module):
    names = {state.name for state in module.states}
    for care in module.care:
        assert set(care.states) <= names
        if care.kind == "drug":
            assert all(len(presentations(code)[0]) for code in care.refs)
        if care.kind == "line":
            assert set(care.refs) <= set(line_kinds())
    for plan in module.stays:
        assert levels(plan.ghm) if len(plan.ghm) == 5 else plan.ghm in ghm_table()


def write(tmp_path, text):
    path = tmp_path / "fever.yaml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """
title: Fever
entry: {kind: episode, rate: {unit: per_1000, both: {0: 500, 50: 100}}}
care: [{drug: N02BE01, at: 0}]
"""


def test_a_module_is_read_from_its_file(tmp_path):
    module = read_module(write(tmp_path, GOOD))
    assert (module.name, module.entry, module.care[0].refs) == ("fever", "episode", ("N02BE01",))
    assert module.curve[0, 0] == pytest.approx(0.5)
    assert module.curve[1, 50] == pytest.approx(0.1)


@pytest.mark.parametrize(
    "change",
    [
        ("kind: episode", "kind: sometimes"),
        ("title: Fever", ""),
        ("drug: N02BE01, ", ""),
        ("unit: per_1000", "unit: per_dozen"),
        ("{drug", "{drug: ["),
        ("drug: N02BE01", "stay: nowhere"),
    ],
)
def test_a_faulty_module_is_named_by_its_file(tmp_path, change):
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(UserError) as error:
        read_module(path)
    assert error.value.file == str(path)


def test_prevalence_at_the_start_is_the_curve():
    module = next(module for module in load_modules() if module.name == "hypertension")
    cases, expected = 0, 0.0
    for block in range(6):
        persons = draw_persons(5, block, WINDOW.first)
        course = live_course(module, persons, {}, WINDOW, 5)
        cases += int((course.onset < WINDOW.start).sum())
        age = WINDOW.first - 1 - (persons.birth.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970)
        expected += module.curve[persons.sex - 1, age].sum()
    assert cases == pytest.approx(expected, rel=0.12)


def test_incidence_is_never_negative():
    for module in load_modules():
        if module.entry == "chronic":
            assert (incidence(module) >= 0).all(), module.name


def test_poisson_counts_have_their_mean():
    uniform = (np.arange(20_000) + 0.5) / 20_000
    for rate in (0.0, 0.3, 4.0, 60.0):
        assert poisson(np.full(len(uniform), rate), uniform).mean() == pytest.approx(rate, abs=0.02)


def test_curves_keep_their_mean_over_the_population():
    curve = to_mean(read_curve({"both": {0: 1, 90: 5}}, "here"), 2.0)
    assert to_mean(curve, 2.0) == pytest.approx(curve)
