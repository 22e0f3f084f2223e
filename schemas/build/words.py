"""Titles and descriptions of tables and columns, in French and English, written for this project.

`words_tables.txt` and `words_columns.txt` hold one line for each table and column: name, titles and, where a title does
not say enough, a note. A name between slashes is a pattern; `{...}\\1` puts the word that the letter or code stands for
after the text. A description is the note and what the column's own facts tell: its list, its unit, its years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merge import Merged

# what a captured code stands for, in French and English
STANDS_FOR = {
    "E": ("professionnel exécutant", "performing professional"),
    "P": ("professionnel prescripteur", "prescribing professional"),
    "AMO": ("part obligatoire", "statutory share"),
    "AMC": ("part complémentaire", "top-up share"),
    "RAC": ("part du patient", "patient's share"),
}
HOSPITAL = {
    "T_MCO": ("Court séjour", "Acute care"),
    "T_SUP": ("Court séjour, activité déclarée", "Acute care, declared activity"),
    "T_SSR": ("Réadaptation", "Rehabilitation"),
    "T_HAD": ("Hospitalisation à domicile", "Hospital at home"),
    "T_RIP": ("Psychiatrie", "Psychiatry"),
}
WITHDRAWN = {
    "NS_": ("base simplifiée, retirée", "simplified base, withdrawn"),
    "EB_": ("échantillon, retiré", "sample, withdrawn"),
}
Texts = tuple[str, str, str, str]


@dataclass(frozen=True)
class Words:
    """The texts by name, and the patterns in the order they are tried."""

    tables: dict[str, tuple[str, str]]
    columns: dict[str, Texts]
    patterns: tuple[tuple[re.Pattern[str], Texts], ...]

    def table(self, name: str) -> tuple[str, str]:
        """French and English titles of a table: its own, or its product and what its ending stands for."""
        if name[:3] in WITHDRAWN:
            says = self.tables.get(name) or self.tables[f"ER_{name[3:]}"]
            note = WITHDRAWN[name[:3]]
            return f"{says[0]} ({note[0]})", f"{says[1]} ({note[1]})"
        if name in self.tables:
            return self.tables[name]
        product, ending = HOSPITAL[name[:5]], name[7:].removeprefix("SUP_")
        version = re.fullmatch(r"GV(\w+)", ending)
        if version:
            says = (f"groupage en version {version[1]}", f"grouping in version {version[1]}")
        else:
            says = self.tables.get(f"*{ending}") or (f"fichier {ending}", f"file {ending}")
        return f"{product[0]} : {says[0]}", f"{product[1]}: {says[1]}"

    def column(self, table: str, column: Merged) -> dict[str, Any]:
        """Texts of a column as properties of its field; none when no title is written."""
        found = self.columns.get(f"{table}.{column.name}") or self.columns.get(column.name) or self._match(column.name)
        if found is None:
            return {}
        title, title_en, note, note_en = found
        says, says_en = facts(table, column)
        return {
            "title": title,
            "description": " ".join(part for part in (note, says) if part),
            "synth:titleEn": title_en,
            "synth:descriptionEn": " ".join(part for part in (note_en, says_en) if part),
        }

    def _match(self, name: str) -> Texts | None:
        for pattern, texts in self.patterns:
            found = pattern.fullmatch(name)
            if found:
                title, title_en, note, note_en = texts
                return _filled(title, found, 0), _filled(title_en, found, 1), note, note_en
        return None


def _filled(text: str, found: re.Match[str], language: int) -> str:
    if text.startswith("{"):
        return text[1:].replace("}\\1", STANDS_FOR[found[1]][language])
    return found.expand(text)


def facts(table: str, column: Merged) -> tuple[str, str]:
    """What type, list, unit and years of a column say, in French and English: whole sentences."""
    says = [_kind(table, column)]
    if column.nomenclature:
        says.append((f"Code de la liste {column.nomenclature}.", f"Code of list {column.nomenclature}."))
    if column.years:
        says.append(_presence(column.years))
    if not column.listed:
        says.append(("Absente du catalogue de 2024.", "Absent from the 2024 catalogue."))
    return " ".join(part[0] for part in says if part[0]), " ".join(part[1] for part in says if part[1])


def _kind(table: str, column: Merged) -> tuple[str, str]:
    name, claims = column.name, table.startswith(("ER_", "IR_"))
    if column.type == "date":
        sentinel = claims and not name.startswith("FLX_") and name not in ("IMB_ALD_DTF", "EXE_SOI_DTD")
        missing = (" ; 1600-01-01 quand elle manque", "; 1600-01-01 when missing") if sentinel else ("", "")
        return f"Date{missing[0]}.", f"Date{missing[1]}."
    if re.search(r"_(AMD|AMF|AME|AM)$", name):
        return "Année et mois, AAAAMM.", "Year and month, YYYYMM."
    if column.type == "number":
        if re.search(r"(^|_)TAUX?(_|$)", name):
            return "Pourcentage.", "Percentage."
        if not re.search(r"(^|_)(MNT|MNR|PRU|PRX|PRI|BSE|BAS|BRM|RAC|COU)(_|$)|PRD_UN", name):
            return "Nombre décimal.", "Decimal number."
        signed = (
            (", négatif sur une régularisation", ", negative on a correction") if table.startswith("ER_") else ("", "")
        )
        return f"Montant en euros{signed[0]}.", f"Amount in euros{signed[1]}."
    if column.type == "integer" and not column.nomenclature:
        return "Nombre entier.", "Whole number."
    if column.type == "string" and not column.nomenclature:
        if not column.size:
            return "Texte.", "Text."
        if column.size == 1:
            return "Un caractère.", "One character."
        return f"Texte de {column.size} caractères au plus.", f"Text of at most {column.size} characters."
    return "", ""


def _presence(years: tuple[tuple[int, int | None], ...]) -> tuple[str, str]:
    first, last = years[0][0], years[-1][1]
    gap = (", avec une interruption", ", with a gap") if len(years) > 1 else ("", "")
    if last is None:
        return (f"Depuis {first}{gap[0]}.", f"Since {first}{gap[1]}.") if first > 2006 or gap[0] else ("", "")
    if first == last:
        return f"En {first} seulement.", f"In {first} only."
    return f"De {first} à {last}{gap[0]}.", f"From {first} to {last}{gap[1]}."


def read_words(folder: Path) -> Words:
    """Read both files of `folder`."""
    rows = _rows(folder / "words_columns.txt")
    plain = {row[0]: _texts(row) for row in rows if not row[0].startswith("/")}
    patterns = tuple((re.compile(row[0].strip("/")), _texts(row)) for row in rows if row[0].startswith("/"))
    tables = {row[0]: (row[1], row[2]) for row in _rows(folder / "words_tables.txt")}
    return Words(tables, plain, patterns)


def _texts(row: list[str]) -> Texts:
    title, title_en, note, note_en = [*row[1:], "", ""][:4]
    return title, title_en, note, note_en


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_cells(line) for line in lines if line and not line.startswith("#")]


def _cells(line: str) -> list[str]:
    """Cells of a line; a pattern between slashes may hold the separator."""
    if not line.startswith("/"):
        return line.split("|")
    end = line.index("/|")
    return [line[: end + 1], *line[end + 2 :].split("|")]
