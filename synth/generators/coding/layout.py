"""Layout: the features of every table, and the parts in which each table is learned and drawn.

A table is one part (`all`); an ordered child is three: the `first` row of a parent, and of each later row its `gap`
from the one before it, then what `next` happens at that time. A part draws its own features given its context: the
features of the rows above and of the row before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from synth.columns.values import measure
from synth.core.catalog import Column
from synth.engines.forest import Forest, Node
from synth.engines.local import Ordered
from synth.generators.features.anchors import anchors, is_apart
from synth.generators.features.calendar import UNTIL, survey_until
from synth.generators.features.feature import Base, Feature, Kind, feature_from
from synth.generators.features.grids import grids
from synth.generators.features.habits import habits
from synth.generators.features.kinds import Kinds, come_once, survey_kinds
from synth.generators.features.textdates import as_date, text_dates
from synth.generators.features.timeline import landmarks
from synth.generators.keys.identifiers import Identifier
from synth.generators.keys.links import Link
from synth.generators.relations.relation import Relations

PartName = Literal["all", "first", "gap", "next"]
_OWN = ("column", "count", "link", "present", "echo", "referrers")
_ABOVE = ("column", "count", "position", "link", "present", "echo", "allot", "level")


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


def is_drawn(kinds: Kinds, kind: int) -> bool:
    """Whether the rows of a kind are drawn: those of its twins follow, and the commonest takes what is left."""
    return kinds.leads(kind) and kinds.twins[kind] != 0


def left_of(kinds: Kinds, kind: int) -> str:
    """The name of the feature that says how many rows of a kind are left."""
    return f"left: {kinds.name(kind)}"


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn (`own`, names of features of `table`) given what (`context`).

    A part of a `kind` is about the rows of that kind; or, with a `child`, about what each row is to have of that kind
    of rows in a child table. Rows that share out what is left of each of `kinds` draw their kind among their own.
    """

    table: str
    name: PartName
    own: tuple[str, ...]
    context: tuple[Given, ...]
    kind: str | None = None
    kind_number: int = 0
    child: str | None = None
    kinds: Kinds | None = None

    @property
    def left(self) -> tuple[int, ...]:
        """The places among the variables of what is left of each kind, where the rows share that out."""
        places = {given: place for place, given in enumerate(self.context)}
        names = [] if self.kinds is None else [left_of(self.kinds, kind) for kind in range(self.kinds.count)]
        return tuple(places[Given(self.table, name)] for name in names)

    @property
    def title(self) -> str:
        """How statistics call the part."""
        place = [self.table, *([] if self.name == "all" else [self.name]), *([self.child] if self.child else [])]
        return "/".join([*place, *([] if self.kind is None else [self.kind])])

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
            if feature.kind in _ABOVE
            and (feature.kind, feature.other) != ("allot", node.name)  # rows know what is left
        )
        kinds = self.kinds(node.name)
        split = () if kinds is None else kinds.split
        shared = [f.name for f in features if f.kind in _OWN and not (f.kind == "column" and f.column in split)]
        lead = () if kinds is None else (kinds.column,)  # rows share out what there is: the kind comes first of all
        rest = tuple(name for name in shared if name not in lead)
        left = tuple(Given(node.name, feature.name) for feature in features if feature.kind == "left")
        own = tuple(Given(node.name, name) for name in shared)
        named = {feature.kind: feature.name for feature in features}
        habit = tuple(feature.name for feature in features if feature.kind == "stay")
        if not is_ordered(features):
            parts = [Part(node.name, "all", (*lead, *rest), (*above, *left), kinds=kinds)]
            place: tuple[Given, ...] = ()
        else:
            before = tuple(Given(node.name, name, before=True) for name in (*shared, *split))
            position, pace, clock, gap, time = (
                Given(node.name, named[kind]) for kind in ("position", "pace", "clock", "gap", "time")
            )
            place = (position, clock)
            known = (*above, position, pace, clock, *left, *before)
            parts = [
                Part(node.name, "first", (named["first"], named["span"], *lead, *rest), (*above, *left), kinds=kinds),
                Part(node.name, "gap", (named["gap"],), known),
            ]
            if lead or rest:
                parts.append(Part(node.name, "next", (*lead, *habit, *rest), (*known, gap, time), kinds=kinds))
        parts += self._of_kinds(node, (*above, *own, *place))
        return (*parts, *self._allotments(forest, node, (*above, *own, *place[:1])))

    def kinds(self, table: str) -> Kinds | None:
        """The kinds of rows of a table."""
        return next((feature.kinds for feature in self.features.get(table, ()) if feature.kind == "turn"), None)

    def _of_kinds(self, node: Node, given: tuple[Given, ...]) -> list[Part]:
        """The quantities that each kind of row has bins of its own for, last of all, one part a kind."""
        kinds = self.kinds(node.name)
        if kinds is None or not kinds.split:
            return []
        features = self.features[node.name]
        more = [Given(node.name, f.name) for f in features if f.kind in ("turn", "due", "same")]
        more += [Given(node.name, name, before=True) for name in kinds.split]
        parts = []
        for kind in range(kinds.count):
            parts.append(Part(node.name, "all", kinds.split, (*given, *more), kinds.name(kind), kind))
        return parts

    def _allotments(self, forest: Forest, node: Node, given: tuple[Given, ...]) -> list[Part]:
        """For each kind of rows of each child table, the commonest last: how many, and the means of quantities."""
        parts = []
        known = list(given)
        for child in forest.children(node.name):
            kinds = self.kinds(child.name)
            for kind in reversed(range(0 if kinds is None else kinds.count)):
                of_kind = [f for f in self.features[node.name] if f.other == child.name and f.kind_of_row == kind]
                assert kinds is not None
                room = tuple(Given(node.name, f.name) for f in of_kind if f.kind == "room")
                asked = ("level", "allot") if is_drawn(kinds, kind) else ("level",)
                own = tuple(f.name for f in of_kind if f.kind in asked)
                if own:
                    title = kinds.name(kind)
                    parts.append(Part(node.name, "all", own, (*known, *room), title, kind, child.name))
                known += [Given(node.name, f.name) for f in of_kind if f.kind in ("allot", "level")]
        return parts

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
    ordered: Ordered,
    identifiers: tuple[Identifier, ...],
    links: tuple[Link, ...],
    k: int,
    relations: Relations,
    by_kind: bool = False,
) -> Layout:
    """The features of every table, chosen from its columns, its keys and what its links turned out to be.

    With `by_kind`, those of the kinds of rows of child tables too.
    """
    made = {(identifier.table, identifier.column) for identifier in identifiers}
    features = {}
    until = survey_until(ordered, k)
    for node in ordered.forest.nodes:
        if not node.table.public:
            found = _features(ordered, node, made, links, k, relations, until)
            features[node.name] = found if until == UNTIL else tuple(_until(feature, until) for feature in found)
    for node in ordered.forest.nodes if by_kind else ():
        if not node.table.public and node.parent is not None:
            _add_kinds(ordered, node, features, k)
    return Layout(features)


