"""Which analyses apply: those declared, else those known for the SNDS, else those that column names give away.

Each section is taken whole from the first of the three that has it:

1. declared: the plan (`synth score --analyses FILE`, `score.analyses` in a recipe), else `synth:analyses` in the
   catalog;
2. known: when the person table is IR_BEN_R, `schemas/analyses/snds.yaml`, as far as its columns are there;
3. found by name, in the person table: a duration (`time`, `futime`, `fu_days`, `delai...`, `suivi`) with an event
   (`status`, `event`, `death`, `deces`...); sex and age; and amounts (`cost`, `amount`, `montant`, `..._MNT`) anywhere.
   Conditions, pathways and tasks cannot be found by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from synth.core.catalog import Catalog, Column, Table
from synth.core.errors import UserError
from synth.core.joins import person_paths
from synth.core.resources import schemas_root
from synth.metrics.analyses.columns import above, places
from synth.metrics.analyses.model import Analyses, Condition, Cost, Pathway, Population, Survival, Window
from synth.metrics.analyses.reading import analyses_from

_TIME = re.compile(
    r"(fu|follow.?up|surv\w*|stop|death|os)?_?(time|days|months|years)|futime|delai\w*|suivi", re.IGNORECASE
)
_EVENT = re.compile(r"status|event|dead|death|died|dc|deces|d[ée]c[èe]s\w*|hospdead|outcome", re.IGNORECASE)
_SEX = re.compile(r"sex|sexe|gender|male|female|ben_sex_cod|cod_sex|gender_source_value", re.IGNORECASE)
_AGE = re.compile(r"(l')?[aâ]ge|age_?(ann|at_\w+|years|in_years)?|anchor_age", re.IGNORECASE)
_BIRTH = re.compile(r"birth\w*|(date_?)?(of_)?birth(_?date)?|ben_nai_ann|year_of_birth|naissance\w*", re.IGNORECASE)
_COST = re.compile(r"(\w*[_ ])?(cost|costs|amount|montant|mnt|charge|charges|price|pmt|paid)([_ ]\w*)?", re.IGNORECASE)
_SECTIONS = ("survival", "conditions", "costs", "pathways", "tasks", "population", "window")
COVARIATES = 4


def find_analyses(catalog: Catalog, declared: Mapping[str, Any] | None, root: str) -> Analyses:
    """The analyses of these tables. Raises UserError when a declared one names what is not there."""
    document = declared or catalog.extra.get("synth:analyses") or {}
    ours = analyses_from(document, "declared")
    _require(catalog, ours, root)
    chosen = Analyses()
    origins = []
    for source in (ours, _known(catalog, root), _by_name(catalog, root)):
        taken = {name: getattr(source, name) for name in _SECTIONS if not getattr(chosen, name)}
        filled = {name: value for name, value in taken.items() if value}
        if filled:
            chosen = replace(chosen, **filled)
            origins.append(f"{source.origin}: {', '.join(filled)}")
    return replace(chosen, origin="; ".join(origins) or "nothing")


def _require(catalog: Catalog, analyses: Analyses, root: str) -> None:
    """Every column that is declared must be there: a name mistyped must not pass as nothing to analyse."""
    belonging = {root, *person_paths(catalog)}
    for kind, reference in _needed(analyses):
        if not places(catalog, reference, root):
            raise UserError(
                f"`{kind}` of the analyses names a column that is not there: {reference}",
                remedy="write table.column, as the catalog names them",
            )
        table = places(catalog, reference, root)[0][0]
        if table not in belonging:
            raise UserError("the analyses name a table that belongs to nobody", table=table, remedy="leave it out")
    dated: tuple[Condition | Pathway, ...] = (*analyses.conditions, *analyses.pathways)
    for item in dated:
        for reference in item.columns:
            table = places(catalog, reference, root)[0][0]
            if item.date and above(catalog, table, item.date, root) is None:
                raise UserError(
                    f"the analyses date `{item.name}` by a column that is not there: {item.date}",
                    table=table,
                    remedy="name a date of this table, or of one between it and the person",
                )
    for condition in analyses.conditions:
        lookup = condition.lookup
        if lookup is not None and not _looked_up(catalog, lookup.table, (lookup.key, lookup.to)):
            raise UserError(f"the lookup of `{condition.name}` is not there", remedy="correct table, key and to")


def _looked_up(catalog: Catalog, table: str, names: tuple[str, ...]) -> bool:
    return table in catalog.table_names and all(catalog.table(table).has(name) for name in names)


def _needed(analyses: Analyses) -> list[tuple[str, str]]:
    found = [("survival", name) for item in analyses.survival for name in (item.time, item.end, item.event) if name]
    found += [("survival", name) for item in analyses.survival for name in item.covariates]
    found += [("conditions", name) for item in analyses.conditions for name in item.columns]
    found += [("pathways", name) for item in analyses.pathways for name in item.columns]
    found += [("costs", name) for item in analyses.costs for name in item.columns]
    found += [("tasks", name) for task in analyses.tasks for name in (task.target, *task.features)]
    population = analyses.population
    if population is not None:
        found += [("population", name) for name in (population.sex, population.age, population.birth) if name]
    return found


def _known(catalog: Catalog, root: str) -> Analyses:
    """What is known of the SNDS, as far as its columns are in the catalog."""
    if root != "IR_BEN_R":
        return Analyses()
    import yaml

    document = yaml.safe_load((schemas_root() / "analyses" / "snds.yaml").read_text(encoding="utf-8"))
    whole = analyses_from(document, "SNDS")

    belonging = {root, *person_paths(catalog)}

    def there(*names: str | None) -> bool:
        found = [places(catalog, name, root) for name in names if name]
        return all(each and each[0][0] in belonging for each in found)

    kept = replace(
        whole,
        survival=tuple(item for item in whole.survival if there(item.time, item.end, item.event, *item.covariates)),
        conditions=tuple(
            replace(item, columns=tuple(name for name in item.columns if there(name)))
            for item in whole.conditions
            if any(map(there, item.columns))
            and (item.lookup is None or _looked_up(catalog, item.lookup.table, (item.lookup.key, item.lookup.to)))
        ),
        costs=tuple(item for item in whole.costs if there(*item.columns)),
        pathways=tuple(item for item in whole.pathways if there(*item.columns)),
        tasks=tuple(item for item in whole.tasks if there(item.target, *item.features)),
    )
    years = str(catalog.extra.get("synth:years", ""))
    if re.fullmatch(r"\d{4}(-\d{4})?", years):
        kept = replace(kept, window=Window(f"{years[:4]}-01-01", f"{years[-4:]}-12-31"))
    return kept


def _by_name(catalog: Catalog, root: str) -> Analyses:
    table = catalog.table(root)
    described = [column for column in table.columns if column.name not in table.key_columns]
    times = [column.name for column in described if _number(column) and _TIME.fullmatch(column.name)]
    events = [column.name for column in described if _EVENT.fullmatch(column.name) and column.name not in times]
    sexes = [column.name for column in described if _SEX.fullmatch(column.name)]
    ages = [column.name for column in described if _number(column) and _AGE.fullmatch(column.name)]
    births = [column.name for column in described if _BIRTH.fullmatch(column.name)]
    survival = tuple(
        Survival(f"{time} until {event}", time=time, event=event, covariates=_covariates(described, time, event),
                 declared=False)
        for time in times[:1] for event in events[:1]
    )  # fmt: skip
    known = ages or births
    population = Population(
        sex=sexes[0] if sexes else None,
        age=ages[0] if ages else None,
        birth=births[0] if births and not ages else None,
    )
    return Analyses(
        survival=survival,
        costs=_costs(catalog, table),
        population=population if sexes or known else None,
        origin="found by name",
    )


def _covariates(described: list[Column], time: str, event: str) -> tuple[str, ...]:
    """The first described columns that are neither dates nor texts."""
    usable = [
        column.name for column in described if column.name not in (time, event) and column.role in ("number", "code")
    ]
    return tuple(usable[:COVARIATES])


def _costs(catalog: Catalog, root: Table) -> tuple[Cost, ...]:
    found = []
    for name in sorted({root.name, *person_paths(catalog)}):
        table = catalog.table(name)
        amounts = [
            column.name
            for column in table.columns
            if column.type == "number" and column.role == "number" and _COST.fullmatch(column.name)
        ]
        found += [Cost(f"{name}.{amount}", (f"{name}.{amount}",)) for amount in amounts[:1]]
    return tuple(found[:4])


def _number(column: Column) -> bool:
    return column.type in ("integer", "number") and column.role == "number"
