"""Rehabilitation, home care and psychiatry: coherent with the short stays, with each other and from year to year."""

from __future__ import annotations

import pytest

from synth.core.errors import UserError
from synth.simulate.block import simulate_block
from synth.simulate.catalog import simulated_catalog
from synth.simulate.conditions import Window
from synth.simulate.emit import rehabilitation
from synth.simulate.modules import load_modules, read_module
from synth.simulate.sectors import read_sectors
from tests.unit.simulate.conftest import Base, make_base

YEARS = (21, 22, 23)


@pytest.fixture(scope="module")
def fields() -> Base:
    """Hospital tables of three years, and the persons."""
    return make_base(2000, (2021, 2023), 3, tables="pmsi,IR_BEN_R")


def every_year(pattern: str) -> str:
    """The tables of every year, with the year of the file."""
    parts = [f"SELECT *, {2000 + y} AS y FROM {pattern.replace('aa', str(y))}" for y in YEARS]
    return "(" + " UNION ALL BY NAME ".join(parts) + ")"


def stays_of(field: str, key: str) -> str:
    """Stays of a field with their dates and modes."""
    c, s = every_year(f"T_{field}aaC"), every_year(f"T_{field}aaS")
    return f"""(SELECT c.y, NIR_ANO_17 AS who, EXE_SOI_DTD AS entry, EXE_SOI_DTF AS leave, s.ENT_MOD, s.ENT_PRV,
        s.SOR_MOD, s.SOR_DES FROM {c} c JOIN {s} s USING (y, {key}))"""


KEYS = {"SSR": "ETA_NUM, RHA_NUM", "HAD": "ETA_NUM_EPMSI, RHAD_NUM", "RIP": "ETA_NUM_EPMSI, RIP_NUM"}


@pytest.mark.parametrize("field", ["SSR", "HAD", "RIP"])
def test_each_field_has_stays_every_year(fields, field):
    for year in YEARS:
        assert fields.count(f"SELECT count(*) FROM T_{field}{year}S") > 0


def test_who_is_transferred_arrives_the_day_of_discharge(fields):
    short = f"""(SELECT NIR_ANO_17 AS who, EXE_SOI_DTF AS leave, SOR_DES FROM {every_year("T_MCOaaB")} b
        JOIN {every_year("T_MCOaaC")} c USING (y, ETA_NUM, RSA_NUM) WHERE SOR_MOD = '7')"""
    sent = fields.count(f"SELECT count(*) FROM {short} WHERE SOR_DES = '2'")
    arrived = fields.count(
        f"SELECT count(DISTINCT (m.who, m.leave)) FROM {short} m JOIN {stays_of('SSR', KEYS['SSR'])} s"
        " ON s.who = m.who AND s.entry = m.leave AND s.ENT_MOD = '7' AND s.ENT_PRV = '1' WHERE m.SOR_DES = '2'"
    )
    assert sent > 20
    assert arrived == sent


def test_nobody_lies_in_two_beds(fields):
    beds = f"""(SELECT NIR_ANO_17 AS who, EXE_SOI_DTD AS a, EXE_SOI_DTF AS z FROM {every_year("T_MCOaaC")}
        WHERE EXE_SOI_DTF > EXE_SOI_DTD
        UNION SELECT NIR_ANO_17, EXE_SOI_DTD, coalesce(EXE_SOI_DTF, DATE '2024-01-01') FROM {every_year("T_SSRaaC")} c
        JOIN {every_year("T_SSRaaS")} USING (y, {KEYS["SSR"]}) WHERE ACT_TYP = '1' AND EXE_SOI_DTF IS NOT NULL
        UNION SELECT NIR_ANO_17, EXE_SOI_DTD, EXE_SOI_DTF FROM {every_year("T_RIPaaC")} c
        JOIN {every_year("T_RIPaaS")} USING (y, {KEYS["RIP"]}) WHERE HOS_TYP = '1' AND EXE_SOI_DTF IS NOT NULL)"""
    assert fields.count(f"SELECT count(*) FROM {beds}") > 500
    overlap = f"SELECT count(*) FROM {beds} p JOIN {beds} q ON p.who = q.who AND p.a < q.a AND q.a < p.z"
    assert fields.count(overlap) == 0


