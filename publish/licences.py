"""Licences a package may carry, by SPDX identifier (https://spdx.org/licenses/), with what catalogues call them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """`eu` is the concept of the EU licence authority table, `udata` the identifier data.gouv.fr knows it by."""

    spdx: str
    title: str
    url: str
    eu: str | None = None
    udata: str = "notspecified"


DEFAULT_LICENCE = "etalab-2.0"  # that of public data in France (decree 2017-638)
_EU = "http://publications.europa.eu/resource/authority/licence/"
LICENCES: dict[str, Licence] = {
    licence.spdx: licence
    for licence in (
        Licence(
            "etalab-2.0",
            "Licence Ouverte / Open Licence 2.0",
            "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
            _EU + "ETALAB_2_0",
            "lov2",
        ),
        Licence(
            "CC-BY-4.0",
            "Creative Commons Attribution 4.0 International",
            "https://creativecommons.org/licenses/by/4.0/",
            _EU + "CC_BY_4_0",
            "cc-by",
        ),
        Licence(
            "CC0-1.0",
            "Creative Commons Zero 1.0 Universal",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            _EU + "CC0",
            "cc-zero",
        ),
        Licence(
            "ODbL-1.0",
            "Open Data Commons Open Database License 1.0",
            "https://opendatacommons.org/licenses/odbl/1-0/",
            _EU + "ODC_BL",
            "odc-odbl",
        ),
        Licence(
            "LGPL-2.0-or-later",
            "GNU Library General Public License 2 or later",
            "https://www.gnu.org/licenses/old-licenses/lgpl-2.0.html",
            udata="other-open",
        ),
        Licence(
            "ODC-By-1.0",
            "Open Data Commons Attribution License 1.0",
            "https://opendatacommons.org/licenses/by/1-0/",
            _EU + "ODC_BY",
            "odc-by",
        ),
    )
}
