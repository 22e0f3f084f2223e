"""Clinical modules: conditions and pathways declared in YAML, read into plain dataclasses.

`synth/simulate/modules/FORMAT.md` explains the format to a clinician; every file of that folder is one module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.simulate.curves import Curve, read_curve
from synth.simulate.sectors import SectorPlan, read_sectors
from synth.simulate.tables import calibration

MODULES = Path(__file__).parent / "modules"
SECTOR = "sector"  # care in another field of hospitals: see `sectors`
ENTRIES = ("chronic", "episode", "everyone")
FACTORS = ("none", "metabolic", "tobacco", "mind", "frailty")


@dataclass(frozen=True, slots=True)
class State:
    """One state of a condition: how long it lasts (mean `years`, exponential, or exact `days`; neither: for good)."""

    name: str
    years: float | None = None
    days: float | None = None


@dataclass(frozen=True, slots=True)
class Care:
    """One kind of care in some states of a condition: what it is, who gets it, when and how often.

    `kind` is drug, line, stay or sector, `refs` the codes it may be, with `weights`. `share` of the persons
    concerned get it. Timing is one of `every` days (drugs follow the person's own day of the month), `per_year`
    occurrences at random, or `at` days after the state begins (then `times` occurrences, `gap` days apart).
    """

    kind: str
    refs: tuple[str, ...]
    weights: tuple[float, ...]
    states: tuple[str, ...] = ()
    share: float = 1.0
    every: float | None = None
    per_year: Curve | None = None
    at: float | None = None
    within: float = 0.0
    times: int = 1
    gap: float = 1.0
    adherence: float = 1.0
    quantity: int = 1
    spread: float = 0.0
    min_age: int = 0
    max_age: int = 200
    sex: int = 0
    season: bool = False
    ald: bool = True
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class StayPlan:
    """A kind of hospital stay: GHM (`root` of 5 characters and `level`), diagnoses, acts, nights and unit type.

    `costly` are the medicines paid beside the stay's tariff, by ATC code, with the share of persons who get each.
    """

    name: str
    ghm: str
    dp: tuple[str, ...]
    das: tuple[str, ...] = ()
    das_share: float = 0.4
    dp_weights: tuple[float, ...] = ()
    day_share: float = 0.0
    dr: str | None = None
    nights: float = 0.0
    acts: tuple[str, ...] = ()
    unit: str = "53"
    emergency: float = 0.0
    private: float = 0.35
    session: bool = False
    costly: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ald:
    """The long-term disease status a condition opens."""

    number: int
    cim: tuple[str, ...]
    share: float = 1.0
    delay: float = 60.0
    years: float = 10.0
    nature: int = 41


@dataclass(frozen=True, slots=True)
class Module:
    """A condition or pathway: who enters it, its states, the care it brings, the status and the risk of death."""

    name: str
    title: str
    entry: str
    curve: Curve
    incidence: Curve | None = None
    duration: float = 10.0
    factor: str = "none"
    loading: float = 0.0
    season: bool = False
    multiply: Mapping[str, float] = field(default_factory=dict)
    states: tuple[State, ...] = ()
    care: tuple[Care, ...] = ()
    stays: tuple[StayPlan, ...] = ()
    sectors: tuple[SectorPlan, ...] = ()
    ald: Ald | None = None
    mortality: float = 1.0
    causes: Mapping[str, float] = field(default_factory=dict)


@cache
def load_modules() -> tuple[Module, ...]:
    """Every module of the package: chronic conditions first, then episodes, then what concerns everyone; by name."""
    found = [read_module(path) for path in sorted(MODULES.glob("*.yaml"))]
    return tuple(sorted(found, key=lambda module: (ENTRIES.index(module.entry), module.name)))


def read_module(path: Path) -> Module:
    """One module from its file. Raises UserError that names the file and the faulty part."""
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        raise UserError("not valid YAML", file=path, remedy="check indentation and quotes") from None
    try:
        return _module(document, path.stem)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"incomplete module ({error})", file=path, remedy="see FORMAT.md beside it") from None
    except UserError as error:
        raise UserError(error.problem, file=path, remedy=error.remedy) from None


def _module(document: Mapping[str, Any], name: str) -> Module:
    entry = document["entry"]
    kind = entry["kind"]
    if kind not in ENTRIES:
        raise UserError("unknown kind of entry", remedy=f"use one of {', '.join(ENTRIES)}")
    if entry.get("factor", "none") not in FACTORS:
        raise UserError("unknown factor", remedy=f"use one of {', '.join(FACTORS)}")
    main = {"chronic": "prevalence", "episode": "rate"}.get(kind)
    stays = tuple(_stay(key, spec) for key, spec in document.get("stays", {}).items())
    sectors = read_sectors(document)
    death = document.get("mortality", {})
    return Module(
        name=name,
        title=document["title"],
        entry=kind,
        curve=read_curve(entry[main] if main else 1.0, "entry"),
        incidence=read_curve(entry["incidence"], "incidence") if "incidence" in entry else None,
        duration=float(entry.get("duration", 10.0)),
        factor=entry.get("factor", "none"),
        loading=float(entry.get("loading", 0.0)),
        season=bool(entry.get("season", False)),
        multiply={str(key): float(value) for key, value in entry.get("multiply", {}).items()},
        states=tuple(_state(spec) for spec in document.get("states", [{"name": "on"}])),
        care=tuple(
            _care(spec, {stay.name for stay in stays}, {plan.name for plan in sectors})
            for spec in document.get("care") or []
        ),
        stays=stays,
        sectors=sectors,
        ald=_ald(document["ald"]) if "ald" in document else None,
        mortality=float(death.get("ratio", 1.0)),
        causes={str(key): float(value) for key, value in death.get("causes", {}).items()},
    )


def _state(spec: Mapping[str, Any]) -> State:
    years, days = spec.get("years"), spec.get("days")
    return State(str(spec["name"]), None if years is None else float(years), None if days is None else float(days))


def _ald(spec: Mapping[str, Any]) -> Ald:
    codes = tuple(str(code) for code in spec["cim"])
    values = {key: float(spec[key]) for key in ("share", "delay", "years") if key in spec}
    return Ald(int(spec["number"]), codes, nature=int(spec.get("nature", 41)), **values)


def _stay(name: str, spec: Mapping[str, Any]) -> StayPlan:
    weights = _weighted(spec["dp"])
    return StayPlan(
        name=name,
        ghm=str(spec["ghm"]),
        dp=tuple(weights) if weights else _texts(spec["dp"]),
        dp_weights=tuple(weights.values()),
        das=_texts(spec.get("das", [])),
        das_share=float(spec.get("das_share", 0.4)),
        dr=spec.get("dr"),
        nights=float(spec.get("nights", 0.0)),
        acts=_texts(spec.get("acts", [])),
        unit=str(spec.get("unit", "53")),
        emergency=float(spec.get("emergency", 0.0)),
        private=float(spec.get("private", 0.35)),
        session=bool(spec.get("session", False)),
        costly={str(key): float(value) for key, value in spec.get("costly", {}).items()},
    )


def _texts(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, str | int) else tuple(str(item) for item in value)


def _weighted(what: Any) -> dict[str, float]:
    """Codes with their weights; `{table: NAME, prefix: P}` takes a parameter table's rows whose code starts with P."""
    if not isinstance(what, Mapping):
        return {}
    if "table" not in what:
        return {str(key): float(value) for key, value in what.items()}
    prefix = str(what.get("prefix", ""))
    return {
        code: weight for code, weight in calibration(what["table"]).items() if code.startswith(prefix) and weight > 0
    }


def _care(spec: Mapping[str, Any], stays: set[str], sectors: set[str]) -> Care:
    kind = next((name for name in ("drug", "line", "stay", SECTOR) if name in spec), None)
    if kind is None:
        raise UserError("care without drug, line, stay or sector", remedy="name one of them")
    what = spec[kind]
    weighted = _weighted(what)
    refs = tuple(weighted) if weighted else _texts(what)
    if kind == "stay" and not set(refs) <= stays:
        raise UserError("care names a stay that the module does not describe", remedy="add it under stays")
    if kind == SECTOR and not set(refs) <= sectors:
        raise UserError("care names a sector that the module does not describe", remedy="add it under sectors")
    states = spec.get("state", ())
    return Care(
        kind=kind,
        refs=refs,
        weights=tuple(weighted.values()) if weighted else (1.0,) * len(refs),
        states=_texts(states) if states else (),
        share=float(spec.get("share", 1.0)),
        every=float(spec["every"]) if "every" in spec else None,
        per_year=read_curve(spec["per_year"], "per_year") if "per_year" in spec else None,
        at=float(spec["at"]) if "at" in spec else None,
        within=float(spec.get("within", 0.0)),
        times=int(spec.get("times", 1)),
        gap=float(spec.get("gap", 1.0)),
        adherence=float(spec.get("adherence", 1.0)),
        quantity=int(spec.get("quantity", 1)),
        spread=float(spec.get("spread", 0.0)),
        min_age=int(spec.get("min_age", 0)),
        max_age=int(spec.get("max_age", 200)),
        sex={"M": 1, "F": 2}.get(str(spec.get("sex", "")), 0),
        season=bool(spec.get("season", False)),
        ald=bool(spec.get("ald", True)),
        monthly=bool(spec.get("monthly", False)),
    )
