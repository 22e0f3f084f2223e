"""A fitted synthesizer as one file: our half of it in open formats, SDV's half as the pickle it writes itself."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from synth.core.errors import UserError
from synth.core.files import atomic_file
from synth.core.model import read_model, write_model
from synth.core.zipfile_plain import write_zip
from synth.peers.learning import WARNING, Peer
from synth.peers.synthesizers import load_class, synthesizer

_MARK, _MODEL, _PICKLE = "PICKLE-INSIDE.txt", "model.zip", "synthesizer.pkl"


def write_peer(peer: Peer, path: Path) -> None:
    """Write the synthesizer to a zip."""
    with tempfile.TemporaryDirectory(prefix="synth-") as folder:
        model, pickled = Path(folder) / _MODEL, Path(folder) / _PICKLE
        write_model(peer.model, model)
        peer.synthesizer.save(str(pickled))
        entries = {_MARK: (WARNING + "\n").encode(), _MODEL: model.read_bytes(), _PICKLE: pickled.read_bytes()}
    with atomic_file(path) as aside:
        write_zip(aside, entries)


def is_peer(path: Path) -> bool:
    """Whether a file is one of these."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _MARK in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def read_peer(path: Path, trust: bool) -> Peer:
    """Read a synthesizer. Opening a pickle runs what is in it: raises UserError unless the caller trusts the file."""
    if not trust:
        raise UserError(
            "holds a pickle, which runs code when it is opened",
            file=path,
            remedy="pass --trust-pickle if you made the file yourself",
        )
    with tempfile.TemporaryDirectory(prefix="synth-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for name in (_MODEL, _PICKLE):
                    (Path(folder) / name).write_bytes(archive.read(name))
        except (OSError, KeyError, zipfile.BadZipFile):
            raise UserError("is damaged", file=path, remedy="fit it again") from None
        model = read_model(Path(folder) / _MODEL)
        load_class(synthesizer(model.generator))  # says what to install where SDV is absent
        from sdv.utils import load_synthesizer

        return Peer(model, load_synthesizer(str(Path(folder) / _PICKLE)))
