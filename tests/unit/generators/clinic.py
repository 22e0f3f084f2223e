"""A small hospital, made by hand: every shape of key, two dates in order, sentinels and missing cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset, arrow_schema
from synth.core.model import Model
from synth.core.seeds import rng
from synth.generators import sample, synthetic_catalog
from synth.io import memory_dataset

SENTINEL = date(1600, 1, 1)
Rows = dict[str, list[Any]]


def _key(name: str, kind: Any = "string", nullable: bool = False) -> Column:
    return Column(name, kind, "key", nullable)


HOSPITALS = Table(
    "hôpitaux",
    (_key("finess"), Column("beds", "integer", "number"), Column("public", "boolean", "code")),
    ("finess",),
)
SPECIALTIES = Table("specialties", (_key("code"), Column("label", "string", "text", False)), ("code",), public=True)
DOCTORS = Table(
    "doctors",
    (_key("doctor", "integer"), _key("finess"), _key("specialty", nullable=True), Column("since", "year", "number")),
    ("doctor",),
    (
        ForeignKey(("finess",), "hôpitaux", ("finess",)),
        ForeignKey(("specialty",), "specialties", ("code",)),
    ),
)
PERSONS = Table(
    "persons",
    (
        _key("case.id"),
        Column("sex", "integer", "code", False, ("1", "2")),
        Column("birth", "date", "date", False),
        Column("death", "date", "date", False),
        Column("weight", "number", "number", scale=1),
        Column("commune de l'assuré", "string", "code"),
        _key("head", nullable=True),
    ),
    ("case.id",),
    (ForeignKey(("head",), "persons", ("case.id",)),),
)
VISITS = Table(
    "visits",
    (
        _key("case.id"),
        _key("visit", "integer"),
        Column("start", "date", "date", False),
        Column("end", "date", "date", False),
        _key("doctor", "integer", nullable=True),
        Column("diagnosis", "string", "code"),
    ),
    ("case.id", "visit"),
    (
        ForeignKey(("case.id",), "persons", ("case.id",)),
        ForeignKey(("doctor",), "doctors", ("doctor",)),
    ),
    order_by=("start", "visit"),
)
DRUGS = Table(
    "drugs",
    (
        _key("case.id"),
        _key("visit", "integer"),
        _key("line", "integer"),
        Column("product", "string", "code", False),
        Column("quantity", "integer", "number", False, minimum=1),
        Column("paid", "number", "number", scale=2),
    ),
    ("case.id", "visit", "line"),
    (ForeignKey(("case.id", "visit"), "visits", ("case.id", "visit")),),
)
CATALOG = Catalog((HOSPITALS, SPECIALTIES, DOCTORS, PERSONS, VISITS, DRUGS), Person("persons", ("case.id",)), "clinic")


def clinic(persons: int = 300, seed: int = 0) -> Dataset:
    """The hospital with so many persons, its law known, the same for the same seed."""
    stream = np.random.Generator(np.random.PCG64(rng(seed, "clinic").raw(1)[0]))
    people = _people(stream, persons)
    visits = _visits(stream, people)
    tables = {
        "hôpitaux": _hospitals(stream),
        "specialties": {"code": ["01", "02", "é3"], "label": ["médecine", "chirurgie", "l'autre"]},
        "doctors": _doctors(stream),
        "persons": people,
        "visits": visits,
        "drugs": _drugs(stream, visits),
    }
    return dataset_of(CATALOG, tables)


def dataset_of(catalog: Catalog, tables: Mapping[str, Rows]) -> Dataset:
    """Rows given column by column as a dataset in memory."""
    made = {table.name: pa.table(tables[table.name], schema=arrow_schema(table)) for table in catalog.tables}
    return memory_dataset(catalog, made)


def sampled(model: Model, persons: int, seed: int = 1, workers: int = 1) -> Dataset:
    """What a model draws, as a dataset in memory."""
    catalog = synthetic_catalog(model)
    batches: dict[str, list[pa.RecordBatch]] = {table.name: [] for table in catalog.tables}
    for name, batch in sample(model, persons, seed, workers):
        batches[name].append(batch)
    tables = {
        table.name: pa.Table.from_batches(batches[table.name], schema=arrow_schema(table)) for table in catalog.tables
    }
    return memory_dataset(catalog, tables)


def _hospitals(stream: np.random.Generator) -> Rows:
    count = 40
    return {
        "finess": [f"FIN{i:06d}" for i in range(count)],
        "beds": [int(b) for b in stream.integers(10, 900, count)],
        "public": [bool(b) for b in stream.integers(0, 2, count)],
    }


def _doctors(stream: np.random.Generator) -> Rows:
    count = 90
    specialties = ["01", "02", "é3", None]
    return {
        "doctor": [1000 + i for i in range(count)],
        "finess": [f"FIN{i:06d}" for i in stream.integers(0, 40, count)],
        "specialty": [specialties[i] for i in stream.integers(0, 4, count)],
        "since": [int(y) for y in stream.integers(1980, 2020, count)],
    }


def _people(stream: np.random.Generator, count: int) -> Rows:
    keys = [f"P{i:05d}Z" for i in range(count)]
    births = [date(1930, 1, 1) + timedelta(days=int(d)) for d in stream.integers(0, 25_000, count)]
    dies = stream.random(count) < 0.15
    sex = stream.integers(1, 3, count)
    weight = np.round(55 + 12 * sex + 8 * stream.standard_normal(count), 1)
    heads = [None if i % 3 else keys[int(h)] for i, h in enumerate(stream.integers(0, count, count))]
    return {
        "case.id": keys,
        "sex": [int(s) for s in sex],
        "birth": births,
        "death": [
            date(2022, 1, 1) + timedelta(days=int(d)) if d % 7 < 7 * dies[i] else SENTINEL
            for i, d in enumerate(stream.integers(0, 365, count))
        ],
        "weight": [None if lost else float(w) for w, lost in zip(weight, stream.random(count) < 0.2, strict=True)],
        "commune de l'assuré": [("75 056", "2A004", "l'Haÿ", None)[int(c)] for c in stream.integers(0, 4, count)],
        "head": heads,
    }


def _visits(stream: np.random.Generator, people: Rows) -> Rows:
    found: Rows = {name: [] for name in VISITS.column_names}
    for key, sex in zip(people["case.id"], people["sex"], strict=True):
        day = date(2019, 1, 1) + timedelta(days=int(stream.integers(0, 300)))
        for visit in range(int(stream.poisson(1 + sex))):
            day += timedelta(days=int(stream.integers(0, 90)))
            found["case.id"].append(key)
            found["visit"].append(visit + 1)
            found["start"].append(day)
            found["end"].append(day + timedelta(days=int(stream.integers(0, 12))))
            found["doctor"].append(None if stream.random() < 0.1 else 1000 + int(stream.integers(0, 90)))
            found["diagnosis"].append(("I10", "E11", "C50", None)[int(stream.integers(0, 4)) if sex == 2 else 0])
    return found


def _drugs(stream: np.random.Generator, visits: Rows) -> Rows:
    found: Rows = {name: [] for name in DRUGS.column_names}
    for key, visit, diagnosis in zip(visits["case.id"], visits["visit"], visits["diagnosis"], strict=True):
        for line in range(int(stream.integers(0, 4))):
            quantity = int(stream.integers(1, 6))
            found["case.id"].append(key)
            found["visit"].append(visit)
            found["line"].append(line + 1)
            found["product"].append("A10BA02" if diagnosis == "E11" else ("N02BE01", "C09AA05")[line % 2])
            found["quantity"].append(quantity)
            found["paid"].append(None if line == 2 else round(quantity * 2.5 + float(stream.integers(0, 3)), 2))
    return found
