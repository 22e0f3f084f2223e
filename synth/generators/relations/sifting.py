"""Sifting: of all pairs of columns, those that some rows do not rule out already as what a quantity is made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Form = Callable[[Floats, Floats], Floats]
ROWS = 256
_FEW = 20  # with fewer rows that say something, nothing is ruled out
_SHARE = 0.5  # of these rows, far below what is asked of all rows
_GLANCE = 16  # rows that most pairs fail in, whatever the number of columns
_FEW_GLANCED = 8
_SHARE_GLANCED = 0.25
_PAIRS = 8_192  # of which all rows are looked at together


def worth_trying(target: Floats, numbers: Floats, form: Form, tolerance: float, telling: int) -> Flags:
    """For every two columns of `numbers` (rows x columns) whether `form` of them may be the target.

    Ruled out are pairs for which fewer than `telling` rows have both and the target, none of them zero, and pairs that
    mostly give something else in the first of these rows, evenly spread: in a few rows, then, what is left, in more.
    """
    rows = np.flatnonzero(~np.isnan(target) & (target != 0))
    glanced, looked_at = (rows[:: max(1, len(rows) // most)] for most in (_GLANCE, ROWS))
    counted, held = _counted(
        target[glanced, None, None], numbers[glanced, :, None], numbers[glanced, None, :], form, tolerance
    )
    first, second = np.nonzero((counted < _FEW_GLANCED) | (held >= _SHARE_GLANCED * counted))
    found = np.zeros((numbers.shape[1], numbers.shape[1]), dtype=np.bool_)
    for start in range(0, len(first), _PAIRS):
        one, other = first[start : start + _PAIRS], second[start : start + _PAIRS]
        a, b = numbers[np.ix_(looked_at, one)], numbers[np.ix_(looked_at, other)]
        counted, held = _counted(target[looked_at, None], a, b, form, tolerance)
        found[one, other] = (counted < _FEW) | (held >= _SHARE * counted)
    left = np.flatnonzero(found.any(axis=0) | found.any(axis=1))
    says = _says(numbers[np.ix_(rows, left)]).astype(np.float32)
    found[np.ix_(left, left)] &= says.T @ says >= telling
    return found


def _counted(target: Floats, a: Floats, b: Floats, form: Form, tolerance: float) -> tuple[Floats, Floats]:
    """In how many rows pairs say something, and in how many of these their form is the target."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        given = form(a, b)
        near = np.abs(target - given) <= tolerance + 1e-9 * np.abs(given)
    both = _says(a) & _says(b)
    return both.sum(axis=0), (near & both).sum(axis=0)


def _says(numbers: Floats) -> Flags:
    said: Flags = (numbers != 0) & ~np.isnan(numbers)
    return said
