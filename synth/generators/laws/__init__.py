"""The joint law of the codes of a part: one module a generator, and what they share."""
