"""The release gate: a policy read from YAML judges a scores file, and anything it cannot tell blocks."""

from synth.gate.judging import judge
from synth.gate.policy import Policy, read_policy

__all__ = ["Policy", "judge", "read_policy"]