def _add_kinds(ordered: Ordered, node: Node, features: dict[str, tuple[Feature, ...]], k: int) -> None:
    """Add what is told of the kinds of a table's rows, to its own features and its parent's."""
    assert node.parent is not None
    apart = {f.column for f in features[node.name] if f.kind in ("first", "echo", "stay") or f.base is not None}
    plain = {f.column for f in features[node.name] if f.kind == "column"} - apart
    named = {f.column for f in features[node.name] if f.kind == "column" and f.link is not None}
    columns = [
        replace(column, role="code") if column.name in named else column
        for column in node.table.columns
        if column.name in plain
    ]
    kinds = survey_kinds(ordered, node, columns, k)
    mine = features[node.name]
    if kinds is None or not (kinds.split or is_ordered(mine)):
        return
    if is_ordered(mine) and come_once(ordered, node, kinds):
        mine, kinds = _timed_by_kind(mine, kinds)
    of_column = {str(f.column): f for f in mine if f.kind == "column"}
    own = [replace(f, kinds=kinds) if f.kind == "column" and f.column in kinds.split else f for f in mine]
    above = list(features[node.parent.target])
    for kind in range(kinds.count):
        name = kinds.name(kind)
        own.append(Feature(left_of(kinds, kind), node.name, "left", "number", kinds=kinds, kind_of_row=kind))
        told: list[tuple[Kind, str, str | None]] = [("room", "room for", None), ("allot", "rows of", None)]
        told += [("level", f"mean {column} of", column) for column in kinds.split]
        above += [
            Feature(
                f"{words} {node.name}, {name}",
                node.parent.target,
                what,
                "number",
                column=column,
                other=node.name,
                kinds=kinds,
                kind_of_row=kind,
                base=None if column is None else of_column[column].base,
                form=None if column is None else of_column[column].form,
                until=None if column is None else of_column[column].until,
            )
            for what, words, column in told
        ]
    own.append(Feature("turn", node.name, "turn", "number", kinds=kinds))
    for column in kinds.split:
        told_so = replace(of_column[column], kinds=kinds)
        own.append(replace(told_so, name=f"due {column}", kind="due"))
        own.append(replace(told_so, name=f"same {column}", kind="same"))
    features[node.name] = tuple(own)
    features[node.parent.target] = tuple(above)


