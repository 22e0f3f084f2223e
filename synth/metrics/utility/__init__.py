"""Whether an analysis run on the synthetic tables would say the same."""
