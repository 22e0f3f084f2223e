"""Layout: the features of every table, and the parts in which each table is learned and drawn.

A table is one part (`all`); an ordered child is two: the `first` row of a parent, and each `next` row given the one
before it. A part draws its own features given its context: the features of the rows above and of the row before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from synth.columns.values import measure
from synth.core.catalog import Column
from synth.engines.forest import Forest, Node
from synth.engines.local import Ordered
from synth.generators.anchors import anchors
from synth.generators.features import Base, Feature, feature_from
from synth.generators.keys import Identifier
from synth.generators.links import Link
from synth.generators.relations import Relations
from synth.generators.textdates import as_date, text_dates
from synth.generators.timeline import landmarks

PartName = Literal["all", "first", "next"]


@dataclass(frozen=True, slots=True)
class Given:
    """A feature that a part is given: of the row itself (before it is drawn), of a row above, or of the row before."""

    table: str
    feature: str
    before: bool = False

    def title(self, table: str) -> str:
        """How statistics of a part of `table` call it."""
        if self.before:
            return f"before: {self.feature}"
        return self.feature if self.table == table else f"{self.table}: {self.feature}"


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn (`own`, names of features of `table`) given what (`context`)."""

    table: str
    name: PartName
    own: tuple[str, ...]
    context: tuple[Given, ...]

    @property
    def title(self) -> str:
        """How statistics call the part."""
        return self.table if self.name == "all" else f"{self.table}/{self.name}"

    @property
    def variables(self) -> tuple[Given, ...]:
        """Context and own features, in order."""
        return (*self.context, *(Given(self.table, name) for name in self.own))

    @property
    def titles(self) -> tuple[str, ...]:
        """How statistics call each variable."""
        return tuple(given.title(self.table) for given in self.variables)


@dataclass(frozen=True)
class Layout:
    """Features by table, in the order in which they are decoded."""

    features: Mapping[str, tuple[Feature, ...]]

    @cached_property
    def _places(self) -> dict[tuple[str, str], int]:
        return {(t, feature.name): i for t, features in self.features.items() for i, feature in enumerate(features)}

    def index(self, table: str, name: str) -> int:
        """The place of a feature among those of its table."""
        return self._places[table, name]

    def parts(self, forest: Forest, node: Node) -> tuple[Part, ...]:
        """The parts of a table."""
        features = self.features[node.name]
        above = tuple(
            Given(table, feature.name)
            for table in forest.ancestors(node.name)
            for feature in self.features[table]
            if feature.kind in ("column", "count", "position", "link", "present", "echo")
        )
        shared = tuple(
            feature.name
            for feature in features
            if feature.kind in ("column", "count", "link", "present", "echo", "referrers")
        )
        if not is_ordered(features):
            return (Part(node.name, "all", shared, above),)
        named = {feature.kind: feature.name for feature in features}
        before = tuple(Given(node.name, name, before=True) for name in shared)
        place = tuple(Given(node.name, named[kind]) for kind in ("position", "pace", "clock"))
        return (
            Part(node.name, "first", (named["first"], named["span"], *shared), above),
            Part(node.name, "next", (named["gap"], *shared), (*above, *place, *before)),
        )

    def document(self) -> dict[str, Any]:
        """The layout as plain JSON data."""
        return {table: [feature.document() for feature in features] for table, features in self.features.items()}


def layout_from(document: Mapping[str, Any]) -> Layout:
    """The layout written by `Layout.document`."""
    return Layout({table: tuple(feature_from(item) for item in items) for table, items in document.items()})


def is_ordered(features: tuple[Feature, ...]) -> bool:
    """Whether the table's rows follow one another."""
    return any(feature.kind == "gap" for feature in features)


def survey_layout(
    ordered: Ordered, identifiers: tuple[Identifier, ...], links: tuple[Link, ...], k: int, relations: Relations
) -> Layout:
    """The features of every table, chosen from its columns, its keys and what its links turned out to be."""
    made = {(identifier.table, identifier.column) for identifier in identifiers}
    features = {}
    for node in ordered.forest.nodes:
        if not node.table.public:
            features[node.name] = _features(ordered, node, made, links, k, relations)
    return Layout(features)


