"""Names of tables by year, both ways: `T_MCOaaB` and 2022 make `T_MCO22B`.

Hospital tables carry two digits of the year, claims tables from before 2013 are archived as `ER_PRS_F_2010`, and
disease-map tables carry the year and the generation of the algorithm (`CT_IND_2019_G8`).
"""

from __future__ import annotations

import re

from synth.core.errors import UserError
from synth.core.snds.store import snds_tables

CURRENT_CLAIMS_FROM = 2013
_HOSPITAL = re.compile(r"(T_(?:MCO|SSR|HAD|RIP|SUP))(\d\d)(\w+)$", re.IGNORECASE)
_ARCHIVE = re.compile(r"(ER_[A-Z]{3}_F)_(\d{4})$", re.IGNORECASE)
_MAP = re.compile(r"(CT_(?:IDE|IND|DEP))_(?:(\d{4})_G(?:\d+|N)|G(?:\d+|N)_(\d{4}))$", re.IGNORECASE)


def table_name(pattern: str, year: int | None) -> str:
    """The name under which `pattern` is found in `year`; `pattern` itself where the year does not show, or is None."""
    if year is None:
        return pattern
    if pattern.startswith("T_"):
        return pattern.replace("aa", f"{year % 100:02d}", 1)
    if pattern.startswith("CT_"):
        return pattern.replace("AAAA", str(year), 1)
    if pattern.startswith("ER_") and year < CURRENT_CLAIMS_FROM:
        return f"{pattern}_{year}"
    return pattern


def resolve_name(name: str) -> tuple[str, int | None]:
    """The pattern and the year that a table name tells: (`T_MCOaaB`, 2022) for `T_MCO22B`; year None when it does not.

    Raises UserError when no table of the SNDS is called so in any year.
    """
    hospital, archive, disease = _HOSPITAL.match(name), _ARCHIVE.match(name), _MAP.match(name)
    if hospital:
        return _known(f"{hospital[1]}aa{hospital[3]}", name), 2000 + int(hospital[2])
    if archive:
        return _known(archive[1], name), int(archive[2])
    if disease:
        return _known(f"{disease[1]}_AAAA_GN", name), int(disease[2] or disease[3])
    return _known(name, name), None


def _known(pattern: str, name: str) -> str:
    if pattern in snds_tables():
        return pattern
    alike = {known.upper(): known for known in snds_tables()}
    folded = alike.get(pattern.upper()) or alike.get(re.sub(r"GV\d+\w?$", "GVXX", pattern.upper()))
    if folded is None:
        raise UserError("not a table of the SNDS", table=name, remedy="run: synth schemas list")
    return folded
