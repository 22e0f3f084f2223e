"""A YAML file as plain data that remembers on which line each entry stands, for errors that say where to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.core.errors import UserError
from synth.core.yamltext import read_text

if TYPE_CHECKING:
    import yaml

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The value in a YAML file and, for each entry of it by its place, the line (from 1) it begins on."""

    value: Any
    lines: dict[Place, int] = field(default_factory=dict)


def read_yaml(path: Path) -> Document:
    """The document in `path`; dates come out as ISO text.

    Raises UserError, with the line, when the file is absent, is not YAML, gives a key twice or is not UTF-8.
    """
    return parse_yaml(read_text(path), path)


def parse_yaml(text: str, path: Path) -> Document:
    """As `read_yaml`, from text; `path` is what errors call it."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Place, int] = {}
        value = None if node is None else _value(node, (), lines, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _invalid(path, 1 if mark is None else mark.line + 1) from None
    except yaml.reader.ReaderError as error:
        raise _invalid(path, text.count("\n", 0, error.position) + 1) from None
    except _Misplaced as error:
        raise UserError(f"line {error.line}: {error.problem}", file=path, remedy=error.remedy) from None
    return Document(value, lines)


def _invalid(path: Path, line: int) -> UserError:
    return UserError(f"line {line}: is not valid YAML", file=path, remedy="check indentation, colons and quotes there")


class _Misplaced(Exception):
    """Something YAML allows and we do not, on a known line."""

    def __init__(self, line: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem
        self.remedy = remedy


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], above: tuple[yaml.Node, ...]) -> Any:
    import yaml

    lines.setdefault(place, node.start_mark.line + 1)
    if any(node is other for other in above):
        raise _Misplaced(node.start_mark.line + 1, "an alias refers to what contains it", "write the value out")
    inside = (*above, node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, inside)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, index), lines, inside) for index, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(
    node: yaml.MappingNode, place: Place, lines: dict[Place, int], inside: tuple[yaml.Node, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not hasattr(key_node, "value") or isinstance(key_node.value, list):
            raise _Misplaced(line, "a key is not a plain word", "write it as text")
        key = str(key_node.value)
        if key in found:
            raise _Misplaced(line, f"the key {key} is given twice", "keep one of the two")
        lines[(*place, key)] = line
        found[key] = _value(value_node, (*place, key), lines, inside)
    return found


def _scalar(node: yaml.Node) -> Any:
    import yaml

    try:
        value = yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, OverflowError):
        raise _Misplaced(node.start_mark.line + 1, "the value cannot be read", "put it in quotes") from None
    if isinstance(value, date):
        return str(node.value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise _Misplaced(node.start_mark.line + 1, "the value is of a kind recipes do not use", "write text or a number")
