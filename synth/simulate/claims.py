"""Claim forms: events of community care put on forms, with who performs, who prescribes and when it is settled.

Events of one person, day and group of lines make one form (DCT_ORD_NUM). A form is settled (FLX_TRT_DTD) some days
after the care: half within 8 days, 99 % within six months, none after 27 months (the quantiles are published, the
shape between them is an assumption); FLX_DIS_DTD is the first of the month that follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.care import Events
from synth.simulate.dates import month_start
from synth.simulate.identifiers import DOCTOR, professionals
from synth.simulate.persons import Persons
from synth.simulate.tables import number_column, text_column

FORMS_A_BLOCK = 1_000_000
LONGEST_DELAY = 800
SALARIED_SHARE = 0.2
OTHERS = np.array([0.02, 0.05, 0.11, 0.23, 0.47])  # where, in the local pool, those stand who are seen now and then
NO_NUMBER = 0
CLASSES = 1000  # more than any specialty
LOYAL_SHARE = 0.8  # of the forms of one's usual professional


@dataclass(frozen=True)
class LineKinds:
    """The care_lines table as parallel arrays."""

    nature: NDArray[np.int64]
    base: NDArray[np.float64]
    rate: NDArray[np.float64]
    activity: NDArray[np.int64]
    specialty: NDArray[np.int64]
    category: NDArray[np.int64]
    group: NDArray[np.int64]
    group_name: NDArray[np.str_]
    over: NDArray[np.float64]
    over_mean: NDArray[np.float64]
    flat: NDArray[np.int64]
    code: NDArray[np.str_]
    coefficient: NDArray[np.float64]
    visit: NDArray[np.bool_]
    hospital: NDArray[np.bool_]
    table: NDArray[np.str_]


@dataclass(frozen=True)
class Lines:
    """Lines of ER_PRS_F of a block, one entry a line, on top of the events they come from (`event` indexes them).

    `form` and `rank` are DCT_ORD_NUM and PRS_ORD_NUM; `settled` and `flux` FLX_TRT_DTD and FLX_DIS_DTD.
    """

    events: Events
    form: NDArray[np.int64]
    rank: NDArray[np.int64]
    settled: NDArray[np.int64]
    flux: NDArray[np.int64]
    performer: NDArray[np.int64]
    prescriber: NDArray[np.int64]
    prescriber_specialty: NDArray[np.int64]
    prescribed: NDArray[np.int64]


@cache
def line_table() -> LineKinds:
    """Kinds of lines, in the order of the parameter table."""
    groups = text_column("care_lines", "group")
    numbers = {
        name: number_column("care_lines", name)
        for name in ("nat", "base", "rate", "act", "spe", "cat", "over", "over_mean", "flat", "coef")
    }
    whole = {
        name: values.astype(np.int64)
        for name, values in numbers.items()
        if name in ("nat", "act", "spe", "cat", "flat")
    }
    return LineKinds(
        whole["nat"],
        numbers["base"],
        numbers["rate"],
        whole["act"],
        whole["spe"],
        whole["cat"],
        np.unique(groups, return_inverse=True)[1],
        groups,
        numbers["over"],
        numbers["over_mean"],
        whole["flat"],
        text_column("care_lines", "code"),
        numbers["coef"],
        np.isin(groups, ["doctor", "specialist", "imaging", "dentist"]),
        groups == "ace",
        _detail_tables(groups, whole["nat"], text_column("care_lines", "code")),
    )


def _detail_tables(groups: NDArray[np.str_], nature: NDArray[np.int64], codes: NDArray[np.str_]) -> NDArray[np.str_]:
    """Which detail table a kind of line has a row in: CAM, BIO, TIP, UCD or none (medicines are told by their drug)."""
    table = np.full(len(groups), "", dtype="U3")
    table[np.char.str_len(codes) == 7] = "CAM"
    table[nature == 3211] = "BIO"
    table[np.isin(groups, ["device", "optic"])] = "TIP"
    table[np.isin(groups, ["retro", "costly"])] = "UCD"
    return table


def make_lines(events: Events, persons: Persons, seed: int) -> Lines:
    """Forms and lines of a block's events."""
    kinds = line_table()
    group = kinds.group[events.kind]
    order = np.lexsort((events.drug, events.kind, group, events.day, events.person))
    events = Events(*(getattr(events, name)[order] for name in Events.__dataclass_fields__))
    group = group[order]
    fresh = np.ones(len(group), dtype=bool)
    fresh[1:] = (np.diff(events.person) != 0) | (np.diff(events.day) != 0) | (np.diff(group) != 0)
    number = np.cumsum(fresh) - 1
    first = np.flatnonzero(fresh)
    rank = np.arange(len(group)) - first[number] + 1
    stream = rng(seed, "forms", persons.block)
    delay = _delays(stream.uniform(len(first)))
    settled = events.day[first] + delay
    form = persons.block % 1000 * FORMS_A_BLOCK + np.arange(len(first)) + 1
    performer = _performers(events, first, persons, stream.uniform(len(first)), seed)
    prescriber, specialty, lag = _prescribers(
        events, first, persons, stream.uniform(len(first)), stream.uniform(len(first)), seed
    )
    visit = kinds.visit[events.kind[first]]
    prescribed = events.day[first] - np.where(visit, 0, lag)
    prescribed = np.maximum(prescribed, persons.birth[events.person[first]])
    return Lines(
        events,
        form[number],
        rank,
        settled[number],
        month_start(settled, 1)[number],
        performer[number],
        np.where(visit, NO_NUMBER, prescriber)[number],
        np.where(visit, 0, specialty)[number],
        prescribed[number],
    )


