"""A synthetic SNDS from public statistics alone: persons, their conditions over time, and the care that follows.

What is calibrated on published figures, and what is an assumption, is said at the top of each module and in the
headers of
`parameters/`. No row describes a real person; identifiers carry a mark (`identifiers`).
"""

from synth.simulate.run import simulate_snds

__all__ = ["simulate_snds"]
