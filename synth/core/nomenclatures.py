"""Code lists by name: those shipped under `schemas/nomenclatures/`, or fuller ones that the user imported."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from synth.core.errors import UserError
from synth.core.jsontext import read_json
from synth.core.resources import schemas_root
from synth.core.userdata import data_folder

Origin = Literal["shipped", "imported"]
INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list, as text.

    `parent` is a code of another list (the département of a commune, the long-term disease of a diagnosis); `sex` is 1
    or 2 where only men or women may have it; ages are in whole years, validity in ISO dates; `weight` is a published
    frequency, in the unit that the list's `weight` names.
    """

    code: str
    label: str = ""
    label_en: str = ""
    parent: str | None = None
    sex: str | None = None
    age_min: int | None = None
    age_max: int | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    weight: float | None = None


@dataclass(frozen=True)
class Nomenclature:
    """A list: its codes in order, where it came from and whether it is whole (`part` says what was kept)."""

    name: str
    entries: tuple[Code, ...]
    origin: Origin
    source: str
    part: str | None = None
    parent: str | None = None
    weight: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether a code that is absent is wrong; otherwise it may only be missing from the part kept."""
        return self.part is None

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes, each once, in order."""
        return tuple(dict.fromkeys(entry.code for entry in self.entries))

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """French labels, where there are some."""
        return {entry.code: entry.label for entry in self.entries if entry.label}

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._known


def nomenclature(name: str) -> Nomenclature:
    """The list called `name`, as imported, else as shipped. Raises UserError when there is none."""
    found = find_nomenclature(name)
    if found is None:
        raise UserError(f"the code list {name} is not shipped", remedy="run: synth schemas import DIR")
    return found


def find_nomenclature(name: str) -> Nomenclature | None:
    """As `nomenclature`, but None when there is no such list."""
    for folder, origin in _folders():
        entry = _index(folder).get(name)
        if entry is not None:
            return _read(folder, name, origin)
    return None


def find_codes(name: str, first: str, last: str) -> tuple[tuple[str, ...], bool] | None:
    """The codes in force between two ISO dates (all when none was) and whether the list is whole; None without a list.

    Labels and bounds are not parsed: for programs that want many lists in an instant.
    """
    for folder, origin in _folders():
        facts = _index(folder).get(name)
        if facts is None:
            continue
        try:
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
                rows = csv.reader(lines)
                header = next(rows)
                at = [header.index(column) if column in header else -1 for column in ("valid_from", "valid_to")]
                code = header.index("code")
                read = [(row[code], row[at[0]] if at[0] >= 0 else "", row[at[1]] if at[1] >= 0 else "") for row in rows]
        except (OSError, UnicodeDecodeError, ValueError, IndexError, StopIteration):
            return _read(folder, name, origin).codes, False  # raises the error that tells what is wrong
        held = (value for value, start, end in read if (start or first) <= last and (end or last) >= first)
        codes = tuple(dict.fromkeys(held)) or tuple(dict.fromkeys(value for value, _, _ in read))
        return codes, facts.get("part") is None
    return None


def shipped_nomenclature(name: str) -> Nomenclature | None:
    """The list as shipped, whatever the user imported; None when there is none."""
    folder = schemas_root() / "nomenclatures"
    return _read(folder, name, "shipped") if name in _index(folder) else None


def forget_lists() -> None:
    """Read lists again from now on: an import replaced them."""
    _index.cache_clear()
    _read.cache_clear()


def nomenclature_origins() -> Mapping[str, Origin]:
    """Every list that can be read, and which copy would be."""
    found: dict[str, Origin] = {}
    for folder, origin in reversed(_folders()):
        found.update(dict.fromkeys(_index(folder), origin))
    return dict(sorted(found.items()))


def imported_lists() -> Path:
    """The folder of imported lists, which may not exist."""
    return data_folder() / "nomenclatures"


def _folders() -> tuple[tuple[Path, Origin], ...]:
    return (imported_lists(), "imported"), (schemas_root() / "nomenclatures", "shipped")


@cache
def _index(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    path = folder / INDEX
    if not path.is_file():
        return {}
    document: Mapping[str, Mapping[str, Any]] = read_json(path)
    return document


@cache
def _read(folder: Path, name: str, origin: Origin) -> Nomenclature:
    facts = _index(folder)[name]
    path = folder / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            entries = tuple(_code(row) for row in csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, ValueError, KeyError):
        raise UserError("is not a code list", file=path, remedy="run again: synth schemas import DIR") from None
    named = ("source", "codes", "complete", "part", "parent", "weight")
    return Nomenclature(
        name,
        entries,
        origin,
        str(facts.get("source", "")),
        facts.get("part"),
        facts.get("parent"),
        facts.get("weight"),
        {key: value for key, value in facts.items() if key not in named},
    )


def _code(row: Mapping[str, str]) -> Code:
    return Code(
        row["code"],
        row.get("label", ""),
        row.get("label_en", ""),
        row.get("parent") or None,
        row.get("sex") or None,
        _whole(row.get("age_min")),
        _whole(row.get("age_max")),
        row.get("valid_from") or None,
        row.get("valid_to") or None,
        float(row["weight"]) if row.get("weight") else None,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text else None
