"""Known margins: the age pyramid, sex, mortality, statuses, and what the calibration says of lines and medicines.

Sizes are small so that tests stay quick; tolerances are those of the sample. The figures of a large run are in the
documentation of the package.
"""

from __future__ import annotations

import numpy as np
import pytest

from synth.simulate.causes import covid_share
from synth.simulate.conditions import Window, live_course
from synth.simulate.dates import day, year_of
from synth.simulate.deaths import draw_deaths
from synth.simulate.modules import load_modules
from synth.simulate.persons import draw_persons
from synth.simulate.tables import ald_prevalence, calibration, death_probability, population

WINDOW = Window(2022, 2022)


@pytest.fixture(scope="module")
def persons():
    return [draw_persons(11, block, 2022) for block in range(60)]


def test_the_pyramid_is_that_of_the_population(persons):
    sex = np.concatenate([block.sex for block in persons])
    age = 2021 - year_of(np.concatenate([block.birth for block in persons]))
    drawn = np.array([[((sex == s) & (age // 5 == a)).sum() for a in range(21)] for s in (1, 2)]) / len(sex)
    people = population(2022)
    known = np.array([[people[s, a * 5 : a * 5 + 5].sum() for a in range(21)] for s in (0, 1)]) / people.sum()
    assert np.abs(drawn - known).sum() / 2 <= 0.02
    assert (sex == 1).mean() == pytest.approx(people[0].sum() / people.sum(), abs=0.006)


def test_deaths_are_those_of_the_life_table(persons):
    deaths, expected = 0, 0.0
    for block in persons[:24]:
        courses = {}
        for module in load_modules():
            if module.mortality > 1 and module.entry == "chronic":
                courses[module.name] = live_course(module, block, courses, WINDOW, 11)
        deaths += len(draw_deaths(block, courses, WINDOW, 11).person)
        age = 2021 - year_of(block.birth)
        expected += death_probability(2022)[block.sex - 1, age].sum()
    assert deaths == pytest.approx(expected, rel=0.16)


def test_the_life_table_gives_the_deaths_of_the_country():
    people = population(2022) * 100
    assert (people * death_probability(2022)[:, :101]).sum() == pytest.approx(673_190, rel=0.01)


def test_statuses_have_the_published_size():
    people = population(2017) * 100
    for number, published in ((8, 3_140_304), (30, 2_543_584), (23, 1_562_979), (5, 1_443_524)):
        assert (people * ald_prevalence(number)[:, :101]).sum() == pytest.approx(published, rel=0.05), number


def test_covid_deaths_follow_the_years():
    assert covid_share(2019) == 0
    assert covid_share(2021) > covid_share(2022) > covid_share(2023) > 0


def test_lines_follow_the_published_mix(base):
    """Codes above 2 % of ER_PRS_F: of the right order in a block of persons (use is very unequal between persons)."""
    rows = base.sql("SELECT PRS_NAT_REF, count(*) FROM ER_PRS_F WHERE CPL_AFF_COD <> 16 AND DPN_QLF = 0 GROUP BY 1")
    total = sum(count for _, count in rows)
    shares = {code: 100 * count / total for code, count in rows}
    for code, percent in calibration("prs_nat_ref_mix").items():
        if percent > 2:
            assert shares.get(int(code), 0) == pytest.approx(percent, rel=0.75), code


def test_nobody_is_treated_before_birth_or_the_window(base):
    first = base.sql("SELECT min(EXE_SOI_DTD) FROM ER_PRS_F WHERE CPL_AFF_COD = 0")[0][0]
    assert first.toordinal() >= day(2020, 9, 1) + 719_163
