"""Small tables are learned and drawn without what takes longer to load than they take.

That is pandas (which Arrow's own conversions load), scipy, scikit-learn, numpy's masked arrays, and DuckDB where no
relation has to be confirmed.
"""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import numpy as np, pyarrow as pa
from synth.core.arrays import arrow_of, text_array
from synth.core.descriptor import catalog_from
from synth.generators import fit, sample
from synth.io import memory_dataset
fields = [{"name": "id", "type": "integer", "synth:role": "key"}, {"name": "sex", "type": "string"},
          {"name": "height", "type": "number"}, {"name": "born", "type": "date"}]
one = {"name": "persons", "schema": {"fields": fields, "primaryKey": ["id"]}}
fields = [{"name": "id", "type": "integer", "synth:role": "key"}, {"name": "day", "type": "integer"},
          {"name": "asked", "type": "date"}, {"name": "town", "type": "string"}, {"name": "county", "type": "string"}]
refers = {"fields": ["id"], "reference": {"resource": "persons", "fields": ["id"]}}
two = {"name": "visits", "synth:orderBy": ["day"], "schema": {"fields": fields, "foreignKeys": [refers]}}
catalog = catalog_from({"name": "x", "resources": [one, two], "synth:person": {"table": "persons", "key": ["id"]}})
days = np.arange(600, dtype=np.int32)
persons = {"id": arrow_of(np.arange(200)), "sex": text_array(["f", "m"] * 100),
           "height": arrow_of(150.0 + days[:200] % 40, days[:200] % 9 == 0),
           "born": arrow_of(days[:200]).cast(pa.date32())}
towns = days // 3 * 7 % 30
visits = {"id": arrow_of(days // 3 + 0), "day": arrow_of(days * 5 % 91), "asked": arrow_of(days).cast(pa.date32()),
          "town": text_array([f"t{town}" for town in towns]), "county": text_array([f"c{town % 4}" for town in towns])}
tables = memory_dataset(catalog, {"persons": pa.table(persons), "visits": pa.table(visits)})
fit(tables, "gaussian-copula")
list(sample(fit(tables, "trees"), 50, 1))
sys.exit(" ".join(name for name in ("pandas", "scipy", "sklearn", "numpy.ma", "duckdb") if name in sys.modules) or 0)
"""


def test_neither_learning_nor_drawing_loads_a_heavy_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
