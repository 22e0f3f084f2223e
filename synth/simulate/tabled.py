"""Modules made from parameter tables: hospital stays and medicines for reasons that no clinical module explains."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from synth.simulate.curves import AGES, Curve, shape, to_mean
from synth.simulate.modules import Care, Module, State, StayPlan, load_modules
from synth.simulate.tables import calibration, number_column, read_rows

FRANCE = 67_800_000
EVERYONE = np.ones((2, len(AGES)))


@cache
def other_stays() -> Module:
    """Hospital stays outside modules: one plan a row of `stay_mix.csv`."""
    plans, care = [], []
    for index, row in enumerate(read_rows("stay_mix")):
        day_share, by_day, full = float(row["day_share"]), 0.0, 0.0
        weights: dict[str, float] = {}
        for code, thousands in (pair.split(":") for pair in row["diagnoses"].split()):
            day, night = _scaled(code, float(thousands), day_share, row["ghm"].startswith("28Z"))
            weights[code] = day + night
            by_day, full = by_day + day, full + night
        name = f"row {index}"
        plans.append(
            StayPlan(
                name,
                row["ghm"],
                tuple(weights),
                das=("I10", "E119", "N183", "D649") if row["shape"] in ("old", "oldman", "veryold") else (),
                das_share=0.35,
                dp_weights=tuple(weights.values()),
                nights=max(float(row["nights"]), 0.0),
                day_share=by_day / (by_day + full),
                private=float(row["private"]),
                emergency=float(row["emergency"]),
                session=row["ghm"].startswith("28Z"),
            )
        )
        rate = shape(row["shape"]) * ((by_day + full) * float(row["thousands"]) / _listed(row) * 1000 / FRANCE)
        care.append(Care("stay", (name,), (1.0,), per_year=rate, ald=False))
    return Module(
        "other_stays",
        "Other hospital stays",
        "everyone",
        EVERYONE,
        states=(State("on"),),
        care=tuple(care),
        stays=tuple(plans),
    )


def _listed(row: Mapping[str, str]) -> float:
    """Thousands of stays of the diagnoses that a row lists."""
    return sum(float(pair.split(":")[1]) for pair in row["diagnoses"].split())


def _scaled(code: str, thousands: float, day_share: float, session: bool) -> tuple[float, float]:
    """Stays of today without a night and with nights, of a diagnosis of which so many thousands were counted."""
    scales = calibration("scales")
    frequent = code in calibration("published_diagnoses")
    grown = scales["sessions" if session else "frequent_day_stays" if frequent else "day_stays"]
    return thousands * day_share * grown, thousands * (1 - day_share) * scales["full_stays"]


@cache
def other_medicines() -> Module:
    """Medicines outside modules: boxes a thousand persons and year by ATC (`other_medicines.csv`), one care a shape
    and quantity.
    """
    groups: dict[tuple[str, int], dict[str, float]] = {}
    for row in read_rows("other_medicines"):
        groups.setdefault((row["shape"], int(row["quantity"])), {})[row["atc"]] = float(row["boxes"])
    care = []
    use = _use_by_age()
    for (name, quantity), boxes in sorted(groups.items()):
        total = sum(boxes.values())
        weights = tuple(boxes.values())
        rate = to_mean(shape(name) * use, total / 1000 / quantity)
        care.append(Care("drug", tuple(boxes), weights, per_year=rate, quantity=quantity, spread=0.9, ald=False))
    return Module("other_medicines", "Other medicines", "everyone", EVERYONE, states=(State("on"),), care=tuple(care))


def _use_by_age() -> Curve:
    """How much each age and sex uses medicines beyond the shapes (`medicine_use.csv`)."""
    ages = number_column("medicine_use", "age")
    return np.array([np.interp(AGES, ages, number_column("medicine_use", sex)) for sex in ("men", "women")])


def every_module() -> tuple[Module, ...]:
    """Clinical modules, then those made from tables."""
    return (*load_modules(), other_stays(), other_medicines())
