"""Every rule, and the rules of the SNDS facts that are not checked, with the reason."""

from __future__ import annotations

from synth.rules.bills import BILLS
from synth.rules.cases import CASES
from synth.rules.claims import CLAIMS
from synth.rules.formats import FORMATS
from synth.rules.lines import LINES
from synth.rules.persons import PERSONS
from synth.rules.rights import RIGHTS
from synth.rules.rule import Rule
from synth.rules.sectors import SECTORS
from synth.rules.stays import STAYS

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*CLAIMS, *LINES, *PERSONS, *RIGHTS, *FORMATS, *STAYS, *CASES, *SECTORS, *BILLS), key=lambda rule: rule.number
    )
)

NOT_CHECKED: dict[str, str] = {
    "27": "how to count (PRS_ACT_QTE rather than rows), not a condition on rows",
    "30, in part": "the rate of care that a long-term disease does not cover (EXO_MTF 41, 43, 45) depends on each act",
    "34, 35, in part": "tariffs of acts (modifiers, associations) and coefficients of biology need dated price lists",
    "36, in part": "the participation of 24 euros is told in bills, not by a code of its own",
    "39, in part": "stays told twice are found by their dates; the list of the numbers concerned is not shipped",
    "47, in part": "bills are compared with claims where a stay can be told; amounts of the two differ by law",
    "49, in part": "renewals keep the start of a status: only the length is checked",
    "53, in part": "shares of matched deaths and of electronic certificates by year are told by no row",
    "56, in part": "that prescriber and performer are of different professions has too many lawful exceptions",
}
