"""Fitting a small table imports neither pandas, nor scipy, nor scikit-learn: they take longer to load than it takes."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import numpy as np, pyarrow as pa
from synth.core.arrays import arrow_of, text_array
from synth.core.descriptor import catalog_from
from synth.generators import fit
from synth.io import memory_dataset
fields = [{"name": "id", "type": "integer", "synth:role": "key"}, {"name": "sex", "type": "string"},
          {"name": "height", "type": "number"}, {"name": "born", "type": "date"}]
one = {"name": "rows", "schema": {"fields": fields, "primaryKey": ["id"]}}
catalog = catalog_from({"name": "x", "resources": [one], "synth:person": {"table": "rows", "key": ["id"]}})
days = np.arange(200, dtype=np.int32)
rows = pa.table({"id": arrow_of(np.arange(200)), "sex": text_array(["f", "m"] * 100),
                 "height": arrow_of(150.0 + days % 40, days % 9 == 0), "born": arrow_of(days).cast(pa.date32())})
for generator in ("trees", "gaussian-copula"):
    fit(memory_dataset(catalog, {"rows": rows}), generator)
sys.exit(" ".join(name for name in ("pandas", "scipy", "sklearn") if name in sys.modules) or 0)
"""


def test_a_fit_loads_no_heavy_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