def test_a_stay_open_at_the_end_of_the_year_goes_on_under_another_number(fields):
    c21 = "(SELECT * FROM T_SSR21C WHERE EXE_SOI_DTF IS NULL)"
    open_stays = fields.count(f"SELECT count(*) FROM {c21}")
    assert open_stays > 0
    again = f"{c21} a JOIN T_SSR22C b ON a.NIR_ANO_17 = b.NIR_ANO_17 AND a.EXE_SOI_DTD = b.EXE_SOI_DTD"
    assert fields.count(f"SELECT count(*) FROM {again}") == open_stays
    repeated = fields.count(
        f"SELECT count(*) FROM {again} JOIN T_SSR22B w ON w.ETA_NUM = b.ETA_NUM AND w.RHA_NUM = b.RHA_NUM"
        " WHERE right(w.MOI_ANN, 4) = '2021'"
    )
    assert repeated == fields.count(
        f"SELECT count(*) FROM {c21} a JOIN T_SSR21B w USING (ETA_NUM, RHA_NUM) WHERE right(w.MOI_ANN, 4) = '2021'"
    )


def test_weeks_tell_the_days_of_full_stays(fields):
    days = """SELECT count(*) FROM (SELECT ETA_NUM, RHA_NUM, any_value(SEJ_NBJ) AS told,
        sum(length(replace(JP_HWE || JP_WE, '0', ''))) AS found FROM T_SSR22S JOIN T_SSR22B USING (ETA_NUM, RHA_NUM)
        WHERE ACT_TYP = '1' AND SUI_TYP = '1' GROUP BY ALL)"""
    assert fields.count(days) > 10
    assert fields.count(f"{days} WHERE told <> found") == 0


def test_sub_sequences_follow_each_other(fields):
    wrong = fields.count(
        """SELECT count(*) FROM (SELECT SEQ_SEJ_NBJ + SSEQ_SEQ_NBJ AS start, SSEQ_NBJ, lead(SEQ_SEJ_NBJ + SSEQ_SEQ_NBJ)
        OVER (PARTITION BY ETA_NUM_EPMSI, RHAD_NUM ORDER BY SEQ_NUM, SSEQ_NUM) AS next FROM T_HAD22B)
        WHERE next <> start + SSEQ_NBJ"""
    )
    assert wrong == 0


def test_sequences_end_with_quarters_then_with_months(fields):
    for year, months in ((22, 3), (23, 1)):
        longest = fields.count(f"SELECT max(SEQ_COU_NBJ) FROM T_RIP{year}RSA")
        assert 0 < longest <= months * 31
    assert fields.count("SELECT max(SEQ_COU_NBJ) FROM T_RIP22RSA") > 31


def test_outpatient_acts_lead_to_persons(fields):
    acts = fields.count("SELECT count(*) FROM T_RIP22R3A")
    linked = fields.count(
        "SELECT count(*) FROM T_RIP22R3A a JOIN T_RIP22CSTC c USING (ETA_NUM_EPMSI, IPP_IRR_CRY)"
        " JOIN IR_BEN_R b ON b.BEN_NIR_PSA = c.NIR_ANO_17 WHERE b.BEN_SEX_COD = a.COD_SEX"
    )
    assert acts == linked > 100


def test_palliative_care_at_home_ends_in_death(fields):
    palliative = f"""(SELECT DISTINCT b.y, ETA_NUM_EPMSI, RHAD_NUM, SOR_MOD FROM {every_year("T_HADaaB")} b
        WHERE PEC_PAL = '04' AND SEJ_NBJ IS NOT NULL)"""
    assert fields.count(f"SELECT count(*) FROM {palliative}") > 0
    assert fields.count(f"SELECT count(*) FROM {palliative} WHERE SOR_MOD NOT IN ('9', '7')") == 0


def test_no_community_care_from_a_rehabilitation_bed():
    block = simulate_block(3, 0, Window(2021, 2022), 1000)
    episodes, lines = block.episodes, block.lines.events
    full = [row for row in episodes.of("ssr").tolist() if episodes.plans[episodes.plan[row]].presence == "full"]
    assert len(full) > 5
    for row in full:
        inside = (lines.person == episodes.person[row]) & (lines.stay < 0)
        inside &= (lines.day > episodes.entry[row]) & (lines.day < episodes.exit[row])
        assert not inside.any()


