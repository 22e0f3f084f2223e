"""A descriptor, verdict or scores file cut about in any way is a fault or a one-line error, never a crash."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from publish.verify import verify_package
from synth.core.errors import UserError

REPLACEMENTS: tuple[Any, ...] = (None, 0, "x", [], {}, ["x"], [None], {"x": None}, True, [[]])


def paths(document: Any, depth: int = 5) -> list[tuple[Any, ...]]:
    """Where every value of a JSON document is, down to a depth; of a list the first item stands for the rest."""
    if depth == 0:
        return []
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document[:1])
        if isinstance(document, list)
        else ()
    )
    return [path for key, value in inner for path in [(key,), *((key, *rest) for rest in paths(value, depth - 1))]]


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the document with one value replaced."""
    copied = json.loads(json.dumps(document))
    place = copied
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copied


@pytest.mark.parametrize("name", ["datapackage.json", "verdict.json", "scores.json"])
def test_any_value_may_be_anything(package_dir: Path, tmp_path: Path, name: str) -> None:
    package = tmp_path / "package"
    shutil.copytree(package_dir, package)
    document = json.loads((package / name).read_text("utf-8"))

    for number, path in enumerate(paths(document)):
        value = REPLACEMENTS[number % len(REPLACEMENTS)]
        (package / name).write_text(json.dumps(replaced(document, path, value)), encoding="utf-8")
        try:
            faults = verify_package(package)
        except UserError as error:
            assert "\n" not in str(error), path
        except Exception as error:
            raise AssertionError(f"{name} {path} = {value!r}: {error!r}") from error
        else:
            assert faults, path
