"""Files and folders that are either whole or absent: written aside, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from synth.core.errors import UserError

FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
FULL_REMEDY = "free space there, or in the folder for temporary files (TMPDIR)"
STDOUT = Path("-")  # what stands for standard output where a file is asked for


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all; print the text where `path` is `-`. UTF-8 whatever the terminal says.

    Raises UserError when the file cannot be written.
    """
    if path == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    try:
        with atomic_file(path) as aside:
            aside.write_text(text, encoding="utf-8")
    except OSError:
        raise UserError("cannot be written", file=path, remedy="check the path, permissions and free space") from None


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `path` when the block ends well, and is removed otherwise.

    Raises UserError where `path` is `-` (for text alone) or cannot be written, and when the disk is full.
    """
    refuse_stdout(path)
    _make_parent(path)
    aside = _beside(path, "part")
    try:
        with _writing(path):
            aside.touch(0o600, exist_ok=False)
        with _filling(path):
            yield aside
        with _writing(path):
            aside.chmod(0o666 & ~_umask())
            aside.replace(path)
    finally:
        with suppress(OSError):  # a folder that nothing can be written to has nothing to remove
            aside.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a folder to fill; it becomes `path` when the block ends well, and is removed otherwise.

    Raises UserError when `path` exists, is not an empty folder and `overwrite` is false, when it cannot be written, and
    when the disk is full.
    """
    refuse_stdout(path)
    if path.exists() and not overwrite and (path.is_file() or any(path.iterdir())):
        raise UserError("already exists", file=path, remedy="choose another folder or pass --force")
    _make_parent(path)
    aside = _beside(path, "part")
    try:
        with _writing(path):
            aside.mkdir(0o700)
        with _filling(path):
            yield aside
        with _writing(path):
            aside.chmod(0o777 & ~_umask())
            _replace_folder(aside, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise UserError("cannot be written", file=path, remedy="check the path, permissions and free space") from None


@contextmanager
def _filling(path: Path) -> Iterator[None]:
    """What is written in between is another's; that the disk is full can be told whoever meets it."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise UserError("the disk is full", file=path, remedy=FULL_REMEDY) from None
        raise


def _replace_folder(new: Path, path: Path) -> None:
    if not path.exists():
        new.replace(path)
        return
    old = _beside(path, "old")
    path.replace(old)
    new.replace(path)
    shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path, what: str) -> Path:
    """A name that nothing has yet. It is known before anything is made, so that an interruption leaves nothing."""
    return path.parent / f".{path.name}.{secrets.token_hex(6)}.{what}"


def refuse_stdout(path: Path) -> None:
    """Raise UserError where `path` is `-`, for what is no text; before anything long is begun."""
    if path == STDOUT:
        raise UserError("this cannot be written to standard output", remedy="name a file or a folder")


def _make_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UserError("its folder cannot be created", file=path, remedy="check the path and permissions") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
