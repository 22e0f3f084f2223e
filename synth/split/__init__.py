"""Train, holdout and reference, by person."""

from __future__ import annotations

from synth.split.dividing import PARTS, split_dataset, tell_copied
from synth.split.seal import SEAL, check_seal

__all__ = ["PARTS", "SEAL", "check_seal", "split_dataset", "tell_copied"]
