"""How fast a package is built and verified, and in how much memory: 10 million rows, two tables, composite keys.

    python tests/bench/publishing.py --rows 10000000

Prints one line a step: cells, CPU seconds, cells a CPU second, and the most memory held. Each step is a process of its
own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog, Column, ForeignKey, Marker, Person, Table
from synth.core.seeds import Stream, rng
from synth.io import dataset_writer

METADATA = """metadata:
  title: Ten million rows
  description: Tables of a benchmark, drawn at random, to see how fast and in how much memory they become a package.
  version: 0.1.0
  keywords: [benchmark]
  publisher: {name: P, url: https://example.org, email: a@example.org}
  spatial: France
  temporal: 2021-01-01/2023-12-31
"""
CODES = tuple(f"C{number:03d}" for number in range(200))
CHUNK = 100_000
KEY = Column("person", "string", "key", nullable=False, marker=Marker(prefix="SYN"))
NUMBER = Column("no", "integer", "key", nullable=False)
CARE = (
    Column("code", "string", "code", categories=CODES),
    Column("day", "date", "date"),
    Column("cost", "number", "number", minimum=0),
    *(Column(f"flag {number}", "string", "code", categories=("0", "1", "9")) for number in range(5)),
)
CATALOG = Catalog(
    (
        Table("persons", (KEY, Column("sex", "string", "code", categories=("1", "2"))), ("person",)),
        Table("care", (KEY, NUMBER, *CARE), ("person", "no"), (ForeignKey(("person",), "persons", ("person",)),)),
    ),
    Person("persons", ("person",)),
    name="bench",
)


def write_tables(folder: Path, rows: int) -> None:
    """Twenty rows of care a person."""
    draw = rng(0, "publishing bench")
    with dataset_writer(CATALOG, folder, "parquet") as writer:
        for start in range(0, rows // 20, CHUNK):
            names = _names(np.arange(start, min(start + CHUNK, rows // 20)))
            writer.write("persons", pa.record_batch({"person": names, "sex": _picked(draw, ("1", "2"), len(names))}))
        for start in range(0, rows, CHUNK):
            index = np.arange(start, min(start + CHUNK, rows))
            n = len(index)
            cells = {
                "person": _names(index // 20),
                "no": index % 20,
                "code": _picked(draw, CODES, n),
                "day": pa.array(18_628 + _below(draw, 1_094, n)).cast(pa.date32()),
                "cost": _below(draw, 20_000, n) / 100,
                **{f"flag {number}": _picked(draw, ("0", "1", "9"), n) for number in range(5)},
            }
            writer.write("care", pa.record_batch(cells))


def _names(index: np.ndarray) -> pa.Array:
    return pa.array([f"SYN{number:08d}" for number in index.tolist()])


def _below(draw: Stream, bound: int, n: int) -> np.ndarray:
    return (draw.uniform(n) * bound).astype(np.int32)


def _picked(draw: Stream, values: tuple[str, ...], n: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(_below(draw, len(values), n), pa.array(values)).cast(pa.string())


def measured(name: str, cells: int, *command: str) -> None:
    """Run `synth publish ...` and print what it took."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    told = "import resource, sys; from synth.cli import main; sys.argv = ['synth', *sys.argv[1:]]\n"
    told += "try:\n  main()\nfinally:\n  print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told, "publish", *command], capture_output=True, text=True, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    memory = int(done.stderr.split()[-1]) / 1024
    print(f"{name:8} {cells:>13,} cells  {cpu:7.1f} s CPU  {time.perf_counter() - begun:7.1f} s  "
          f"{cells / cpu / 1e6:6.2f} M cells/s/core  {memory:6.0f} MB", flush=True)  # fmt: skip


def main() -> None:
    """Write the tables, build the package, verify it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    cells = rows * len(CATALOG.table("care").columns) + rows // 20 * 2
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "metadata.yaml").write_text(METADATA, encoding="utf-8")
        write_tables(folder / "tables", rows)
        options = ("--metadata", str(folder / "metadata.yaml"), "--out", str(folder / "package"), "--draft")
        measured("build", cells, "build", str(folder / "tables"), *options)
        measured("verify", cells, "verify", str(folder / "package"))


if __name__ == "__main__":
    main()
