"""Rows of each SNDS table from a simulated block: one module a family of tables, one function a table."""
