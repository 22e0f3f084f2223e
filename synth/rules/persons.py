"""Rules that tie tables to the person: birth, death, sex, residence, long-term diseases, causes of death."""

from __future__ import annotations

from synth.rules.rule import Rule, columns

_ID = columns("BEN_NIR_PSA BEN_RNG_GEM")
_PRS_BEN = "ER_PRS_F p JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM)"


def _joined(number: int, name: str, broken: str, prs: str, ben: str, why: str) -> Rule:
    needs = {"ER_PRS_F": (*_ID, *columns(prs)), "IR_BEN_R": (*_ID, *columns(ben))}
    return Rule(number, name, _PRS_BEN, broken, needs, columns("BEN_NIR_PSA"), why=why)


PERSONS = (
    _joined(
        4,
        "no care before birth",
        "year(D(p.EXE_SOI_DTD)) < N(b.BEN_NAI_ANN)",
        "EXE_SOI_DTD",
        "BEN_NAI_ANN",
        "care follows birth",
    ),
    _joined(
        4,
        "no care after death",
        "year(D(b.BEN_DCD_DTE)) > 1600 AND D(p.EXE_SOI_DTD) > D(b.BEN_DCD_DTE)",
        "EXE_SOI_DTD",
        "BEN_DCD_DTE",
        "care precedes death",
    ),
    _joined(54, "sex agrees", "N(p.BEN_SEX_COD) <> N(b.BEN_SEX_COD)", "BEN_SEX_COD", "BEN_SEX_COD", "one sex a person"),
    _joined(
        54,
        "birth year agrees",
        "N(p.BEN_NAI_ANN) <> N(b.BEN_NAI_ANN)",
        "BEN_NAI_ANN",
        "BEN_NAI_ANN",
        "one birth year a person",
    ),
    Rule(
        54,
        "departement agrees",
        _PRS_BEN,
        "S(p.BEN_RES_DPT) <> S(b.BEN_RES_DPT)",
        {"ER_PRS_F": (*_ID, "BEN_RES_DPT"), "IR_BEN_R": (*_ID, "BEN_RES_DPT")},
        columns("BEN_NIR_PSA"),
        "soft",
        0.15,
        "residence may move, rarely",
    ),
    Rule(
        9,
        "death after birth",
        "IR_BEN_R",
        "year(D(BEN_DCD_DTE)) > 1600 AND year(D(BEN_DCD_DTE)) < N(BEN_NAI_ANN)",
        {"IR_BEN_R": columns("BEN_DCD_DTE BEN_NAI_ANN")},
        columns("BEN_NIR_PSA"),
        why="nobody dies before birth",
    ),
    Rule(
        53,
        "month of death",
        "IR_BEN_R",
        "year(D(BEN_DCD_DTE)) > 1600 AND S(BEN_DCD_AME) <> strftime(D(BEN_DCD_DTE), '%Y%m')",
        {"IR_BEN_R": columns("BEN_DCD_DTE BEN_DCD_AME")},
        columns("BEN_NIR_PSA"),
        why="BEN_DCD_AME is the month of BEN_DCD_DTE",
    ),
    Rule(
        53,
        "dates of death agree",
        "KI_CCI_R k JOIN IR_BEN_R b USING (BEN_IDT_ANO)",
        "D(k.BEN_DCD_DTE) <> D(b.BEN_DCD_DTE)",
        {"KI_CCI_R": columns("BEN_IDT_ANO BEN_DCD_DTE"), "IR_BEN_R": columns("BEN_IDT_ANO BEN_DCD_DTE")},
        columns("BEN_IDT_ANO"),
        why="the certificate carries the date of IR_BEN_R",
    ),
    Rule(
        52,
        "causes belong to a certificate",
        "KI_ECD_R e LEFT JOIN KI_CCI_R k USING (DCD_IDT_ENC)",
        "k.DCD_IDT_ENC IS NULL",
        {"KI_ECD_R": columns("DCD_IDT_ENC"), "KI_CCI_R": columns("DCD_IDT_ENC")},
        why="every cause is of a known certificate",
    ),
    Rule(
        52,
        "lines of a certificate",
        "KI_ECD_R",
        "N(CER_LIG_NUM) NOT BETWEEN 1 AND 6",
        {"KI_ECD_R": columns("CER_LIG_NUM")},
        why="1 to 5 are the chain, 6 contributes",
    ),
    Rule(
        10,
        "statuses end after they start",
        "IR_IMB_R",
        "year(D(IMB_ALD_DTF)) > 1600 AND D(IMB_ALD_DTF) < D(IMB_ALD_DTD)",
        {"IR_IMB_R": columns("IMB_ALD_DTD IMB_ALD_DTF")},
        columns("BEN_NIR_PSA"),
        why="end >= start, 1600 and 2099 apart",
    ),
    Rule(
        48,
        "nature of a status",
        "IR_IMB_R",
        "N(IMB_ETM_NAT) NOT IN (41, 43, 45)",
        {"IR_IMB_R": columns("IMB_ETM_NAT")},
        columns("BEN_NIR_PSA"),
        "soft",
        0.2,
        "41, 43 and 45 are long-term diseases; others are accidents, illness at work or invalidity",
    ),
    Rule(
        50,
        "statuses have a number",
        "IR_IMB_R",
        "N(IMB_ALD_NUM) NOT BETWEEN 0 AND 32 AND N(IMB_ALD_NUM) NOT IN (88, 98, 99)",
        {"IR_IMB_R": columns("IMB_ALD_NUM")},
        columns("BEN_NIR_PSA"),
        why="1 to 32",
    ),
    Rule(
        16,
        "diagnoses of statuses",
        "IR_IMB_R",
        "S(MED_MTF_COD) LIKE '%.%' OR length(S(MED_MTF_COD)) > 6",
        {"IR_IMB_R": columns("MED_MTF_COD")},
        columns("BEN_NIR_PSA"),
        why="ICD-10 codes are written without a dot",
    ),
)
