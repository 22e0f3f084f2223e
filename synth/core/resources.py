"""Where the shipped `schemas/` stand: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def schemas_root() -> Path:
    """The folder of shipped schemas, nomenclatures and policies."""
    package = Path(str(files("synth")))
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"
