"""Survey: the codecs of all features, learned in up to three passes over the blocks of each tree.

The first counts values, which are cut into runs. The second counts distinct persons in every run and level, which are
then merged or dropped until each code stands for at least k persons. The third weighs what stands in each bin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.bins import APART, Bins, Groups, Runs, bins_of, group_runs, runs_of
from synth.columns.codec import Codec
from synth.columns.levels import Levels, supported_levels
from synth.columns.segments import Segments
from synth.columns.stemming import CodeList, RareTally
from synth.columns.tally import CodeTally, MomentTally, TextTally, ValueCounts
from synth.columns.values import decimals_of
from synth.core.arrays import arrow_of, numpy_of
from synth.core.catalog import Column
from synth.core.counts import at_least
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_units, is_row_a_unit
from synth.generators.coding.above import column_above
from synth.generators.coding.layout import Layout
from synth.generators.coding.lists import list_of
from synth.generators.features.feature import Family, Feature
from synth.generators.features.textdates import as_date
from synth.generators.keys.links import Targets

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_AT_ONCE = 2**17  # rows of the longest table of a tree in a block, more or less
Name = tuple[str, str]


@dataclass(frozen=True)
class Encoder:
    """A codec together with what only fitting may know: where runs begin, and where each run goes."""

    feature: Feature
    codec: Codec
    runs: Runs | None = None
    target: Codes | None = None
    fallback: int = 0
    segments: tuple[Encoder, ...] = ()

    def encode(self, family: Family) -> Codes:
        """The code of every row of the feature's table in a block."""
        codes = self._number_codes(family) if self.feature.measure == "number" else self._text_codes(family)
        lost = codes < 0
        return np.where(lost, self.codec.size - 1 if self.codec.missing else self.fallback, codes)

    def _number_codes(self, family: Family) -> Codes:
        numbers = family.number(self.feature)
        if self.segments:
            return self._segment_codes(numbers, family.kinds_of(self.feature))
        if self.runs is None or self.target is None:
            return np.full(len(numbers), -1)
        return np.where(np.isnan(numbers), -1, self.target[self.runs.encode(numbers)])

    def _segment_codes(self, numbers: NDArray[np.float64], kinds: Codes) -> Codes:
        codes = np.full(len(numbers), -1)
        kept = self.codec.kept
        for kind, each in enumerate(self.segments):
            if isinstance(kept, Segments) and each.runs is not None and each.target is not None:
                inside = np.flatnonzero((kinds == kind) & ~np.isnan(numbers))
                codes[inside] = kept.starts[kind] + each.target[each.runs.encode(numbers[inside])]
        return codes

    def _text_codes(self, family: Family) -> Codes:
        texts = family.texts(self.feature)
        kept = self.codec.kept
        codes = kept.encode(texts) if isinstance(kept, Levels) else np.full(len(texts), -1)
        if not self.codec.missing:
            return codes
        unknown = (codes < 0) & numpy_of(texts.is_valid())
        return np.where(unknown, self.fallback, codes)


