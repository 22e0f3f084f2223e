"""Identifiers made anew, references between tables, and public tables carried as they are."""