def _timed_by_kind(mine: tuple[Feature, ...], kinds: Kinds) -> tuple[tuple[Feature, ...], Kinds]:
    """The features where rows do not follow one another, but each kind has times of its own, as other quantities."""
    first = next(feature for feature in mine if feature.kind == "first")
    time = replace(first, name=str(first.column), kind="column")
    rest = (f for f in mine if f.kind not in ("first", "span", "gap", "pace", "clock", "time", "position", "stay"))
    return (time, *rest), replace(kinds, split=(*kinds.split, time.name))


def _until(feature: Feature, until: int) -> Feature:
    return feature if feature.column is None else replace(feature, until=until)


def content_columns(node: Node, made: set[tuple[str, str]]) -> list[Column]:
    """Columns that carry information of their own: no part of a reference, and no identifier made anew."""
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    return [c for c in node.table.columns if c.name not in foreign and (node.name, c.name) not in made]


def _features(
    ordered: Ordered,
    node: Node,
    made: set[tuple[str, str]],
    links: tuple[Link, ...],
    k: int,
    relations: Relations,
    until: int,
) -> tuple[Feature, ...]:
    columns = [c for c in content_columns(node, made) if (node.name, c.name) not in relations.computed]
    forms = text_dates(ordered, node, columns)
    columns = [as_date(column, forms.get(column.name)) for column in columns]
    bases = anchors(ordered, node, columns, forms, until)
    grid = grids(ordered, node, columns, k)
    found = _order_features(ordered, node, columns, bases, forms, k)
    found = [replace(f, grid=grid.get(str(f.column))) if f.kind == "first" else f for f in found]
    in_order = {feature.column for feature in found}
    for each in relations.formulas:
        if each.table == node.name and each.mode == "mostly":
            found.append(Feature(f"echo {each.target}", node.name, "echo", "level", column=each.target))
    for column in _bases_first(columns, bases):
        if column.name not in in_order:
            base = bases.get(column.name)
            form, step = forms.get(column.name), grid.get(column.name)
            told = Feature(column.name, node.name, "column", measure(column), column.name, base, form=form, grid=step)
            found.append(told)
    if in_order:
        often = {f.column for f in found if f.kind == "column"} - {f.column for f in found if f.kind == "echo"}
        names = [column.name for column in columns if column.name in often]
        for name in habits(ordered, node, [n for n in names if is_apart(ordered, node, n, bases.get(n), forms)]):
            found.append(Feature(f"stay {name}", node.name, "stay", "level", column=name))
    for child in ordered.forest.children(node.name):
        found.append(Feature(f"#{child.name}", node.name, "count", "number", other=child.name))
    named = {link.number: name for link, name in _named(ordered, node, links)}
    for number, name in named.items():
        found.append(Feature(name, node.name, "column", "level", name, link=number))
    for link in (link for link in links if link.table == node.name and link.number not in named):
        if link.style != "implied" and (any(node.table.column(c).nullable for c in link.key.columns) or _own(link)):
            found.append(Feature(f"link {link.number}", node.name, "link", "level", link=link.number))
    for column in node.table.columns:
        if column.nullable and (node.name, column.name) in made:
            found.append(Feature(f"present {column.name}", node.name, "present", "level", column=column.name))
    if any(link.style == "other" and link.key.target == node.name for link in links):
        found.append(Feature("#referrers", node.name, "referrers", "number"))
    return tuple(found)


def _named(ordered: Ordered, node: Node, links: tuple[Link, ...]) -> Iterator[tuple[Link, str]]:
    """References to public tables by a column of their own: what they name is a code like any other."""
    used = [name for key in node.table.foreign_keys for name in key.columns]
    for link in links:
        if link.table == node.name and link.style == "other" and ordered.forest.node(link.key.target).table.public:
            column = link.key.columns[0]
            if len(link.key.columns) == 1 and used.count(column) == 1 and column not in node.table.order_by:
                yield link, column


def _own(link: Link) -> bool:
    return link.key.target == link.table


def _order_features(
    ordered: Ordered, node: Node, columns: list[Column], bases: Mapping[str, Base], forms: Mapping[str, str], k: int
) -> list[Feature]:
    """First, span, gap and all that goes with them, where a child table is put in order by a quantity of its own."""
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
        Feature(f"time {column.name}", node.name, "time", "number", column=column.name, form=form, base=base),
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
