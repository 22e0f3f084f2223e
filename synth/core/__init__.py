"""The vocabulary every part shares: catalogs, datasets, models, scores, verdicts, seeds and errors."""
