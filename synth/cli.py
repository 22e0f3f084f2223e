"""The `synth` command: a table of commands, each imported only when it is called."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from synth import __version__
from synth.core.errors import EXIT_BUG, EXIT_USER, SynthError
from synth.core.files import FULL, FULL_REMEDY

# name -> (module with a click command called `command`, the line shown by `synth --help`)
COMMANDS: dict[str, tuple[str, str]] = {
    "simulate": ("synth.commands.simulate", "Make a synthetic SNDS from public statistics alone."),
    "schemas": ("synth.commands.schemas", "List, show, infer, import and export table schemas."),
    "fixture": ("synth.commands.fixture", "Print a few valid rows of any table."),
    "check": ("synth.commands.check", "Check SNDS-shaped tables against numbered validity rules."),
    "calibrate": ("synth.commands.calibrate", "Compare SNDS-shaped tables with published figures."),
    "split": ("synth.commands.split", "Split tables by person into train, holdout and reference."),
    "fit": ("synth.commands.fit", "Learn a model from restricted tables."),
    "inspect": ("synth.commands.inspect", "List every statistic a model holds, with its support."),
    "sample": ("synth.commands.sample", "Draw synthetic tables from a model."),
    "shadow": ("synth.commands.shadow", "Train shadow models on the most vulnerable persons."),
    "score": ("synth.commands.score", "Measure disclosure risk and utility."),
    "gate": ("synth.commands.gate", "Judge scores against a release policy."),
    "publish": ("publish.commands", "Build and verify a package for release."),
    "run": ("synth.commands.run", "Walk the whole path that a recipe describes."),
}


class LazyGroup(click.Group):
    """A click group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the path."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, written from the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="synth")
def cli() -> None:
    """Learn from restricted health tables, emit synthetic ones, score their risk, publish them.

    Example: synth run datasets/demo/recipe.yaml
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; one line on stderr and an exit code for every failure that is foreseen."""
    try:
        with _terminated_as_interrupted():
            outcome = cli.main(
                args=None if arguments is None else list(arguments), prog_name="synth", standalone_mode=False
            )
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        _fail("interrupted", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SynthError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_BUG)
    except OSError as error:
        if error.errno in FULL:
            _fail(f"the disk is full; {FULL_REMEDY}", EXIT_USER)
        _bug(error)
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # what DuckDB makes of an interruption while it works
            _fail("interrupted", 130)
        _bug(error)
    except Exception as error:
        _bug(error)
    sys.exit(outcome if isinstance(outcome, int) else 0)


def _bug(error: Exception) -> NoReturn:
    """Say that there is a bug without the message, which could carry a data value."""
    if os.environ.get("SYNTH_DEBUG"):
        raise error
    _fail(f"internal error ({type(error).__name__}); set SYNTH_DEBUG=1 to see where", EXIT_BUG)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM, which batch schedulers send, cleans up as Ctrl-C does: nothing half-written stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _fail(line: str, code: int) -> NoReturn:
    click.echo(f"synth: {line}", err=True)
    sys.exit(code)
