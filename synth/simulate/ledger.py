"""The ledger: lines as the insurer books them, with participations, surcharges, cancellations and information copies.

Each entry is a row of ER_PRS_F: the line itself, or what the insurer adds to it (rules 20 to 27 of the SNDS facts):
the flat participation of one euro, the coordination surcharge of specialists, a cancelled line (negative) followed by
the corrected one. Shares are assumptions; the structure is documented.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.amounts import Amounts
from synth.simulate.claims import FORMS_A_BLOCK, Lines, line_table
from synth.simulate.dates import age_years, month_start
from synth.simulate.persons import Persons

LINE, PARTICIPATION, COORDINATION, CANCELLED, CORRECTED = range(5)
COORDINATION_NATURE, COORDINATION_BASE = 1126, 3.0
PARTICIPATION_NATURE = 1951
COORDINATED_SHARE = 0.15
CANCELLED_SHARE = 0.004
OWN_ROW_SHARE = 0.18  # of forms that owe the participation; elsewhere it is taken when another claim is settled
COPIED_SHARE = 0.12  # of outpatient care of public hospitals: what the insurer hears of it is not exhaustive
LATE_FORMS = 800_000  # forms from here on are those of cancellations and corrections
INFORMATION = 71
MOST_RANKS = 2**20  # lines of a form, additions included


@dataclass(frozen=True)
class Ledger:
    """Parallel arrays, one entry a row of ER_PRS_F; `line` indexes the lines, `kind` says what the row is."""

    line: NDArray[np.int64]
    kind: NDArray[np.int64]
    form: NDArray[np.int64]
    rank: NDArray[np.int64]
    settled: NDArray[np.int64]
    flux: NDArray[np.int64]
    nature: NDArray[np.int64]
    sign: NDArray[np.int64]
    base: NDArray[np.float64]
    paid: NDArray[np.float64]
    rate: NDArray[np.float64]
    refund: NDArray[np.float64]
    extra_base: NDArray[np.float64]
    extra_refund: NDArray[np.float64]
    information: NDArray[np.bool_]

    @cached_property
    def detailed(self) -> NDArray[np.bool_]:
        """Rows that have a row in a detail table: the line itself, its cancellation and its correction."""
        kept: NDArray[np.bool_] = (self.kind == LINE) | (self.kind == CANCELLED) | (self.kind == CORRECTED)
        return kept

    @cached_property
    def in_order(self) -> NDArray[np.int64]:
        """All rows by form and rank."""
        return np.argsort(self.form * MOST_RANKS + self.rank, kind="stable")


def book(lines: Lines, amounts: Amounts, persons: Persons, seed: int) -> Ledger:
    """The rows of ER_PRS_F of a block, in the order of lines, additions after each form's own lines."""
    kinds = line_table()
    n = len(lines.form)
    stream = rng(seed, "ledger", persons.block)
    person, when = lines.events.person, lines.events.day
    information = kinds.hospital[lines.events.kind]
    adult = age_years(persons.birth[person], when) >= 18
    taxed = (kinds.flat[lines.events.kind] == 1) & adult & ~persons.c2s[person] & ~information & (amounts.refund > 1)
    taxed &= (lines.rank == 1) & (stream.uniform(n) < OWN_ROW_SHARE)
    copied = ~information | (stream.uniform(n) < COPIED_SHARE)
    specialist = np.isin(amounts.nature, (1112, 1114, 1117)) & ~information
    coordinated = specialist & (stream.uniform(n) < COORDINATED_SHARE)
    early = lines.settled - when < 200
    cancelled = early & (stream.uniform(n) < CANCELLED_SHARE) & ~information
    parts = [np.flatnonzero(copied), *(np.flatnonzero(mask) for mask in (taxed, coordinated, cancelled, cancelled))]
    line = np.concatenate(parts)
    kind = np.repeat(np.arange(5), [len(part) for part in parts])
    later = np.isin(kind, (CANCELLED, CORRECTED))
    settled = lines.settled[line] + np.where(later, 20 + when[line] % 40, 0)
    number, rank = _numbers(lines, line, kind, persons.block)
    own = np.isin(kind, (LINE, CANCELLED, CORRECTED))
    sign = np.where(kind == CANCELLED, -1, 1)
    rate = amounts.rate[line]
    added = np.where(kind == COORDINATION, COORDINATION_BASE, 0.0)
    repaid = np.where(kind == PARTICIPATION, -1.0, np.round(added * rate / 100, 2))
    return Ledger(
        line,
        kind,
        number,
        rank,
        settled,
        month_start(settled, 1),
        np.where(kind == COORDINATION, COORDINATION_NATURE, amounts.nature[line]),
        sign,
        amounts.base[line] * own * sign,
        np.where(kind == COORDINATION, added, amounts.paid[line] * own * sign),
        rate,
        amounts.refund[line] * own * sign,
        added,
        repaid,
        information[line],
    )


def _numbers(
    lines: Lines, line: NDArray[np.int64], kind: NDArray[np.int64], block: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Form and rank of each row: additions follow the lines of their form, later rows open forms of their own."""
    form, rank = lines.form[line].copy(), lines.rank[line].copy()
    added = np.flatnonzero(np.isin(kind, (PARTICIPATION, COORDINATION)))
    rank[added] = 1000 + 2 * rank[added] + (kind[added] == COORDINATION)
    late = np.flatnonzero(np.isin(kind, (CANCELLED, CORRECTED)))
    form[late] = block % 1000 * FORMS_A_BLOCK + LATE_FORMS + np.arange(len(late)) + 1
    rank[late] = 1
    return form, rank
