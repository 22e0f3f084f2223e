"""How long a catalog of the SNDS takes to load, and what it costs on disk."""

from __future__ import annotations

import time

import pytest

from synth.core.resources import schemas_root
from synth.core.snds import snds_catalog
from synth.core.snds.store import snds_tables, table_schema


@pytest.mark.bench
@pytest.mark.parametrize(("selection", "target"), [("core", 0.050), ("all", 0.300)])
def test_loading_a_catalog(selection: str, target: float) -> None:
    spent = []
    for _ in range(5):
        table_schema.cache_clear()
        snds_tables.cache_clear()
        started = time.process_time()
        snds_catalog(selection, 2022)
        spent.append(time.process_time() - started)
    size = sum(path.stat().st_size for path in (schemas_root() / "snds").rglob("*.json"))
    print(f"\n{selection}: {min(spent) * 1000:.1f} ms CPU, target {target * 1000:.0f}; {size / 1e6:.1f} MB of JSON")
