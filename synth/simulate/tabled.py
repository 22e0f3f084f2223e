"""Modules made from parameter tables: hospital stays and medicines for reasons that no clinical module explains."""

from __future__ import annotations

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
    scales = calibration("scales")
    for index, row in enumerate(read_rows("stay_mix")):
        codes = [pair.split(":") for pair in row["diagnoses"].split()]
        name = f"row {index}"
        day_share = float(row["day_share"])
        by_day, full = day_share * scales["day_stays"], (1 - day_share) * scales["full_stays"]
        plans.append(
            StayPlan(
                name,
                row["ghm"],
                tuple(code for code, _ in codes),
                das=("I10", "E119", "N183", "D649") if row["shape"] in ("old", "oldman", "veryold") else (),
                das_share=0.35,
                dp_weights=tuple(float(weight) for _, weight in codes),
                nights=max(float(row["nights"]), 0.0),
                day_share=by_day / (by_day + full),
                private=float(row["private"]),
                emergency=float(row["emergency"]),
                session=row["ghm"].startswith("28Z"),
            )
        )
        rate = shape(row["shape"]) * (float(row["thousands"]) * 1000 / FRANCE * (by_day + full))
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
