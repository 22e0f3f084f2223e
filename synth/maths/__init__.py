"""Pure array mathematics: no tables, no files, no randomness of its own."""
