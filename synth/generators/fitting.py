"""Fit: from tables to a model that holds nothing but statistics over at least k persons."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from synth import __version__
from synth.core import jsontext
from synth.core.catalog import Catalog
from synth.core.counts import at_least, base, rounded_alone
from synth.core.dataset import Dataset
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.model import Array, Model, Statistic
from synth.core.progress import say, track
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_units
from synth.generators.coding.coded import Coded, PartRows, encode_all
from synth.generators.coding.layout import Layout, Part, survey_layout
from synth.generators.coding.survey import survey_codecs
from synth.generators.keys.identifiers import Identifier, survey_identifiers
from synth.generators.keys.links import Link, rows_named, survey_links
from synth.generators.keys.public import public_statistics
from synth.generators.laws.margins import margin_statistics, measure_margins
from synth.generators.registry import DEFAULT, Generator, generator
from synth.generators.relations.discovery import discover, relation_statistics
from synth.generators.relations.relation import Relations
from synth.maths.blas import one_thread

MIN_PERSONS = 11  # the SNDS's small-cell rule


def fit(dataset: Dataset, name: str = DEFAULT, min_persons: int = MIN_PERSONS) -> Model:
    """Learn a model of `dataset` with the generator called `name`; every statistic covers `min_persons` persons.

    Raises UserError when the generator is unknown, the catalog names no person, or fewer than `min_persons` persons
    are there to learn from.
    """
    chosen = generator(name)
    if min_persons < 2:
        raise UserError("the smallest number of persons is below 2", remedy="ask for 2 or more; 11 is the SNDS rule")
    if dataset.catalog.person is None:
        raise UserError(
            "the catalog does not say who the person is", remedy='add "synth:person": {"table": ..., "key": [...]}'
        )
    with one_thread(), Ordered(dataset) as ordered:
        _require_persons(ordered, dataset.catalog, min_persons)
        identifiers = survey_identifiers(ordered)
        _announce(identifiers)
        links, targets = survey_links(ordered, min_persons)
        relations = discover(ordered, identifiers, min_persons)
        layout = survey_layout(ordered, identifiers, links, min_persons, relations, chosen.by_kind)
        encoders = survey_codecs(ordered, layout, targets, min_persons)
        coded = encode_all(ordered, layout, targets, encoders, min_persons)
        with ordered.at_rest():
            statistics, arrays = _learn(coded, chosen, min_persons)
        more, copied = public_statistics(ordered)
        roots = {node.name: node.root for node in ordered.forest.nodes}
        related = relation_statistics(relations, roots)
        learned = (*_codec_statistics(coded), *related, *statistics)
        everything = (*(replace(each, support=at_least(each.support, min_persons)) for each in learned), *more)
        pooled = _pooled(coded)
        receipt = _receipt(ordered, name, min_persons, identifiers, everything)
        receipt = {**receipt, "rows_named": rows_named(ordered, targets, min_persons)}
    return Model(
        generator=name,
        catalog=_bare(dataset.catalog),
        statistics=everything,
        arrays={**pooled, **arrays, **copied},
        plan=_plan(layout, links, identifiers, relations),
        receipt=receipt,
    )


def _require_persons(ordered: Ordered, catalog: Catalog, k: int) -> None:
    assert catalog.person is not None
    if ordered.rows(catalog.person.table) < k:
        raise UserError(
            f"fewer than {k} persons to learn from",
            table=catalog.person.table,
            remedy="give more persons or lower --min-persons",
        )


def _bare(catalog: Catalog) -> Catalog:
    """The catalog without the paths of the files it was read from."""
    return replace(catalog, tables=tuple(replace(table, path=None) for table in catalog.tables))


def _learn(coded: Coded, chosen: Generator, k: int) -> tuple[list[Statistic], dict[str, Array]]:
    statistics: list[Statistic] = []
    arrays: dict[str, Array] = {}
    for part in track(parts_of(coded), "learning"):
        rows = PartRows(coded, part)
        margins = measure_margins(rows, k, chosen.context_margins)
        for found, values in (margin_statistics(rows, margins), chosen.learn(rows, margins, k)):
            statistics += found
            arrays |= values
    return statistics, arrays


def parts_of(coded: Coded) -> list[Part]:
    """Every part of every table that is learned, in order."""
    nodes = [node for node in coded.forest.nodes if not node.table.public]
    return [part for node in nodes for part in coded.layout.parts(coded.forest, node)]


def _codec_statistics(coded: Coded) -> list[Statistic]:
    return [
        Statistic(
            name=f"codec/{table}/{feature.name}",
            table=table,
            columns=(feature.column or feature.name,),
            kind="levels" if feature.measure == "level" else "bins",
            support=coded.codecs[table, feature.name].support,
            unit=coded.forest.node(table).root,
            cells=coded.codecs[table, feature.name].size if coded.codecs[table, feature.name].support else 0,
            data=coded.codecs[table, feature.name].document(),
            arrays=(f"pooled/{table}/{feature.name}",),
        )
        for table, features in coded.layout.features.items()
        for feature in features
    ]


def _pooled(coded: Coded) -> dict[str, Array]:
    return {
        f"pooled/{table}/{feature.name}": coded.pooled(table, feature.name)
        for table, features in coded.layout.features.items()
        for feature in features
    }


def _plan(
    layout: Layout, links: tuple[Link, ...], identifiers: tuple[Identifier, ...], relations: Relations
) -> Mapping[str, Any]:
    made: dict[str, list[dict[str, Any]]] = {}
    for identifier in identifiers:
        made.setdefault(identifier.table, []).append(identifier.document())
    linked = [link.document() for link in links]
    return {
        "features": layout.document(),
        "links": linked,
        "identifiers": made,
        "relations": relations.document(),
    }


def _row_count(ordered: Ordered, node: Node, k: int) -> int | None:
    """How many rows a table has, a public one exactly; None where fewer than k units have any."""
    if node.table.public or not ordered.rows(node.name):
        return ordered.rows(node.name)
    few = count_units(ordered.units[node.name]) < k
    return None if few else int(rounded_alone(ordered.rows(node.name), k))


def _announce(identifiers: tuple[Identifier, ...]) -> None:
    for item in identifiers:
        if not item.marked:
            say(
                f"table {item.table}, column {item.column}: too narrow for a mark that no real key can carry; "
                "made-up keys may look like real ones (set `synth:marker` to choose a range)"
            )


def _receipt(
    ordered: Ordered, name: str, k: int, identifiers: tuple[Identifier, ...], statistics: tuple[Statistic, ...]
) -> Mapping[str, Any]:
    catalog = ordered.dataset.catalog
    assert catalog.person is not None
    learned = [statistic.support for statistic in statistics if statistic.cells and statistic.kind != "public table"]
    return {
        "generator": name,
        "min_persons": k,
        "counts_rounded_to": base(k),
        "smallest_support": min(learned, default=0),
        "persons": int(rounded_alone(ordered.rows(catalog.person.table), k)),
        "rows": {node.name: _row_count(ordered, node, k) for node in ordered.forest.nodes},
        "units": {node.name: node.root for node in ordered.forest.nodes},
        "rows_without_parent": {name: int(rounded_alone(n, k)) for name, n in ordered.left_out.items() if n},
        "unmarked_identifiers": [f"{item.table}.{item.column}" for item in identifiers if not item.marked],
        "catalog": jsontext.digest(descriptor_of(_bare(catalog))),
        "versions": {"synth-snds": __version__, "python": platform.python_version(), "numpy": np.__version__},
    }
