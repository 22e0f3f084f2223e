"""Plans of care in the other fields of hospitals, as modules declare them: rehabilitation, home, psychiatry.

`synth/simulate/modules/FORMAT.md` explains the `sectors` section to a clinician.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synth.core.errors import UserError
from synth.simulate.curves import Curve, read_curve
from synth.simulate.tables import read_rows

REHABILITATION, HOME, PSYCHIATRY, OUTPATIENT = "ssr", "had", "psy", "cmp"
FIELDS = {REHABILITATION: "rehabilitation", HOME: "home care", PSYCHIATRY: "psychiatry", OUTPATIENT: "outpatient acts"}
FULL, DAY = "full", "day"
KEYS = frozenset(
    "field after before_death share min_nights wait days presence dp das das_share group goal acts compulsory".split()
)
EVERY_STAY = "any"
FULL_FORMS = ("01", "02", "03", "04", "05", "06", "07")
DAY_FORMS = ("20", "21", "23")
ACT_KINDS = ("E", "D", "G", "A", "R")  # talk, step, group, company, meeting


@dataclass(frozen=True, slots=True)
class SectorPlan:
    """A kind of care outside short stays (MCO). `field` is ssr, had, psy or cmp (psychiatric outpatient acts).

    It follows a stay whose principal diagnosis or GHM starts with one of `after` (for the `share` of them, `wait` days
    later on average, 0: the day of discharge), or comes before a death whose cause starts with one of `before_death`,
    or when a line of `care` says. `days` is its mean length; `presence` day means a few days a week.

    `group` is the GME root (ssr), the mode of care (had), the form of activity (psy) or the nature of the act (cmp);
    `goal` the purpose of care (ssr) or the associated mode (had); `acts` CSARR codes (ssr). Without `dp` the diagnosis
    is that of the stay, or the cause of death. `compulsory` is the share of psychiatric stays without consent.
    """

    name: str
    field: str
    group: str
    after: tuple[str, ...] = ()
    before_death: tuple[str, ...] = ()
    share: Curve | None = None
    min_nights: int = 0
    wait: float = 0.0
    days: float = 30.0
    presence: str = FULL
    dp: tuple[str, ...] = ()
    dp_weights: tuple[float, ...] = ()
    das: tuple[str, ...] = ()
    das_share: float = 0.4
    goal: str = ""
    acts: tuple[str, ...] = ()
    compulsory: float = 0.0


def read_sectors(document: Mapping[str, Any]) -> tuple[SectorPlan, ...]:
    """Plans of the `sectors` section of a module. Raises UserError for an unknown field, key or presence."""
    return tuple(_plan(str(name), spec) for name, spec in (document.get("sectors") or {}).items())


def _plan(name: str, spec: Mapping[str, Any]) -> SectorPlan:
    if spec.get("field") not in FIELDS:
        raise UserError(f"sector {name}: unknown field", remedy=f"use one of {', '.join(FIELDS)}")
    unknown = sorted(set(spec) - KEYS)
    if unknown:
        raise UserError(f"sector {name}: unknown key {unknown[0]}", remedy=f"use {', '.join(sorted(KEYS))}")
    if spec.get("presence", FULL) not in (FULL, DAY):
        raise UserError(f"sector {name}: unknown presence", remedy=f"use {FULL} or {DAY}")
    group = str(spec["group"])
    if group not in _groups(spec["field"], spec.get("presence", FULL)):
        raise UserError(f"sector {name}: unknown group {group}", remedy="see FORMAT.md for those of each field")
    if spec["field"] == HOME and str(spec.get("goal", "00")) not in ("00", *_groups(HOME, FULL)):
        raise UserError(f"sector {name}: unknown goal", remedy="use 00 or a mode of parameters/had_modes.csv")
    dp = spec.get("dp", [])
    weights = {str(key): float(value) for key, value in dp.items()} if isinstance(dp, Mapping) else {}
    return SectorPlan(
        name=name,
        field=spec["field"],
        group=group,
        after=_codes(spec.get("after", [])),
        before_death=_codes(spec.get("before_death", [])),
        share=read_curve(spec["share"], f"sector {name}: share") if "share" in spec else None,
        min_nights=int(spec.get("min_nights", 0)),
        wait=float(spec.get("wait", 0.0)),
        days=float(spec.get("days", 30.0)),
        presence=str(spec.get("presence", FULL)),
        dp=tuple(weights) if weights else _codes(dp),
        dp_weights=tuple(weights.values()),
        das=_codes(spec.get("das", [])),
        das_share=float(spec.get("das_share", 0.4)),
        goal=str(spec.get("goal", "")),
        acts=_codes(spec.get("acts", [])),
        compulsory=float(spec.get("compulsory", 0.0)),
    )


def _groups(field: str, presence: str) -> tuple[str, ...]:
    """Groups that a plan of a field may name."""
    if field == REHABILITATION:
        return tuple(row["root"] for row in read_rows("gme"))
    if field == HOME:
        return tuple(row["mode"] for row in read_rows("had_modes"))
    if field == PSYCHIATRY:
        return DAY_FORMS if presence == DAY else FULL_FORMS
    return ACT_KINDS


def _codes(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, str | int) else tuple(str(item) for item in value)
