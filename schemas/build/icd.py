"""Sex and age bounds of ICD-10 codes, by range, from the definition of the categories (obstetrics, organs of one sex,
perinatal conditions); ages in whole years. A code in no range has no bound.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """`sex` as in IR_SEX_V (1 male, 2 female, empty for both); the range runs from `first` to `last`, prefixes both."""

    first: str
    last: str
    sex: str = ""
    age_min: int | None = None
    age_max: int | None = None


BOUNDS: tuple[Bound, ...] = (
    Bound("A34", "A34", "2", 12, 55),
    Bound("B260", "B260", "1"),
    Bound("B373", "B373", "2"),
    Bound("C51", "C58", "2"),
    Bound("C60", "C63", "1", 15),
    Bound("C796", "C796", "2"),
    Bound("D06", "D06", "2", 15),
    Bound("D070", "D073", "2"),
    Bound("D074", "D076", "1"),
    Bound("D25", "D28", "2", 12),
    Bound("D29", "D29", "1"),
    Bound("D39", "D39", "2"),
    Bound("D40", "D40", "1"),
    Bound("E28", "E28", "2", 10),
    Bound("E29", "E29", "1"),
    Bound("F00", "F03", "", 30),
    Bound("F53", "F53", "2", 12, 55),
    Bound("G30", "G30", "", 30),
    Bound("I861", "I861", "1"),
    Bound("I863", "I863", "2"),
    Bound("M800", "M801", "2", 35),
    Bound("M810", "M811", "2", 35),
    Bound("N40", "N40", "1", 35),
    Bound("N41", "N51", "1"),
    Bound("N70", "N77", "2"),
    Bound("N80", "N98", "2", 10),
    Bound("O", "O", "2", 12, 55),
    Bound("P", "P", "", 0, 1),
    Bound("Q50", "Q52", "2"),
    Bound("Q53", "Q55", "1"),
    Bound("R54", "R54", "", 60),
    Bound("R86", "R86", "1"),
    Bound("R87", "R87", "2"),
    Bound("Z014", "Z014", "2", 12),
    Bound("Z124", "Z124", "2", 15),
    Bound("Z125", "Z125", "1", 35),
    Bound("Z32", "Z37", "2", 12, 55),
    Bound("Z38", "Z38", "", 0, 0),
    Bound("Z39", "Z39", "2", 12, 55),
    Bound("Z875", "Z875", "2", 12),
    Bound("Z975", "Z975", "2", 12, 60),
)


def bound_of(code: str) -> Bound | None:
    """The bound of the range that holds `code` (written without a dot), or None."""
    for bound in BOUNDS:
        if bound.first <= code[: len(bound.first)] and code[: len(bound.last)] <= bound.last:
            return bound
    return None