@dataclass
class _Learning:
    """What is gathered about one feature between the passes.

    Where each row is of a person of its own (`alone`), the first pass tells all: rows are persons.
    """

    feature: Feature
    k: int
    alone: bool
    values: ValueCounts = field(default_factory=ValueCounts)
    texts: TextTally = field(default_factory=TextTally)
    runs: Runs | None = None
    tally: CodeTally | None = None
    rare: set[str] = field(default_factory=set)
    rare_persons: int = 0
    who: RareTally = field(default_factory=RareTally)
    groups: Groups | None = None
    moments: MomentTally | None = None

    def wants(self, step: str) -> bool:
        """Whether a pass tells anything more."""
        if step == "count":
            return True
        if self.feature.measure != "number":
            return step == "check" and bool(self.rare) and not self.alone
        return not self.alone and (step == "check" or (self.groups is not None and not self.groups.alone.all()))

    def count(self, family: Family, units: Codes, asked: NDArray[np.bool_]) -> None:
        """First pass."""
        if self.feature.measure == "number":
            self.count_numbers(family.number(self.feature)[asked])
        else:
            codes, texts = _dictionary(_some(family.texts(self.feature), asked))
            self.texts.add(codes, texts, units[asked])

    def cut(self) -> None:
        """Between the passes."""
        if self.feature.measure == "number":
            self.runs = runs_of(self.values.values, self.values.rows, self.k)
            self.tally = CodeTally(len(self.runs.lowest) + 1, self.k)
            if self.alone:
                self._tell_all()
        else:
            self.rare = {text for text, persons in self.texts.persons.items() if persons < self.k}
            if self.alone and self.rare:
                self._tell_rare()

    def _tell_all(self) -> None:
        """What the passes to come would find about a quantity."""
        assert self.runs is not None and self.tally is not None
        values, rows = self.values.values, self.values.rows
        runs = self.runs.encode(values)
        self.tally.add_alone(runs, values, rows)
        self.tally.rows[-1] = self.tally.persons[-1] = self.values.missing
        self.merge()
        if self.moments is not None and self.groups is not None:
            self.moments.add_alone(self.groups.own[runs], values, rows)

    def _tell_rare(self) -> None:
        """What the second pass would find about rare texts."""
        rare = [text for text in self.texts.rows if text in self.rare]
        rows = np.array([self.texts.rows[text] for text in rare], dtype=np.int64)
        self.rare_persons = int(rows.sum())
        if self.feature.kind == "column":
            self.who.add(np.repeat(np.arange(len(rare)), rows), rare, np.arange(self.rare_persons))

    def check(self, family: Family, units: Codes, asked: NDArray[np.bool_]) -> None:
        """Second pass: distinct persons a run; for levels, those with a rare one."""
        if self.feature.measure == "number":
            self.check_numbers(family.number(self.feature)[asked], units[asked])
            return
        codes, texts = _dictionary(_some(family.texts(self.feature), asked))
        is_rare = np.array([text in self.rare for text in texts] + [False])
        of_rare = is_rare[codes]
        self.rare_persons += count_units(units[asked][of_rare])
        if self.feature.kind == "column":
            self.who.add(codes[of_rare], texts, units[asked][of_rare])

    def merge(self) -> None:
        """Between the second pass and the third: runs are merged into groups that k persons share."""
        if self.feature.measure != "number" or self.groups is not None:
            return
        assert self.runs is not None and self.tally is not None
        try:
            runs = self.tally.run_tally(len(self.runs.lowest))
            self.groups = group_runs(runs, self.k, self.runs.lowest >= APART)
            self.moments = MomentTally(self.groups)
        except ValueError:  # too few persons have any value at all
            self.groups = None

    def weigh(self, family: Family, units: Codes, asked: NDArray[np.bool_]) -> None:
        """Third pass: the mean and spread of every group."""
        self.weigh_numbers(family.number(self.feature)[asked], units[asked])

    def count_numbers(self, numbers: Floats) -> None:
        """First pass over a quantity."""
        self.values.add(numbers)

    def check_numbers(self, numbers: Floats, units: Codes) -> None:
        """Second pass over a quantity."""
        assert self.runs is not None and self.tally is not None
        missing = np.isnan(numbers)
        codes = np.where(missing, len(self.runs.lowest), self.runs.encode(numbers))
        self.tally.add(codes, units, np.nan_to_num(numbers))

    def weigh_numbers(self, numbers: Floats, units: Codes) -> None:
        """Third pass over a quantity."""
        if self.moments is None or self.groups is None or self.runs is None or self.groups.alone.all():
            return
        codes = np.where(np.isnan(numbers), -1, self.groups.own[self.runs.encode(numbers)])
        self.moments.add(codes, units, np.nan_to_num(numbers))

    def encoder(self, column: Column | None, listed: CodeList | None = None, by: str | None = None) -> Encoder:
        """The codec, and how to reach it from raw values; rare codes become others of those `listed`, which belong to
        what the column `by` of the same row holds."""
        if self.feature.measure == "number":
            return self._number_encoder(column)
        rare, missing = self.rare_persons, self.texts.missing
        known = {text: self.texts.rows[text] for text, persons in self.texts.persons.items() if persons >= self.k}
        total = sum(known.values())
        found = None if column is None else self.who.stems(column, known, total, self.k, listed, by)
        others = rare if found is None else found.others
        stems = None if found is None else found.stems
        levels = supported_levels(self.texts.rows, self.texts.persons, others, self.k, stems)
        kept = levels if levels.values or levels.stems else None
        support = self._level_support(levels, missing) if kept is not None else max(rare, missing)
        support = support if found is None else min(support or found.support, found.support)
        codec = Codec(kept, missing >= self.k or kept is None, support if support >= self.k else 0)
        return Encoder(self.feature, codec, fallback=0 if kept is None else levels.heaviest)

    def _level_support(self, levels: Levels, missing: int) -> int:
        counts = [self.texts.persons[value] for value in levels.values]
        counts += [missing] if missing >= self.k else []
        return min(counts, default=0)

    def _number_encoder(self, column: Column | None) -> Encoder:
        assert self.runs is not None and self.tally is not None
        missing = int(self.tally.persons[-1])
        if self.groups is None or self.moments is None:
            return Encoder(self.feature, Codec(None, True, missing if missing >= self.k else 0))
        bins, target = bins_of(self.groups, *self.moments.moments(), self._decimals(column)), self.groups.target
        rows = np.bincount(target, weights=self.tally.rows[:-1], minlength=len(bins))
        support = min([int(self.tally.together(target, len(bins)).min()), *([missing] if missing >= self.k else [])])
        return Encoder(self.feature, Codec(bins, missing >= self.k, support), self.runs, target, int(np.argmax(rows)))

    def _decimals(self, column: Column | None) -> int:
        if column is None:
            return 0
        # a pace is a ratio, whatever the column counts in
        shown = Column(column.name, "number") if self.feature.kind in ("pace", "level", "due") else column
        return decimals_of(self.values.values, shown)


