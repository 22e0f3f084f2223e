"""A folder: a mounted share, a web server's root. Files that are there already, byte for byte, are left alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from publish.data import sha256
from publish.push.content import Content
from synth.core.files import atomic_file


def push_folder(content: Content, target: Path, execute: bool, say: Callable[[str], None]) -> int:
    """Copy what differs to `target/NAME/VERSION`; the number of files copied, or that would be."""
    place = target / content.identifier / str(content.descriptor["version"])
    copied = 0
    for file in content.files:
        there = place / file.name
        if there.is_file() and sha256(there) == file.sha256:
            continue
        copied += 1
        say(f"{'copied' if execute else 'would copy'} {file.name} ({file.bytes} bytes) to {there}")
        if execute:
            with atomic_file(there) as aside:
                shutil.copyfile(file.path, aside)
    return copied
