"""References to public tables by a code: what is named is drawn as a code; a rare one is any row that no code names."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from synth.columns.levels import Levels
from synth.columns.values import from_texts, to_texts
from synth.core.arrays import arrow_of, numpy_of, text_array
from synth.core.seeds import Stream
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn
from synth.generators.features.feature import Feature
from synth.generators.keys.links import Link


def naming(plan: Blueprint, link: Link) -> Feature | None:
    """The feature that tells what a reference names, where it is one."""
    features = plan.layout.features[link.table]
    return next((f for f in features if f.kind == "column" and f.link == link.number), None)


def fill_named(plan: Blueprint, link: Link, feature: Feature, drawn: Drawn, public: pa.Table, stream: Stream) -> None:
    """Fill the column of a reference to a table that is not empty."""
    column = drawn.node.table.column(link.key.columns[0])
    codec = plan.codec(link.table, feature.name)
    codes = drawn.codes[:, plan.layout.index(link.table, feature.name)]
    uniform, again = stream.uniform(drawn.rows), stream.uniform(drawn.rows)
    texts = codec.texts(codes, uniform, drawn.unit, again)
    keys = to_texts(public[link.key.target_columns[0]]).drop_null()
    others = keys
    if isinstance(codec.kept, Levels):
        others = keys.filter(pc.invert(pc.is_in(keys, text_array(codec.kept.values))))
        if codec.kept.rare and len(others):
            texts = pc.if_else(arrow_of(codes == len(codec.kept) - 1), None, texts)
    asked = numpy_of(texts.is_null())
    if column.nullable:
        asked &= codes < (0 if codec.kept is None else len(codec.kept))
    if asked.any():
        source = others if len(others) else keys
        drawn_keys = source.take(arrow_of(stream.integers(drawn.rows, len(source))))
        texts = pc.if_else(arrow_of(asked), drawn_keys, texts)
    drawn.cells[column.name] = from_texts(texts, column)
