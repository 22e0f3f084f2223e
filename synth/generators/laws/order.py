"""In which order a chain draws the features of a part: few codes first, and last of all what mostly repeats others.

What has few codes is learned well from few rows and cuts the others into even parts; what has many is told finely by
all that came before it (Nowok et al., synthpop, J. Statistical Software 2016, advise the same for long lists of codes).
A column that is computed from others in most rows comes after these: were they drawn given it, what it tells would be
lost in the rows in which it is computed anew.
Sizes are part of the model, so that the order need not be.
"""

from __future__ import annotations

from collections.abc import Sequence

from synth.columns.codec import Codec
from synth.generators.coding.layout import Part

_ECHO = "echo "  # how features are called that tell whether a column is computed in a row


def is_drawn_in_turn(part: Part) -> bool:
    """Whether rows are drawn one after the other, or kind by kind: few of them at a time, in an order of their own."""
    return part.name != "all" or part.kinds is not None or part.kind is not None


def drawing_order(part: Part, codecs: Sequence[Codec]) -> tuple[int, ...]:
    """Places, among the variables of a part (context first), of its own in the order in which they are drawn.

    Rows that follow one another, and those told by kinds, have an order of their own, which stays: the time first, or
    the kind.
    """
    own = range(len(part.context), len(codecs))
    if is_drawn_in_turn(part):
        return tuple(own)
    names = part.titles
    echoed = {name.removeprefix(_ECHO) for name in part.own if name.startswith(_ECHO)}
    return tuple(sorted(own, key=lambda place: (names[place] in echoed, codecs[place].size)))
