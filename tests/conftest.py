"""What every test may use: the reference data, the command line run two ways, Hypothesis without chance."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPO = Path(__file__).resolve().parent.parent

settings.register_profile(
    "synth",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("synth")

# a shell that runs the tests in the background has them ignore Ctrl-C, and the commands they start would inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command answered: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Runner = Callable[..., Outcome]


@pytest.fixture(scope="session")
def repo() -> Path:
    """The checkout under test."""
    return REPO


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data folder: $SYNTH_SHARED, else `../shared` beside the checkout; skips where it is absent."""
    folder = Path(os.environ.get("SYNTH_SHARED") or REPO.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("the reference data folder is not beside the checkout (set SYNTH_SHARED to its path)")
    return folder


@pytest.fixture(autouse=True)
def _no_ambient_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests see neither the caller's release date, nor its debugging switch, nor the code lists it has imported."""
    for name in ("SOURCE_DATE_EPOCH", "SYNTH_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SYNTH_DATA_DIR", str(tmp_path_factory.getbasetemp() / "no imported lists"))
    yield


@pytest.fixture
def run_cli(tmp_path: Path) -> Runner:
    """Run `synth ARGUMENTS` in a process of its own: `run_cli("fit", folder, cwd=..., env={...}, stdin="...")`."""

    def run(
        *arguments: object,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        stdin: str | None = None,
        timeout: float = 300,
    ) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "synth", *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPO), **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def call_cli(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Run `synth ARGUMENTS` inside the test's process, through the same `main` that maps errors to exit codes."""

    def run(*arguments: object) -> Outcome:
        from synth.cli import main

        capsys.readouterr()
        code: object = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code
        text = capsys.readouterr()
        return Outcome(code if isinstance(code, int) else int(code is not None), text.out, text.err)

    return run