@dataclass
class _Segmented:
    """What is gathered about a quantity that has bins of its own for each kind of row."""

    feature: Feature
    parts: list[_Learning]

    def wants(self, step: str) -> bool:
        """Whether a pass tells anything more."""
        return any(part.wants(step) for part in self.parts)

    def _each(
        self, family: Family, units: Codes, asked: NDArray[np.bool_]
    ) -> Iterator[tuple[_Learning, Floats, Codes]]:
        numbers, kinds = family.number(self.feature)[asked], family.kinds_of(self.feature)[asked]
        units = units[asked]
        for kind, part in enumerate(self.parts):
            inside = np.flatnonzero(kinds == kind)
            yield part, numbers[inside], units[inside]

    def count(self, family: Family, units: Codes, asked: NDArray[np.bool_]) -> None:
        """First pass."""
        for part, numbers, _ in self._each(family, units, asked):
            part.count_numbers(numbers)

    def cut(self) -> None:
        """Between the passes."""
        for part in self.parts:
            part.cut()

    def check(self, family: Family, units: Codes, asked: NDArray[np.bool_]) -> None:
        """Second pass."""
        for part, numbers, whose in self._each(family, units, asked):
            part.check_numbers(numbers, whose)

    def merge(self) -> None:
        """Between the second pass and the third."""
        for part in self.parts:
            part.merge()

    def weigh(self, family: Family, units: Codes, asked: NDArray[np.bool_]) -> None:
        """Third pass."""
        for part, numbers, whose in self._each(family, units, asked):
            part.weigh_numbers(numbers, whose)

    def encoder(self, column: Column | None, listed: CodeList | None = None, by: str | None = None) -> Encoder:
        """The codec, the bins of each kind laid end to end, and how to reach it from raw values."""
        found = tuple(part.encoder(column) for part in self.parts)
        kept = Segments(tuple(each.codec.kept if isinstance(each.codec.kept, Bins) else None for each in found))
        missing = any(each.codec.missing and each.codec.support for each in found)
        support = min((each.codec.support for each in found if each.codec.support), default=0)
        if not len(kept):
            return Encoder(self.feature, Codec(None, True, support))
        known = [each.codec.kept is not None for each in found]
        rows = [int(part.values.rows.sum()) * yes for part, yes in zip(self.parts, known, strict=True)]
        most = int(np.argmax(rows))
        fallback = int(kept.starts[most]) + found[most].fallback
        return Encoder(self.feature, Codec(kept, missing, support), fallback=fallback, segments=found)