def content_columns(node: Node, made: set[tuple[str, str]]) -> list[Column]:
    """Columns that carry information of their own: no part of a reference, and no identifier made anew."""
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    return [c for c in node.table.columns if c.name not in foreign and (node.name, c.name) not in made]


def _features(
    ordered: Ordered, node: Node, made: set[tuple[str, str]], links: tuple[Link, ...], k: int, relations: Relations
) -> tuple[Feature, ...]:
    columns = [c for c in content_columns(node, made) if (node.name, c.name) not in relations.computed]
    forms = text_dates(ordered, node, columns)
    columns = [as_date(column, forms.get(column.name)) for column in columns]
    bases = anchors(ordered, node, columns, forms)
    found = _order_features(ordered, node, columns, bases, forms, k)
    in_order = {feature.column for feature in found}
    for each in relations.formulas:
        if each.table == node.name and each.mode == "mostly":
            found.append(Feature(f"echo {each.target}", node.name, "echo", "level", column=each.target))
    for column in _bases_first(columns, bases):
        if column.name not in in_order:
            base = bases.get(column.name)
            form = forms.get(column.name)
            found.append(Feature(column.name, node.name, "column", measure(column), column.name, base, form=form))
    for child in ordered.forest.children(node.name):
        found.append(Feature(f"#{child.name}", node.name, "count", "number", other=child.name))
    for link in (link for link in links if link.table == node.name):
        if link.style != "implied" and (any(node.table.column(c).nullable for c in link.key.columns) or _own(link)):
            found.append(Feature(f"link {link.number}", node.name, "link", "level", link=link.number))
    for column in node.table.columns:
        if column.nullable and (node.name, column.name) in made:
            found.append(Feature(f"present {column.name}", node.name, "present", "level", column=column.name))
    if any(link.style == "other" and link.key.target == node.name for link in links):
        found.append(Feature("#referrers", node.name, "referrers", "number"))
    return tuple(found)


def _own(link: Link) -> bool:
    return link.key.target == link.table


def _order_features(
    ordered: Ordered, node: Node, columns: list[Column], bases: Mapping[str, Base], forms: Mapping[str, str], k: int
) -> list[Feature]:
    """First, span, gap, pace, clock and position, where a child table is put in order by a quantity of its own."""
    if node.parent is None or not node.table.order_by:
        return []
    column = next((column for column in columns if column.name == node.table.order_by[0]), None)
    if column is None or measure(column) != "number":
        return []
    base = bases.get(column.name)
    marks = landmarks(ordered, node, column, k) if base is None else ()
    form = forms.get(column.name)
    return [
        Feature(f"first {column.name}", node.name, "first", "number", column=column.name, form=form, base=base),
        Feature(f"span {column.name}", node.name, "span", "number", column=column.name, form=form, landmarks=marks),
        Feature(f"gap {column.name}", node.name, "gap", "number", column=column.name, form=form, landmarks=marks),
        Feature(f"pace {column.name}", node.name, "pace", "number", column=column.name, form=form),
        Feature(f"clock {column.name}", node.name, "clock", "number", column=column.name, form=form, base=base),
        Feature("position", node.name, "position", "number"),
    ]


def _bases_first(columns: list[Column], bases: Mapping[str, Base]) -> list[Column]:
    """Columns so that what a date is counted from, when it stands in the same row, comes before it."""
    placed: list[Column] = []
    waiting = list(columns)
    while waiting:
        done = {column.name for column in placed}
        pending = {column.name for column in waiting}
        ready = [
            c for c in waiting if c.name not in bases or bases[c.name].up or bases[c.name].column not in pending - done
        ]
        placed += ready
        waiting = [column for column in waiting if column not in ready]
    return placed
