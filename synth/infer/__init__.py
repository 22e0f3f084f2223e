"""A draft catalog for tables that have none: types, keys, references, person; each a guess to be read by a person."""

from __future__ import annotations

from synth.infer.draft import infer_catalog, write_draft

__all__ = ["infer_catalog", "write_draft"]
