"""Every rule, and the rules of the SNDS facts that are not checked, with the reason."""

from __future__ import annotations

from synth.rules.bills import BILLS
from synth.rules.claims import CLAIMS
from synth.rules.persons import PERSONS
from synth.rules.rule import Rule
from synth.rules.sectors import SECTORS
from synth.rules.stays import STAYS

RULES: tuple[Rule, ...] = tuple(sorted((*CLAIMS, *PERSONS, *STAYS, *SECTORS, *BILLS), key=lambda rule: rule.number))

NOT_CHECKED: dict[str, str] = {
    "5, 7, 8": "about which tables and columns exist: `synth schemas show` answers",
    "12, 14": "invalid and fictitious identifiers are legitimate; filtering them is the user's choice",
    "18, 19, 56": "professional numbers and specialties need the yearly referential of professionals",
    "23, 24, 25, 27, 28": "conventions for counting, not conditions on a row",
    "32, 34, 35, 36": "need the tariffs in force on the day",
    "39, 49, 51, 57": "need external lists, or hold for groups of rows only",
}
