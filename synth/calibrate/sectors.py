"""Figures about the other fields of hospitals: rehabilitation (SSR), home care (HAD), psychiatry (RIM-P)."""

from __future__ import annotations

from collections.abc import Callable

from synth.calibrate.base import PERSON, Base, Needs
from synth.calibrate.figure import Figure, Kind
from synth.calibrate.measure import Measure, published

GROUP = "other fields"
STAYS = 0.1  # bound on numbers of stays; persons and days are shown
FULL_TIME = "S(FOR_ACT) BETWEEN '01' AND '07'"


def _rate(
    name: str, figure: str, query: str, bound: float = 0.0, among: str | None = None
) -> Callable[[Base], list[Figure]]:
    """A count a thousand persons and year beside the published one; `among` counts the persons who share the events."""

    def compute(base: Base) -> list[Figure]:
        n = int(base.number(query))
        told = published(figure)
        value = 1000 * n / base.person_years if base.person_years else None
        kind: Kind = "within" if bound else "none"
        of = None if among is None else int(base.number(among))
        source, year = told.source, told.year
        return [
            Figure(GROUP, name, 1000 * told.per_person, value, kind, bound, n, source, year, "‰ a year", persons=of)
        ]

    return compute


def _stays(about: str, figure: str, table: str) -> Measure:
    """Stays of one field: a few persons come again and again, so that chance is a matter of persons."""
    query, among = f"SELECT count(*) FROM {table}", f"SELECT count(DISTINCT NIR_ANO_17) FROM {table}"
    return Measure(GROUP, about, {**PERSON, table: ("NIR_ANO_17",)}, _rate(about, figure, query, STAYS, among))


def _measure(about: str, figure: str, query: str, needs: Needs) -> Measure:
    return Measure(GROUP, about, {**PERSON, **needs}, _rate(about, figure, query))


def _persons(table: str, where: str = "") -> str:
    return f"SELECT count(*) FROM (SELECT DISTINCT FILE_YEAR, NIR_ANO_17 FROM {table} {where})"


_RIP = ("ETA_NUM_EPMSI", "RIP_NUM")
_FULL = f"""SEMI JOIN (SELECT FILE_YEAR, ETA_NUM_EPMSI, RIP_NUM FROM T_RIPaaRSA WHERE {FULL_TIME})
    USING (FILE_YEAR, ETA_NUM_EPMSI, RIP_NUM)"""

SECTORS: tuple[Measure, ...] = (
    _stays("stays in rehabilitation", "ssr_stays", "T_SSRaaC"),
    _measure("persons in rehabilitation", "ssr_patients", _persons("T_SSRaaC"), {"T_SSRaaC": ("NIR_ANO_17",)}),
    _stays("stays in home care", "had_stays", "T_HADaaC"),
    _measure("persons in home care", "had_patients", _persons("T_HADaaC"), {"T_HADaaC": ("NIR_ANO_17",)}),
    _stays("stays in psychiatry", "psy_stays", "T_RIPaaC"),
    _measure("persons in psychiatry", "psy_patients", _persons("T_RIPaaC"), {"T_RIPaaC": ("NIR_ANO_17",)}),
    _measure(
        "persons in psychiatry, full time",
        "psy_full_patients",
        _persons("T_RIPaaC", _FULL),
        {"T_RIPaaC": (*_RIP, "NIR_ANO_17"), "T_RIPaaRSA": (*_RIP, "FOR_ACT")},
    ),
    _measure(
        "days in psychiatry, full time",
        "psy_full_days",
        f"SELECT coalesce(sum(N(PRE_JOU_NBJ)), 0) FROM T_RIPaaRSA WHERE {FULL_TIME}",
        {"T_RIPaaRSA": ("FOR_ACT", "PRE_JOU_NBJ")},
    ),
    _measure(
        "outpatient acts of psychiatry",
        "psy_acts",
        "SELECT count(*) FROM T_RIPaaR3A",
        {"T_RIPaaR3A": ("IPP_IRR_CRY",)},
    ),
    _measure("outpatients of psychiatry", "psy_outpatients", _persons("T_RIPaaCSTC"), {"T_RIPaaCSTC": ("NIR_ANO_17",)}),
)