def _learning(feature: Feature, k: int, alone: bool) -> _Learning | _Segmented:
    if not feature.split or feature.kinds is None:
        return _Learning(feature, k, alone)
    return _Segmented(feature, [_Learning(feature, k, False) for _ in range(feature.kinds.count)])


def _some(texts: pa.Array, asked: NDArray[np.bool_]) -> pa.Array:
    return texts if asked.all() else texts.filter(arrow_of(asked))


def _dictionary(texts: pa.Array) -> tuple[Codes, list[str]]:
    encoded = texts.dictionary_encode()
    return numpy_of(encoded.indices, -1).astype(np.int64), encoded.dictionary.to_pylist()


def families(ordered: Ordered, targets: Targets, root: str, units: int | None = None) -> Iterator[Family]:
    """The blocks of one tree, of so many units each, ready to be read as features."""
    referrers = count_referrers(ordered, targets)
    for frames in ordered.blocks(root, units or _units_at_once(ordered, root)):
        yield Family(frames, targets, referrers, ordered.marks)


def _units_at_once(ordered: Ordered, root: str) -> int:
    longest = max(ordered.rows(node.name) for node in ordered.forest.tree(root))
    return max(1, ordered.rows(root) * _AT_ONCE // max(longest, 1))


def count_referrers(ordered: Ordered, targets: Targets) -> dict[str, NDArray[np.int64]]:
    """For each table that links point to, how many rows refer to each of its rows."""
    found: dict[str, NDArray[np.int64]] = {}
    for (table, number), rows in targets.items():
        target = ordered.forest.node(table).links[number].target
        others = rows[(rows >= 0) & ((rows != np.arange(len(rows))) if target == table else True)]
        counts = np.bincount(others, minlength=ordered.rows(target))
        found[target] = found.get(target, np.zeros(ordered.rows(target), dtype=np.int64)) + counts
    return found


def asked_rows(feature: Feature, starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows for which a feature means something: first rows for `first` and `span`, later ones for the others."""
    if feature.kind in ("first", "span"):
        return starts
    return ~starts if feature.kind in ("gap", "pace", "clock", "time", "stay") else np.ones(len(starts), dtype=bool)


def survey_codecs(ordered: Ordered, layout: Layout, targets: Targets, k: int) -> dict[Name, Encoder]:
    """An encoder for each feature, by (table, feature name)."""
    encoders: dict[Name, Encoder] = {}
    for root in ordered.forest.roots:
        tables = [node for node in ordered.forest.tree(root) if not node.table.public]
        alone = {node.name: is_row_a_unit(ordered.units[node.name]) for node in tables}
        learning = [
            _learning(feature, k, alone[node.name]) for node in tables for feature in layout.features[node.name]
        ]
        _passes(ordered, targets, root, learning)
        for item in learning:
            feature = item.feature
            table = ordered.forest.node(feature.other or feature.table).table
            column = as_date(table.column(feature.column), feature.form) if feature.column else None
            found = item.encoder(column, list_of(ordered, feature), column_above(ordered, feature, k))
            told = replace(found.codec, support=at_least(found.codec.support, k))
            encoders[feature.table, feature.name] = replace(found, codec=told)
    return encoders


def _passes(ordered: Ordered, targets: Targets, root: str, learning: Sequence[_Learning | _Segmented]) -> None:
    for step in ("count", "check", "weigh"):
        wanting = [item for item in learning if item.wants(step)]
        for family in families(ordered, targets, root) if wanting else ():
            for item in wanting:
                frame = family.frames[item.feature.table]
                each = {"count": item.count, "check": item.check, "weigh": item.weigh}[step]
                each(family, frame.unit, asked_rows(item.feature, frame.starts))
        for item in learning:
            if step == "count":
                item.cut()
            elif step == "check":
                item.merge()
