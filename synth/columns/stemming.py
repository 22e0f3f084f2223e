"""Stemming: which stems a column's rare codes have, counted over persons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from synth.columns.belonging import Parents, parents_of
from synth.columns.stems import MARK, Stem, Stems, looks_like_code, pool_of, shape_of
from synth.core.arrays import distinct
from synth.core.catalog import Column
from synth.core.counts import rounded_alone
from synth.core.nomenclatures import find_nomenclature

Codes = NDArray[np.int64]
_SHARE = 0.02  # of the rows must have rare codes for stems to be worth their place
_CODES = 20  # different rare codes, too
_IDENTIFIERS = 0.5  # share of rows with rare codes from which the codes are identifiers of something
_REGULAR = 0.95  # share of these rows whose codes are of one length
_MANY = 0.1  # ... and from which codes without a list are invented, if their lengths are no more apart than ...
_UNEVEN = 3
_LISTED = 0.9  # share of different codes that a list must know to be the column's list
_PARTLY = 0.5  # ... that a list must know of which only a part is there
_MOST = 128  # stems of identifiers
_MOST_LISTED = 1_000
_MOST_CODES = 256  # public codes kept for a stem
_MOST_BELOW = 32  # ... and of those that belong to one code, where a column tells which
_LONGEST = 24
_DIGITS = 18  # of an integer of 64 bits, whatever they are
_TAIL = 4  # places that identifiers keep after the stem: room for a mark and for many of them


@dataclass(frozen=True)
class CodeList:
    """Codes that anyone may know, and how often each is met, as published (in any unit; empty: nobody knows).

    `parents` tells what codes belong to, where a column of the same row is to hold that.
    """

    codes: tuple[str, ...]
    weights: tuple[float, ...] = ()
    parents: Parents = field(default_factory=dict)


@dataclass
class RareTally:
    """Who has which rare code: rows by code and person, gathered block by block."""

    texts: dict[str, int] = field(default_factory=dict)
    codes: list[Codes] = field(default_factory=list)
    units: list[Codes] = field(default_factory=list)
    rows: list[Codes] = field(default_factory=list)

    def add(self, codes: Codes, texts: list[str], units: Codes) -> None:
        """Count rows with rare codes (places in `texts`; all of a person's rows are in one block)."""
        if not len(codes):
            return
        places = np.array([self.texts.setdefault(text, len(self.texts)) for text in texts], dtype=np.int64)
        pairs, rows = np.unique(np.stack([places[codes], units]), axis=1, return_counts=True)
        self.codes.append(pairs[0])
        self.units.append(pairs[1])
        self.rows.append(rows.astype(np.int64))

    def stems(
        self,
        column: Column,
        kept: Collection[str],
        known_rows: int,
        k: int,
        listed: CodeList | None = None,
        by: str | None = None,
    ) -> Found | None:
        """The stems of the rare codes, beside those `kept` that `known_rows` rows have; None where they do not pay.

        Codes become others of the `listed` ones, or of the column's public list; of those, such that belong to what the
        column `by` of the same row holds.
        """
        if not self.codes or column.type not in ("string", "integer") or column.categories or column.role == "text":
            return None
        codes, units, rows = (np.concatenate(each) for each in (self.codes, self.units, self.rows))
        texts = list(self.texts)
        total = int(rows.sum())
        listed = _listed(column, {*texts, *kept}) if listed is None else listed
        if listed is not None and by is not None:
            listed = replace(listed, parents=parents_of(column.nomenclature))
        like_codes = np.array([listed is not None or looks_like_code(text) for text in texts])
        few = len(texts) < _CODES or total < _SHARE * (total + known_rows)
        if listed is None and (few or like_codes.mean() < _REGULAR):
            return None
        lengths = np.array([len(text) for text in texts])
        common = np.bincount(lengths[codes], weights=rows)
        share = total / (total + known_rows)
        whole = column.type == "integer"  # written without zeros in front, so of several lengths
        if listed is None and whole and lengths.max() > _DIGITS:
            return None
        identifiers = listed is None and (whole or common.max() >= _REGULAR * total) and share >= _IDENTIFIERS
        if listed is None and not identifiers and (share < _MANY or np.ptp(lengths) > _UNEVEN):
            return None
        most = _MOST if identifiers else _MOST_LISTED
        allowed = None if listed is None else _prefixes(code for code in listed.codes if code not in kept)
        longest = int(common.argmax()) - _TAIL if identifiers else _LONGEST
        assigned = _assign(texts, like_codes, (codes, units), k, (max(longest, 1), most), allowed)
        found = _found(assigned, texts, (codes, units, rows), column, set(kept), listed, k)
        if found is None or identifiers:
            return found
        return replace(found, stems=replace(found.stems, marked=False, by=None if listed is None else by))


@dataclass(frozen=True)
class Found:
    """Stems, the smallest number of persons behind one, and how many persons have a rare code under none of them."""

    stems: Stems
    support: int
    others: int


def _listed(column: Column, texts: set[str]) -> CodeList | None:
    """The column's public list, if it knows nearly all codes, or most of them where only a part of it is there."""
    found = find_nomenclature(column.nomenclature) if column.nomenclature else None
    least = _LISTED if found is None or found.complete else _PARTLY
    if found is None or len(texts & set(found.codes)) < least * len(texts):
        return None
    told: dict[str, float] = {}
    for entry in found.entries:
        told[entry.code] = max(told.get(entry.code, 0.0), entry.weight or 0.0)
    return CodeList(found.codes, tuple(told[code] for code in found.codes) if any(told.values()) else ())


def _prefixes(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(code[:n] for code in codes for n in range(min(len(code), _LONGEST)))


def _assign(
    texts: list[str],
    waiting: NDArray[np.bool_],
    pairs: tuple[Codes, Codes],
    k: int,
    bounds: tuple[int, int],
    allowed: frozenset[str] | None,
) -> list[str | None]:
    """The stem of each text: the longest beginning that k persons share who have no longer one.

    Where beginnings are `allowed`, those of a list, there may be one of no length at all: any other code of the list.
    `bounds` are the most places a stem may have and the most stems; those with more places come first.
    """
    found: list[str | None] = [None] * len(texts)
    longest, most = bounds
    longest = min(max(len(text) for text in texts) - 1, longest)
    codes, units = pairs
    waiting = waiting.copy()
    taken: set[str] = set()
    for length in range(longest, 0 if allowed is None else -1, -1):
        free = [len(text) > length and bool(yes) for text, yes in zip(texts, waiting, strict=True)]
        prefixes = [text[:length] if yes else None for text, yes in zip(texts, free, strict=True)]
        names = {name: place for place, name in enumerate(sorted({p for p in prefixes if p is not None}))}
        at = np.array([-1 if p is None else names[p] for p in prefixes], dtype=np.int64)[codes]
        there = at >= 0
        size = int(units.max(initial=0)) + 1
        told = distinct(at[there] * size + units[there])
        persons = np.bincount(told // size, minlength=len(names))
        enough = {name for name, place in names.items() if persons[place] >= k}
        enough = enough if allowed is None else enough & allowed
        if len(taken) + len(enough) > most:
            continue
        taken |= enough
        for index, prefix in enumerate(prefixes):
            if prefix in enough:
                found[index] = prefix
                waiting[index] = False
    return found


def _found(
    assigned: list[str | None],
    texts: list[str],
    tally: tuple[Codes, Codes, Codes],
    column: Column,
    kept: set[str],
    listed: CodeList | None,
    k: int,
) -> Found | None:
    codes, units, rows = tally
    prefixes = sorted({prefix for prefix in assigned if prefix is not None})
    public = _public(prefixes, kept, listed)
    if not prefixes:
        return None
    at = np.array([-1 if p is None else prefixes.index(p) for p in assigned], dtype=np.int64)[codes]
    stems, supports, spare, repeated = [], [], 0, 0
    for place, prefix in enumerate(prefixes):
        inside = at == place
        persons = len(distinct(units[inside]))
        shape = _shape(prefix, texts, codes[inside], units[inside], k)
        members, weights = public.get(prefix, ((), ()))
        pool = len(members) or pool_of(int(inside.sum()), len(distinct(codes[inside])))
        stems.append(Stem(prefix, int(rounded_alone(rows[inside].sum(), k)), shape, pool, members, weights))
        supports.append(persons)
        repeated += int(rows[inside].sum()) - int(inside.sum())
        spare += int(rows[inside].sum()) - persons
    reuse = repeated / spare if spare else 0.0
    marked = listed is None and _may_be_marked(column, stems)
    others = len(distinct(units[at < 0]))
    return Found(Stems(tuple(stems), round(reuse, 4), marked), min(supports), others)


Members = tuple[tuple[str, ...], tuple[float, ...]]


def _public(prefixes: list[str], kept: set[str], listed: CodeList | None) -> dict[str, Members]:
    """Listed codes under each stem that are neither kept themselves nor under a longer stem (else these too), and how
    often each is met: a code without a count as often as the rarest one that has some."""
    if listed is None:
        return {}
    least = min((weight for weight in listed.weights if weight > 0), default=1.0)
    weights = listed.weights or (0.0,) * len(listed.codes)
    told = {code: weight or least for code, weight in zip(listed.codes, weights, strict=True) if code not in kept}
    longest = Stems(tuple(Stem(prefix, 0, "", 1) for prefix in prefixes), 0.0, False)
    under: dict[str, list[str]] = {prefix: [] for prefix in prefixes}
    for code, place in zip(told, longest.encode(list(told)).tolist(), strict=True):
        if place >= 0:
            under[prefixes[place]].append(code)
    found = {}
    for prefix, codes in under.items():
        codes = codes or [code for code in told if code.startswith(prefix)]
        below: dict[str, list[str]] = {}
        for code in codes:
            for parent in listed.parents.get(code, ()):
                below.setdefault(parent, []).append(code)
        common = set(_common(codes, told, listed, _MOST_CODES))
        common.update(code for some in below.values() for code in _common(some, told, listed, _MOST_BELOW))
        codes = [code for code in codes if code in common]
        found[prefix] = tuple(codes), tuple(told[code] for code in codes) if listed.weights else ()
    return found


def _common(codes: list[str], told: Mapping[str, float], listed: CodeList, most: int) -> list[str]:
    """So many codes of some: those met most often, or some at equal steps where nobody knows how often they are."""
    if listed.weights:
        return sorted(codes, key=lambda code: (-told[code], code))[:most]
    return codes[:: max(1, -(-len(codes) // most))]


def _shape(prefix: str, texts: list[str], codes: Codes, units: Codes, k: int) -> str:
    """The most common shape of what follows a stem that k persons have; digits all along where none is."""
    tails = {code: shape_of(texts[code][len(prefix) :]) for code in distinct(codes).tolist()}
    persons: dict[str, set[int]] = {}
    for code, unit in zip(codes.tolist(), units.tolist(), strict=True):
        persons.setdefault(tails[code], set()).add(unit)
    common = Counter({shape: len(who) for shape, who in persons.items()})
    shape, count = min(common.items(), key=lambda item: (-item[1], item[0]))
    return shape if count >= k else "9" * len(shape)


def _may_be_marked(column: Column, stems: list[Stem]) -> bool:
    """Whether invented codes may carry a mark: text that no pattern forbids."""
    if column.type != "string":
        return False
    example = stems[0].prefix + MARK + "0" * (len(stems[0].shape) - 1)
    return column.pattern is None or re.fullmatch(column.pattern, example) is not None
