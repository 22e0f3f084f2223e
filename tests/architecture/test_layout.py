"""The house as drawn: imports point down, files and functions stay small, public names are explained."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for package in ("synth", "publish") for path in (REPO / package).rglob("*.py"))
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 60
Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {named(path): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def test_imports_point_down() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_hold_one_idea() -> None:
    long = {named(path): count for path in SOURCES if (count := path.read_text(encoding="utf-8").count("\n")) > 400}
    assert long == {}, f"more than {MOST_LINES_IN_A_FILE} lines: split them by idea"


def test_functions_do_one_thing(trees: dict[str, ast.Module]) -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES_IN_A_FUNCTION
    ]
    assert long == [], f"more than {MOST_LINES_IN_A_FUNCTION} lines"


def public_names(tree: ast.Module) -> Iterator[ast.ClassDef | Function]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (item for item in node.body if isinstance(item, Function) and not item.name.startswith("_"))


def test_public_names_and_modules_are_explained(trees: dict[str, ast.Module]) -> None:
    bare = [name for name, tree in trees.items() if not ast.get_docstring(tree) and tree.body]
    bare += [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees.items()
        for node in public_names(tree)
        if not ast.get_docstring(node)
    ]
    assert bare == []


# what must not stand in the sources, and why
FORBIDDEN = (
    (r"\bimport pickle\b|\bfrom pickle\b|pickle\.loads?\(|allow_pickle=True", "a pickle runs code and hides data"),
    (
        r"\bnp\.random\.(seed|rand|randn|randint|random|normal|choice|uniform|shuffle|permutation|default_rng)\b",
        "chance",
    ),
    (r"^\s*(import random\b|from random import)", "randomness without a name: use synth.core.seeds"),
    (r"(?<![\w.])hash\(", "hash() differs from one process to the next"),
    (r"datetime\.(now|today|utcnow)\(|date\.today\(|\btime\.time\(|\btime\.strftime\(", "the wall clock in an output"),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b|raise NotImplementedError", "unfinished"),
    (r"#\s*type:\s*ignore|#\s*noqa|pragma: no cover", "a silenced check"),
    (r"(?<![\w.])(eval|exec)\(", "code made of text"),
)


@pytest.mark.parametrize(("pattern", "why"), FORBIDDEN, ids=[why for _, why in FORBIDDEN])
def test_forbidden_patterns_are_absent(pattern: str, why: str) -> None:
    found = [
        f"{named(path)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]
    assert found == [], why


def test_a_handler_of_everything_says_or_passes_on_what_it_caught(trees: dict[str, ast.Module]) -> None:
    """`synth.cli` alone turns an unforeseen error into a line and an exit code."""
    swallowed = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not isinstance(node.body[-1], ast.Raise)
    ]
    assert [place for place in swallowed if not place.startswith("synth/cli.py:")] == []


def test_registries_are_literal_tables(trees: dict[str, ast.Module]) -> None:
    found = [
        name
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "__subclasses__"
    ]
    assert found == []


def test_every_package_folder_can_be_imported() -> None:
    folders = {path.parent for path in SOURCES}
    assert [named(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
