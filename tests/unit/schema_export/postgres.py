"""A PostgreSQL server for one test: made in a temporary folder, reached through a socket there, stopped at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_USER = "postgres"  # a server refuses to run as root; Debian's package makes this user
Sql = Callable[[str], str]


def postgres_binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, newest version first, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4].split(".")[0]))
    if found:
        return found[-1].parent
    here = shutil.which("initdb")
    return None if here is None else Path(here).resolve().parent


@contextmanager
def postgres_server(binaries: Path, folder: Path) -> Iterator[Sql]:
    """Yield a function that runs SQL and gives what psql printed; it raises CalledProcessError on the first error."""
    user = _USER if os.geteuid() == 0 else None
    data = folder / "data"
    if user is not None:
        shutil.chown(folder, user)

    def run(*command: object, text: str | None = None) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            user=user,
            cwd=folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(binaries / "initdb", "-D", data, "-U", "test", "-E", "UTF8", "--no-sync", "-A", "trust")
    options = f"-c listen_addresses='' -k {folder} -F"
    run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        psql = (binaries / "psql", "-h", folder, "-U", "test", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qtA")
        yield lambda text: run(*psql, "-f", "-", text=text)
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
