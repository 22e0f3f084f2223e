"""One run at a time in an output folder, and nothing left there by a run that was killed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synth.core.errors import UserError


@contextmanager
def sole_run(out: Path) -> Iterator[None]:
    """Hold `out` (made if need be) for one run, after clearing the half-written remains of a killed one.

    Raises UserError when another run holds it. Where the system has no file locks (Windows), neither is done.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UserError("the folder cannot be created", file=out, remedy="check the path and permissions") from None
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError("another run is writing there", file=out, remedy="wait, or pass another --out") from None
        _clear_remains(out)
        yield


def _clear_remains(out: Path) -> None:
    """Folders named as `synth.core.files` names what it writes aside."""
    for folder in (*out.glob(".*.part"), *out.glob(".*.old")):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
