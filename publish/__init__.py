"""Packages for release: built from synthetic tables and a passing verdict, verified by anyone, offline.

One source of truth, `publish.release.Release` (catalog, metadata, scores, verdict, files), feeds every artifact; an
artifact is one writer and one row of `publish.artifacts.ARTIFACTS`.
"""
