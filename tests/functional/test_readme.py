"""What the documents tell a reader to type exists and parses; what they point at is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from synth.cli import COMMANDS, cli

REPO = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "BENCHMARKS.md")
README = (REPO / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = "\n".join(README.splitlines()[:60])
TWO_COMMANDS = (
    "python -m pip install . && synth run datasets/demo/recipe.yaml",
    "python -m pip install '.[test]' && python -m pytest",
)


def fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def typed_commands() -> Iterator[tuple[str, str]]:
    """Each `synth ...` that a reader may type: in shell blocks and, with arguments, in running text."""
    for name in DOCUMENTS:
        text = (REPO / name).read_text(encoding="utf-8")
        for block in fenced(text, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in shlex.split(line, comments=True) and re.split(r"&&|\|", line):
                    if part.strip().startswith("synth "):
                        yield name, part.strip()


COMMAND_LINES = sorted(set(typed_commands()))


@pytest.mark.parametrize(("document", "line"), COMMAND_LINES, ids=[line for _, line in COMMAND_LINES])
def test_a_typed_command_exists_and_its_options_parse(document: str, line: str) -> None:
    command: click.Command = cli
    words = shlex.split(re.split(r"\s>\s?", line)[0], comments=True)[1:]
    context = click.Context(cli, info_name="synth")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        assert inner is not None, f"{document}: there is no command {words[0]}"
        command, words = inner, words[1:]
        context = click.Context(command, info_name=command.name, parent=context)
    if any(word in ("--help", "-h", "--version") for word in words):
        return
    parsed = command.make_context(command.name, words)
    assert parsed.params is not None


def test_every_command_is_shown() -> None:
    shown = {line.split()[1] for _, line in COMMAND_LINES}
    assert sorted(set(COMMANDS) - shown) == [], "commands that no document shows how to type"


def test_the_first_screen_has_a_picture_and_the_two_commands() -> None:
    for line in TWO_COMMANDS:
        assert re.search(rf"^{re.escape(line)}$", FIRST_SCREEN, flags=re.MULTILINE), line
    assert "```mermaid" in FIRST_SCREEN


def test_the_checks_run_the_two_commands_as_they_are_written() -> None:
    script = (REPO / ".ci" / "run").read_text(encoding="utf-8")
    assert "readme 'python -m pip install . && synth run'" in script
    assert """readme "python -m pip install '.[test]' && python -m pytest\"""" in script


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_are_there(name: str) -> None:
    text = (REPO / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    recipes = re.findall(r"datasets/[\w/.-]+\.(?:yaml|json)", text)
    code = re.findall(r"`((?:synth|publish|schemas|datasets|tests)/[a-z_/.]*)`", text)
    assert [target for target in (*links, *recipes, *code) if not (REPO / target).exists()] == []


def test_the_python_examples_are_python() -> None:
    for block in fenced(README, "python"):
        compile(block, "README.md", "exec")


def test_no_document_names_a_machine() -> None:
    for name in (*DOCUMENTS, "CHANGELOG.md"):
        text = (REPO / name).read_text(encoding="utf-8")
        assert not re.search(r"/(home|root|tmp|work|Users)/\w", text), name
