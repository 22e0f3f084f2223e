"""`${name}` in a recipe: defaults under `parameters:`, values from `--set`, and which entries the command line gave."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.pipeline.nearest import nearest
from synth.pipeline.yamlfile import Document, Place

_REFERENCE = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A recipe with every parameter in place. `given` holds the places whose text came from the command line."""

    value: dict[str, Any]
    lines: Mapping[Place, int]
    given: frozenset[Place]


def parse_settings(settings: Sequence[str]) -> dict[str, str]:
    """`key=value` arguments as a mapping of texts. Raises UserError when one has no `=`."""
    found: dict[str, str] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise UserError("--set takes key=value", remedy="for instance: --set persons=500")
        found[key.strip()] = text
    return found


def fill(document: Document, settings: Mapping[str, str], path: Path) -> Filled:
    """Put parameters in their places and settings such as `fit.generator` over what the recipe says.

    Raises UserError for a setting that is neither, a reference to no parameter, or a parameter without a value.
    """
    if not isinstance(document.value, dict):
        raise UserError("is not a recipe: it holds no keys", file=path, remedy="see datasets/demo/recipe.yaml")
    recipe = {key: value for key, value in document.value.items() if key != "parameters"}
    defaults = document.value.get("parameters") or {}
    if not isinstance(defaults, dict):
        raise UserError("parameters are not written as name: value", file=path, remedy="give each a line of its own")
    given: set[Place] = set()
    values = dict(defaults)
    for key, value in settings.items():
        if key in defaults:
            values[key] = value
        elif "." in key:
            _override(recipe, tuple(key.split(".")), value, path)
            given.add(tuple(key.split(".")))
        else:
            raise UserError(f"the recipe has no parameter {key}", file=path, remedy=nearest(key, defaults))
    filler = _Filler(values, frozenset(settings), document.lines, path, given)
    return Filled(filler.fill(recipe, ()), document.lines, frozenset(given))


def _override(recipe: dict[str, Any], place: tuple[str, ...], value: str, path: Path) -> None:
    inside = recipe
    for name in place[:-1]:
        if inside.get(name) is None:
            inside[name] = {}
        inside = inside[name]
        if not isinstance(inside, dict):
            raise UserError(f"--set {'.'.join(place)} goes through {name}, which holds no keys", file=path)
    inside[place[-1]] = value


@dataclass(frozen=True, slots=True)
class _Filler:
    values: Mapping[str, Any]
    settings: frozenset[str]
    lines: Mapping[Place, int]
    path: Path
    given: set[Place]

    def fill(self, value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return {key: self.fill(item, (*place, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*place, index)) for index, item in enumerate(value)]
        return self._text(value, place) if isinstance(value, str) else value

    def _text(self, text: str, place: Place) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole:
            return self._parameter(whole[1], place, begins=True)
        return _REFERENCE.sub(lambda found: str(self._parameter(found[1], place, begins=found.start() == 0)), text)

    def _parameter(self, name: str, place: Place, *, begins: bool) -> Any:
        line = f"line {self.lines[place]}: " if place in self.lines else ""
        if name not in self.values:
            remedy = nearest(name, self.values, "declare it under parameters")
            raise UserError(f"{line}${{{name}}} is not a parameter of the recipe", file=self.path, remedy=remedy)
        if self.values[name] is None:
            raise UserError(
                f"{line}the parameter {name} has no value", file=self.path, remedy=f"add --set {name}=VALUE"
            )
        if begins and name in self.settings:
            self.given.add(place)
        return self.values[name]
