"""The analyses that a publisher declares, as frozen dataclasses; `reading` makes them from plain YAML or JSON data.

A column is written `table.column`, or `column` alone in the person table. SNDS tables may be named by their pattern:
`T_MCOaaB.DGN_PAL` is that column in the tables of every year.
"""

from __future__ import annotations

from dataclasses import dataclass

AGE_BANDS = (20.0, 40.0, 60.0, 80.0)  # years: 0-19, 20-39, 40-59, 60-79, 80 and over


@dataclass(frozen=True, slots=True)
class Survival:
    """Time to event. Either `time` (a duration) or `end` (a date, or nothing) counted from `start`.

    `event` holds what happened: values in `occurred` are the event (none given: see `find_analyses`); `causes` names
    groups of values that compete. With dates and no `event`, an `end` inside the window is the event. `start` and
    `close` are columns or ISO dates; the window of the tables stands in for them. `covariates` enter a Cox model.
    """

    name: str
    time: str | None = None
    start: str | None = None
    end: str | None = None
    close: str | None = None
    event: str | None = None
    occurred: tuple[str, ...] = ()
    causes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    covariates: tuple[str, ...] = ()
    declared: bool = True


@dataclass(frozen=True, slots=True)
class Lookup:
    """A referential that turns a code into another: `to` of the row of `table` whose column `key` holds the code."""

    table: str
    key: str
    to: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of persons: rows of `column` whose value is in `values` or begins with one of `prefixes`.

    With neither, any value counts. `date` dates it; `weight` is its part in a comorbidity index.
    """

    name: str
    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    date: str | None = None
    weight: int = 1
    group: str = ""
    lookup: Lookup | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount, summed by person."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pathway:
    """Events of persons in order of time: the values of `column`, cut to `length` characters when it is given."""

    name: str
    columns: tuple[str, ...]
    date: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A prediction: `target`, a person's value, from `features` (columns of any table; none given: all others)."""

    target: str
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Population:
    """What strata are made of: a column with the sex, and one with the age in years or with the birth."""

    sex: str | None = None
    age: str | None = None
    birth: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """First and last day (ISO) that the tables cover."""

    start: str
    close: str


@dataclass(frozen=True, slots=True)
class Analyses:
    """All that is to be analysed. `origin` says where it comes from, for those who read the scores."""

    survival: tuple[Survival, ...] = ()
    conditions: tuple[Condition, ...] = ()
    costs: tuple[Cost, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    tasks: tuple[Task, ...] = ()
    population: Population | None = None
    window: Window | None = None
    origin: str = "nothing"
