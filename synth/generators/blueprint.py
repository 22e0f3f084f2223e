"""Blueprint: a fitted model made ready to draw from - its forest, layout, codecs, laws, links and identifiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from synth.columns.codec import Codec, codec_from
from synth.core.catalog import Catalog, Column, Table
from synth.core.errors import UserError
from synth.core.model import Model
from synth.engines.forest import Forest, plant
from synth.generators.choosing import WEIGHT
from synth.generators.coding.layout import Layout, Part, layout_from
from synth.generators.keys.identifiers import Identifier, identifier_from
from synth.generators.keys.kin import link_fields
from synth.generators.keys.links import Link
from synth.generators.laws.margins import Margin
from synth.generators.laws.part_law import Joint, PartLaw
from synth.generators.registry import generator
from synth.generators.relations.relation import Relations, relations_from

Name = tuple[str, str]
_WEIGHT_MEANING = "Weight of the person: one over how many times as often as an ordinary person it was drawn."


@dataclass(frozen=True)
class Blueprint:
    """All that drawing needs."""

    model: Model
    forest: Forest
    layout: Layout
    codecs: Mapping[Name, Codec]
    parts: Mapping[str, tuple[Part, ...]]
    joints: Mapping[str, Joint]
    links: Mapping[str, tuple[Link, ...]]
    identifiers: Mapping[str, tuple[Identifier, ...]]
    relations: Relations

    def codec(self, table: str, feature: str) -> Codec:
        """The codec of one feature."""
        return self.codecs[table, feature]


def blueprint(model: Model) -> Blueprint:
    """Read a model's plan and statistics."""
    forest = plant(model.catalog)
    layout = layout_from(model.plan["features"])
    documents = {statistic.name: statistic.data for statistic in model.statistics}
    codecs = {
        (table, feature.name): codec_from(documents[f"codec/{table}/{feature.name}"])
        for table, features in layout.features.items()
        for feature in features
    }
    parts = {node.name: layout.parts(forest, node) for node in forest.nodes if not node.table.public}
    chosen = generator(model.generator)
    joints = {
        part.title: chosen.load(model, _law(model, part, codecs, documents)) for each in parts.values() for part in each
    }
    made = model.plan["identifiers"]
    return Blueprint(
        model=model,
        forest=forest,
        layout=layout,
        codecs=codecs,
        parts=parts,
        joints=joints,
        links={node.name: _links(forest, node.name, model.plan["links"]) for node in forest.nodes},
        identifiers={table: tuple(identifier_from(table, item) for item in items) for table, items in made.items()},
        relations=relations_from(model.plan["relations"], _dependencies(model)),
    )


def _dependencies(model: Model) -> list[Mapping[str, Any]]:
    return [statistic.data for statistic in model.statistics if statistic.kind == "dependency"]


def _law(model: Model, part: Part, codecs: Mapping[Name, Codec], documents: Mapping[str, Mapping[str, Any]]) -> PartLaw:
    return PartLaw(
        part=part,
        codecs=tuple(codecs[given.table, given.feature] for given in part.variables),
        margins={
            index: _margin(model, name, documents)
            for index, name in enumerate(f"margin/{part.title}/{title}" for title in part.titles)
            if name in documents
        },
        pooled=tuple(model.arrays[f"pooled/{given.table}/{given.feature}"] for given in part.variables),
    )


def _margin(model: Model, name: str, documents: Mapping[str, Mapping[str, Any]]) -> Margin:
    return Margin(model.arrays[name], documents[name]["backed_off"], 0, documents[name]["rows"])


def _links(forest: Forest, table: str, documents: list[dict[str, Any]]) -> tuple[Link, ...]:
    node = forest.node(table)
    return tuple(
        Link(table, item["number"], node.links[item["number"]], item["style"], item["once"], **link_fields(item))
        for item in documents
        if item["table"] == table
    )


def synthetic_catalog(model: Model, weighted: bool = False, given: Collection[str] = ()) -> Catalog:
    """The catalog of what a model draws: the one it was fitted on, its made-up keys marked as such.

    Where persons are `weighted`, their table has a column more; keys among its `given` columns are not made up. Raises
    UserError when the table has a column of that name already.
    """
    made = {(table, item["column"]): item for table, items in model.plan["identifiers"].items() for item in items}
    assert model.catalog.person is not None
    made = {name: item for name, item in made.items() if name[0] != model.catalog.person.table or name[1] not in given}
    tables = []
    for table in model.catalog.tables:
        columns = []
        for column in table.columns:
            item = made.get((table.name, column.name))
            marker = None if item is None or not item["marked"] else identifier_from(table.name, item).marker
            if item is not None:  # what a real key looks like is not what a made-up one does
                column = replace(column, pattern=None, minimum_length=None, maximum=None)
            columns.append(column if marker is None else replace(column, marker=marker))
        if weighted and table.name == model.catalog.person.table:
            columns.append(_weight_column(table))
        tables.append(replace(table, columns=tuple(columns)))
    return replace(model.catalog, tables=tuple(tables))


def _weight_column(table: Table) -> Column:
    if WEIGHT in table.column_names:
        raise UserError(
            "the table has a column for weights already", table=table.name, column=WEIGHT, remedy="rename that column"
        )
    return Column(WEIGHT, "number", nullable=False, description=_WEIGHT_MEANING)
