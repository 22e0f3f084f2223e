"""Engines put rows in the order of their persons and hand them out in blocks; here, on one machine with DuckDB."""
