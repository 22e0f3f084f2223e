"""What `synth --help` loads, and that every command explains itself. (Timings are measured by `.ci/run`, not here.)"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from synth.cli import COMMANDS, cli

REPO = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "numpy", "scipy", "sklearn", "pyarrow", "duckdb", "frictionless", "matplotlib", "faker", "jinja2")


def modules_loaded_by(*arguments: str) -> set[str]:
    """Top-level names that a fresh interpreter imports while it runs the command."""
    command = [sys.executable, "-X", "importtime", "-m", "synth", *arguments]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    names = re.findall(r"^import time:[^|]*\|[^|]*\|\s*(\S+)$", done.stderr, flags=re.MULTILINE)
    return {name.split(".")[0] for name in names}


def test_help_loads_nothing_heavy() -> None:
    assert modules_loaded_by("--help") & set(HEAVY) == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_loads_nothing_heavier_than_numpy_and_pyarrow(name: str) -> None:
    assert modules_loaded_by(name, "--help") & (set(HEAVY) - {"numpy", "pyarrow"}) == set()


def leaves(command: click.Command, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None, (*path, name)
        found += leaves(inner, (*path, name))
    return found


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for path, leaf in leaves(command, ("synth", name)):
        words = " ".join(path)
        text = " ".join(leaf.get_help(click.Context(leaf, info_name=words)).split())
        assert f"Example: {words}" in text or f"Examples: {words}" in text, f"{words} --help shows no example"
        for option in leaf.params:
            explained = not isinstance(option, click.Option) or option.hidden or option.help
            assert explained, f"{words} {option.opts[0]} is not explained"


def test_the_table_of_commands_says_what_the_commands_say() -> None:
    for name, (_, line) in COMMANDS.items():
        assert line.endswith(".")
        assert len(line) <= 80, name


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "synth", "--version"], cwd=REPO, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "synth,")