def _delays(uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Days from care to settlement by inversion of knots on the cumulative share of forms."""
    shares = [0.0, 0.1, 0.5, 0.8, 0.93, 0.98, 0.99, 1.0]
    days = [1, 3, 8, 25, 60, 120, 175, LONGEST_DELAY]
    return np.interp(uniform, shares, days).astype(np.int64)


def treating_doctor(persons: Persons, seed: int) -> NDArray[np.int64]:
    """Number of each person's own general practitioner; families share theirs."""
    pick = rng(seed, "treating doctor", persons.block).uniform(len(persons))
    pick = pick[persons.holder]
    return professionals(DOCTOR, persons.place, pick, specialty=1)


def _performers(
    events: Events, first: NDArray[np.int64], persons: Persons, uniform: NDArray[np.float64], seed: int
) -> NDArray[np.int64]:
    """Who performs each form: the treating doctor mostly, one's usual pharmacy, laboratory or nurse mostly, else
    another nearby.
    """
    kinds = line_table()
    kind, person = events.kind[first], events.person[first]
    number = np.full(len(first), NO_NUMBER, dtype=np.int64)
    gp = treating_doctor(persons, seed)
    classes, of_kind = np.unique(kinds.category * CLASSES + kinds.specialty, return_inverse=True)
    group = of_kind[kind]
    order = np.argsort(group.astype(np.int16), kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(classes) + 1))
    for place, (start, stop) in enumerate(pairwise(edges.tolist())):
        category, specialty = divmod(int(classes[place]), CLASSES)
        if start == stop or not category:
            continue
        mine = order[start:stop]
        usual = rng(seed, "usual", category, specialty, persons.block).uniform(len(persons))
        drawn, own = uniform[mine], usual[person[mine]]
        loyal = drawn < LOYAL_SHARE
        other = (own + OTHERS[(drawn * 5 * len(OTHERS)).astype(np.int64) % len(OTHERS)]) % 1
        found = professionals(category, persons.place[person[mine]], np.where(loyal, own, other), specialty)
        number[mine] = np.where(loyal, gp[person[mine]], found) if (category, specialty) == (DOCTOR, 1) else found
    return number


def _prescribers(
    events: Events,
    first: NDArray[np.int64],
    persons: Persons,
    who: NDArray[np.float64],
    lag: NDArray[np.float64],
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Prescriber, specialty and days since prescription: mostly the treating doctor; a fifth are salaried and have no
    number.
    """
    person = events.person[first]
    gp = treating_doctor(persons, seed)[person]
    specialty = np.where(who < 0.72, 1, np.where(who < 1 - SALARIED_SHARE, 3, 0))
    usual = rng(seed, "usual", DOCTOR, 3, persons.block).uniform(len(persons))
    other = professionals(DOCTOR, persons.place[person], usual[person], specialty=3)
    number = np.where(specialty == 1, gp, np.where(specialty == 3, other, NO_NUMBER))
    days = np.where(events.renewal[first], lag * 85, (lag**3) * 20).astype(np.int64)
    return number, specialty, days
