"""What shadow models showed of their targets: read from the file that `synth shadow` writes, and never released.

Each shadow model is fitted on persons of the holdout and on the targets it is given; of its output only figures about
the targets are kept: how close it comes to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.core.jsontext import read_json

FORMAT = "synth-shadows/1"


@dataclass(frozen=True)
class Shadows:
    """`inside` (models x targets): who was in; `near` (models x targets x figures): what the output shows of them.

    `control_near` is the same for persons of the holdout who were in no model.
    """

    generator: str
    persons: int
    inside: NDArray[np.bool_]
    near: NDArray[np.float64]
    control_near: NDArray[np.float64]


def read_shadows(path: Path, digests: Mapping[str, str]) -> Shadows:
    """Raises UserError when the file is absent, is not of this kind, or was made from other tables."""
    document = read_json(path)
    try:
        if document["format"] != FORMAT:
            raise KeyError("format")
        found = Shadows(
            str(document["generator"]),
            int(document["persons"]),
            np.array(document["inside"], dtype=bool),
            np.array(document["near"], dtype=np.float64),
            np.array(document["control_near"], dtype=np.float64),
        )
        if found.near.ndim != 3 or found.near.shape[:2] != found.inside.shape or found.control_near.ndim != 3:
            raise ValueError("shape")
        made = {role: document["digests"].get(role) for role in ("train", "holdout")}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError("is not what shadow models showed", file=path, remedy="make it with: synth shadow") from None
    if any(made[role] != digests.get(role) for role in made):
        raise UserError("was made from other tables than these", file=path, remedy="run synth shadow again")
    return found
