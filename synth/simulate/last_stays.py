"""The stay in which a person dies, for about half of deaths, with a group that fits the cause.

Published: 349 072 of 594 000 deaths of 2016 happened in a hospital (all fields, DREES); this simulator makes the
short-stay part of them.
"""

from __future__ import annotations

import numpy as np

from synth.core.seeds import rng
from synth.simulate.care import Admissions
from synth.simulate.conditions import Window
from synth.simulate.deaths import Deaths
from synth.simulate.modules import StayPlan

SHARE = 0.5
MEAN_NIGHTS = 11.0
LONG = 400.0  # longer than any stay: the death ends it
GROUPS = {
    "A": "18M07",
    "C": "17M06",
    "D": "17M06",
    "E": "10M16",
    "F": "01M07",
    "G": "01M08",
    "I": "05M09",
    "J": "04M05",
    "K": "07M04",
    "N": "11M06",
    "S": "08M26",
    "U": "04M05",
}
PALLIATIVE = StayPlan("palliative", "23Z02Z", ("Z515",), das=(), nights=LONG, unit="27", emergency=0.2, private=0.1)


def with_last_stays(admissions: Admissions, deaths: Deaths, window: Window, seed: int, block: int) -> Admissions:
    """The admissions, with those that end in a death; they replace what was planned for the same days."""
    stream = rng(seed, "last stays", block)
    n = len(deaths.person)
    chosen = np.flatnonzero(stream.uniform(n) < SHARE)
    nights = (-np.log(1 - stream.uniform(n)) * MEAN_NIGHTS + 1).astype(np.int64)[chosen]
    palliative = (stream.uniform(n) < 0.25)[chosen]
    letters = sorted(GROUPS)
    cause = deaths.cause[chosen]
    plans = [PALLIATIVE]
    index = np.zeros(len(chosen), dtype=np.int64)
    for letter in letters:
        for code in sorted({text for text in cause.tolist() if text.startswith(letter)}):
            plans.append(
                StayPlan(
                    "last",
                    GROUPS[letter],
                    (code,),
                    ("J960", "I10"),
                    nights=LONG,
                    unit="29",
                    emergency=0.6,
                    private=0.08,
                )
            )
            index[(cause == code) & ~palliative] = len(plans) - 1
    person = deaths.person[chosen]
    entry = np.maximum(deaths.when[chosen] - nights, window.start)
    before = np.ones(len(admissions.person), dtype=bool)
    for who, start in zip(person.tolist(), entry.tolist(), strict=True):
        before &= ~((admissions.person == who) & (admissions.day >= start - 3))
    joined = [
        np.concatenate([values[before], added])
        for values, added in (
            (admissions.person, person),
            (admissions.day, entry),
            (admissions.plan, index + len(admissions.plans)),
            (admissions.module, np.zeros(len(person), dtype=np.int64)),
        )
    ]
    order = np.lexsort((joined[1], joined[0]))
    who, day, plan, module = (values[order] for values in joined)
    return Admissions(who, day, plan, module, (*admissions.plans, *plans))
