"""Mappings of a recipe read into frozen dataclasses: the dataclass is the schema."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from synth.core.errors import UserError
from synth.pipeline.nearest import nearest
from synth.pipeline.parameters import Filled
from synth.pipeline.yamlfile import Place

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Section = TypeVar("Section", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class SectionReader:
    """Reads sections of one recipe file; paths are relative to it, or to `here` when the command line gave them."""

    filled: Filled
    file: Path
    here: Path

    def read(self, kind: type[Section], value: Any, place: Place = ()) -> Section:
        """`value` as the dataclass `kind`. Raises UserError for a key unknown or missing, or an unfit value."""
        where = f"section {_dotted(place)}" if place else "the recipe"
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise self.error(place, f"{where} holds no keys", "write name: value lines under it")
        known = {item.name: item for item in fields(kind)}
        for key in value:
            if key not in known:
                raise self.error((*place, key), f"unknown key {key} in {where}", nearest(str(key), known))
        hints = get_type_hints(kind)
        found = {}
        for name, item in known.items():
            if value.get(name) is not None:
                found[name] = self._entry(hints[name], value[name], (*place, name))
            elif item.default is MISSING and item.default_factory is MISSING:
                raise self.error(place, f"{where} lacks the key {name}", "add it")
        return kind(**found)

    def _entry(self, kind: Any, value: Any, place: Place) -> Any:
        if get_origin(kind) in (Union, types.UnionType):
            (kind,) = (option for option in get_args(kind) if option is not type(None))
        if isinstance(kind, type) and is_dataclass(kind):
            return self.read(kind, value, place)
        if get_origin(kind) is tuple:
            items = value if isinstance(value, list) else str(value).split(",")
            inner = get_args(kind)[0]
            return tuple(self._entry(inner, item, (*place, index)) for index, item in enumerate(items))
        if kind is Path:
            return self.base(place) / Path(str(value)).expanduser()
        name, convert = _KINDS[get_origin(kind) or kind]
        try:
            return convert(value)
        except (TypeError, ValueError):
            raise self.error(place, f"{_dotted(place)} is not {name}", "correct the value") from None

    def base(self, place: Place) -> Path:
        """The folder to which a path at `place` is relative."""
        return self.here if place in self.filled.given else self.file.parent

    def error(self, place: Place, problem: str, remedy: str) -> UserError:
        """A UserError about `place` of the file, with its line when the file has it."""
        line = self.filled.lines.get(place)
        return UserError(problem if line is None else f"line {line}: {problem}", file=self.file, remedy=remedy)


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and value != int(value)):
        raise ValueError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _flag(value: Any) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if not isinstance(value, bool) and str(value).lower() not in known:
        raise ValueError
    return value if isinstance(value, bool) else known[str(value).lower()]


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise ValueError
    return str(value)


def _keys(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


_KINDS: dict[Any, tuple[str, Callable[[Any], Any]]] = {
    int: ("a whole number", _whole),
    float: ("a number", _number),
    bool: ("true or false", _flag),
    str: ("text", _text),
    Mapping: ("a list of name: value", _keys),
}
