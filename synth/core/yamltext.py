"""YAML files as plain data, and text files, with the same words for the same faults everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synth.core.errors import UserError


def read_text(path: Path) -> str:
    """The text of a file. Raises UserError when it is missing or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError("file not found", file=path, remedy="check the path") from None
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "cannot be read as UTF-8 text", file=path, remedy="check the file and its permissions"
        ) from None


def read_yaml(path: Path, remedy: str = "correct the syntax") -> Any:
    """The document in a YAML file. Raises UserError, with the line, when it is missing, not UTF-8 or no YAML."""
    import yaml

    text = read_text(path)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else f" at line {mark.line + 1}"
        raise UserError(f"is not valid YAML{line}", file=path, remedy=remedy) from None