def test_the_first_stays_do_not_depend_on_how_many_persons_there_are():
    few = make_base(1000, (2022, 2022), 4, tables="T_SSRaaB,T_HADaaB,T_RIPaaRSA,T_MCOaaVALO")
    more = make_base(1600, (2022, 2022), 4, tables="T_SSRaaB,T_HADaaB,T_RIPaaRSA,T_MCOaaVALO")
    for name in few.tables:
        n = few.tables[name].num_rows
        assert n > 0
        assert more.tables[name].slice(0, n).equals(few.tables[name])


def test_groups_of_tables():
    core = simulated_catalog("core", (2022, 2022)).table_names
    assert "T_SSR22B" not in core
    pmsi = set(simulated_catalog("pmsi", (2019, 2020)).table_names)
    assert {"T_SSR19B", "T_HAD20B", "T_RIP20CSTC", "T_MCO19B", "T_MCO20VALO"} <= pmsi
    assert "T_RIP19CSTC" not in pmsi  # the table begins in 2020
    everything = set(simulated_catalog("all", (2022, 2022)).table_names)
    assert everything >= set(core) | set(simulated_catalog("pmsi", (2022, 2022)).table_names)
    mixed = simulated_catalog("T_SSRaaB,core", (2022, 2022)).table_names
    assert set(mixed) == {*core, "T_SSR22B"}


@pytest.mark.parametrize(
    "plan",
    [
        {"field": "spa", "group": "0147"},
        {"field": "ssr", "group": "9999"},
        {"field": "had", "group": "04", "goal": "99"},
        {"field": "psy", "group": "20"},
        {"field": "cmp", "group": "Z"},
        {"field": "ssr", "group": "0147", "nights": 4},
        {"field": "ssr", "group": "0147", "presence": "night"},
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan):
    with pytest.raises(UserError):
        read_sectors({"sectors": {"rehabilitation": plan}})


def test_plans_name_known_groups_and_sessions():
    codes = rehabilitation.group_codes()
    for module in load_modules():
        for plan in module.sectors:
            if plan.field == "ssr":
                assert any(code.endswith("0") == (plan.presence == "day") for code in codes[plan.group])
            assert plan.after or plan.before_death or any(plan.name in care.refs for care in module.care)


MODULE = """
title: A pathway with rehabilitation
entry: {kind: everyone}
stays:
  operation: {ghm: 08C48, dp: [M161], nights: 5}
sectors:
  rehabilitation: {field: ssr, after: [M161], share: 1.0, days: 20, group: "0840", goal: Z501, acts: [NKR+117]}
  day_care: {field: ssr, presence: day, days: 30, group: "0840", dp: {M161: 2, M169: 1}}
care:
  - {stay: operation, per_year: 0.05}
  - {sector: %s, per_year: 0.01}
"""


def test_a_module_file_declares_care_in_other_fields(tmp_path):
    (tmp_path / "pathway.yaml").write_text(MODULE % "day_care", encoding="utf-8")
    module = read_module(tmp_path / "pathway.yaml")
    assert [(plan.name, plan.field, plan.presence) for plan in module.sectors] == [
        ("rehabilitation", "ssr", "full"),
        ("day_care", "ssr", "day"),
    ]
    assert module.care[1].refs == ("day_care",)
    (tmp_path / "pathway.yaml").write_text(MODULE % "spa", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_module(tmp_path / "pathway.yaml")
    assert "pathway.yaml" in str(caught.value)


def test_who_is_interrupted_comes_back():
    block = simulate_block(3, 0, Window(2021, 2023), 1000)
    episodes = block.episodes
    rows = episodes.of("ssr").tolist()
    left = [row for row in rows if episodes.exit_mode[row] == 7]
    assert left
    back = [
        row
        for row in left
        if any(
            episodes.person[one] == episodes.person[row] and episodes.entry[one] > episodes.exit[row] for one in rows
        )
    ]
    assert back
