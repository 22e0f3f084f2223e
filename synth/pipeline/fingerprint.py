"""What the outputs of a stage owe to the program itself: its source files, its data, the libraries it computes with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from synth import __version__
from synth.core.jsontext import digest
from synth.core.resources import schemas_root

PACKAGES = ("synth", "publish")
# those whose arithmetic or formats may change the bytes written
LIBRARIES = ("numpy", "pyarrow", "duckdb", "scipy", "scikit-learn")


@cache
def fingerprint() -> str:
    """One digest of the program as it is installed: a change of code needs no new version to be noticed."""
    folders = [*(Path(str(files(name))) for name in PACKAGES), schemas_root()]
    return digest(
        {"version": __version__, "files": [files_digest(folder) for folder in folders], "with": versions(LIBRARIES)}
    )


def files_digest(folder: Path) -> str:
    """The digest of the names and bytes of all files under a folder, compiled and hidden ones apart."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if "__pycache__" not in path.parts and not path.name.startswith(".") and path.is_file():
            name, content = path.relative_to(folder).as_posix().encode(), path.read_bytes()
            found.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return found.hexdigest()


def versions(libraries: Iterable[str]) -> dict[str, str | None]:
    """The installed version of each library, None where it is not there."""
    return {name: _version(name) for name in libraries}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
