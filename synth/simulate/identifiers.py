"""Invented identifiers: shaped like the real ones, marked so that none can be taken for one.

A person's pseudonym starts with SYN. Health professionals are numbered departement, category, 9, four digits;
hospitals departement, 99, four digits and a check digit 0: neither series is in use.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.simulate.tables import number_column, text_column

PSEUDONYM_MARK = "SYN"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [low + high for high in _ALPHABET for low in _ALPHABET]  # two letters at once: ten bits
PEOPLE_PER_DOCTOR = 1000
HOSPITAL_POPULATION = 45_000

DOCTOR, PHARMACY, LABORATORY, DENTIST, MIDWIFE, NURSE, PHYSIO = 1, 2, 3, 4, 5, 6, 7


def pseudonym(*names: object) -> str:
    """A 17-character pseudonym that depends on the names alone: SYN and 14 base-32 characters (70 bits)."""
    digest = hashlib.blake2b("|".join(str(name) for name in names).encode(), digest_size=9).digest()
    bits = int.from_bytes(digest, "big")
    return PSEUDONYM_MARK + "".join([_PAIRS[bits >> place & 1023] for place in range(0, 70, 10)])


def certificate(*names: object) -> str:
    """A 64-character pseudonym of a death certificate."""
    return (
        PSEUDONYM_MARK
        + hashlib.blake2b("|".join(str(name) for name in names).encode(), digest_size=31).hexdigest()[:61]
    )


@cache
def departements() -> NDArray[np.str_]:
    """Codes of the departements, in order."""
    return np.unique(text_column("places", "dpt"))


@cache
def departement_population() -> NDArray[np.float64]:
    """Residents of each departement, in the order of `departements`."""
    codes, hundreds = text_column("places", "dpt"), number_column("places", "hundreds")
    return np.array([hundreds[codes == code].sum() * 100 for code in departements()])


@cache
def short_departement() -> NDArray[np.str_]:
    """Two-character departement codes as they open professional and hospital numbers (20 Corsica, 97 overseas)."""
    return np.array([code[1:] if code[0] == "0" else code[:2] for code in departements()])


@cache
def pmsi_departement() -> NDArray[np.str_]:
    """Two-character departement codes of the PMSI (2A, 2B, 9A to 9D)."""
    special = {"201": "2A", "202": "2B", "971": "9A", "972": "9B", "973": "9C", "974": "9D"}
    return np.array([special.get(code, code[1:]) for code in departements()])


def professionals(
    category: int, place: NDArray[np.int64], pick: NDArray[np.float64], specialty: int = 0
) -> NDArray[np.int64]:
    """Numbers (eight digits, as integers) of professionals near each place; `pick` in [0, 1) chooses among those there.

    Specialists of one specialty share a small range of numbers so that a number has one specialty.
    """
    pool = np.clip(departement_population()[place] / (PEOPLE_PER_DOCTOR * (1 if specialty in (0, 1) else 12)), 2, 90)
    rank = (pick * pool).astype(np.int64) + specialty * 100
    heads = short_departement().astype(np.int64)[place]
    numbers: NDArray[np.int64] = heads * 1_000_000 + category * 100_000 + 90_000 + rank
    return numbers


@cache
def hospitals() -> tuple[NDArray[np.str_], NDArray[np.int64], NDArray[np.int64]]:
    """Hospitals: number (9 characters), departement index, status (0 public, 1 private non-profit, 2 private)."""
    numbers, places, kinds = [], [], []
    for place, people in enumerate(departement_population()):
        for rank in range(max(3, round(people / HOSPITAL_POPULATION))):
            numbers.append(f"{short_departement()[place]}99{place % 10}{rank:03d}0")
            places.append(place)
            kinds.append((0, 2, 0, 1)[rank % 4])
    return np.array(numbers), np.array(places), np.array(kinds)


FACILITY_POPULATION = {"ssr": 60_000, "had": 240_000, "psy": 120_000}
FACILITY_RANKS = {"ssr": 400, "had": 600, "psy": 700}


@cache
def facilities(field: str) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Establishments of rehabilitation (ssr), home care (had) or psychiatry (psy): number and departement index.

    All are public or non-profit: clinics of these fields bill the DCIR, which has no line of theirs here.
    """
    numbers, places = [], []
    for place, people in enumerate(departement_population()):
        for rank in range(max(1, round(people / FACILITY_POPULATION[field]))):
            numbers.append(f"{short_departement()[place]}99{place % 10}{FACILITY_RANKS[field] + rank:03d}0")
            places.append(place)
    return np.array(numbers), np.array(places)
