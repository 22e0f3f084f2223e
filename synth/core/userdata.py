"""Where a user's own copies of public lists and schemas stand, by the rule of each platform."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """`$SYNTH_DATA_DIR`, else the platform's folder for application data; it may not exist yet."""
    chosen = os.environ.get("SYNTH_DATA_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "synth-snds"
