"""How fast tables are learned and drawn, and in how much memory: `python tests/bench/speed.py`.

Twenty columns (12 of codes with 2 to 50 levels, 3 of integers, 3 of decimals, 2 of dates) that depend on one another,
made by seed: one row a person (`single`), or about ten rows a person below a table of persons (`child`). Each step runs
in a process of its own: CPU seconds (user and system, all threads, without start-up), rows a CPU second, most memory.
`sample` uses compiled kernels where numba is installed (extra `fast`; loading it is counted), `sample by numpy` never
does (`SYNTH_KERNELS=numpy`); the line under the table says whether numba is there.

    python tests/bench/speed.py --rows 100000                     # every step
    python tests/bench/speed.py --steps "sample,sample by numpy" --sampled 3000000
    python tests/bench/speed.py --rows 10000000 --steps fit --forms single --generators trees
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

LEVELS = (2, 2, 3, 4, 5, 8, 10, 12, 20, 30, 40, 50)
INTEGERS = (6, 90, 400)
DECIMALS = 3
BLOCK = 100_000
GENERATORS = ("trees", "gaussian-copula")


def cpu() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def catalog(form: str):
    """The catalog of one form of the data."""
    from synth.core.descriptor import catalog_from

    columns = [{"name": f"code{i}", "type": "string", "synth:role": "code"} for i in range(len(LEVELS))]
    columns += [{"name": f"whole{i}", "type": "integer"} for i in range(len(INTEGERS))]
    columns += [{"name": f"decimal{i}", "type": "number"} for i in range(DECIMALS)]
    columns += [{"name": name, "type": "date"} for name in ("start", "end")]
    person = {"name": "person", "type": "integer", "synth:role": "key"}
    if form == "single":
        tables = [{"name": "rows", "schema": {"fields": [person, *columns], "primaryKey": ["person"]}}]
        who = "rows"
    else:
        reference = {"fields": ["person"], "reference": {"resource": "persons", "fields": ["person"]}}
        tables = [
            {"name": "persons", "schema": {"fields": [person, columns[0]], "primaryKey": ["person"]}},
            {"name": "rows", "schema": {"fields": [person, *columns[1:]], "foreignKeys": [reference]}},
        ]
        who = "persons"
    document = {"name": "speed", "resources": tables, "synth:person": {"table": who, "key": ["person"]}}
    return catalog_from(document)


def block(first: int, rows: int) -> dict[str, pa.Array]:
    """Some rows: every column leans on a hidden one, which is the person's for a good part, and on the one before."""
    draw = np.random.Generator(np.random.Philox(key=first))
    hidden = draw.normal(size=rows)
    columns: dict[str, pa.Array] = {}
    before = np.zeros(rows)
    for i, levels in enumerate(LEVELS):
        z = 0.5 * hidden + 0.4 * before + draw.normal(size=rows)
        shares = np.cumsum(1.0 / (1 + np.arange(levels)))
        rank = np.searchsorted(shares / shares[-1], np.clip((z + 3.5) / 7, 0, 0.999999))
        before = (rank - levels / 2) / levels
        names = pa.array([f"{chr(65 + level % 26)}{level:02d}" for level in range(levels)])
        columns[f"code{i}"] = pa.DictionaryArray.from_arrays(pa.array(rank.astype(np.int32)), names).cast(pa.string())
    for i, high in enumerate(INTEGERS):
        z = 0.6 * hidden + 0.5 * before + draw.normal(size=rows)
        columns[f"whole{i}"] = pa.array(np.clip((z + 3) / 6 * high, 0, high).astype(np.int64))
    for i in range(DECIMALS):
        z = np.exp(0.5 * hidden + 0.3 * before + 0.7 * draw.normal(size=rows))
        missing = draw.random(rows) < 0.05 * i
        columns[f"decimal{i}"] = pa.array(np.round(100 * z, 2), mask=missing)
    start = np.datetime64("2015-01-01") + (draw.random(rows) * 2500).astype(np.int64)
    length = np.exp(1.5 + 0.5 * hidden + 0.8 * draw.normal(size=rows)).astype(np.int64)
    columns["start"], columns["end"] = pa.array(start), pa.array(start + length, mask=draw.random(rows) < 0.1)
    return columns


def write(form: str, rows: int, folder: Path) -> None:
    """The data as Parquet."""
    from synth.io import dataset_writer

    described = catalog(form)
    with dataset_writer(described, folder, "parquet") as writer:
        for first in range(0, rows, BLOCK):
            many = min(BLOCK, rows - first)
            columns = block(first, many)
            person = np.arange(first, first + many)
            if form == "child":
                person = np.sort(first // 10 + np.random.default_rng(first).integers(0, max(many // 10, 1), many))
                persons = np.arange(first // 10, first // 10 + max(many // 10, 1))
                alone = columns.pop("code0")[: len(persons)]
                writer.write("persons", pa.RecordBatch.from_pydict({"person": pa.array(persons), "code0": alone}))
            batch = {"person": pa.array(person), **columns}
            writer.write("rows", pa.RecordBatch.from_pydict(batch))


def measured(step: str, generator: str, data: Path, model: Path, rows: int) -> int:
    """Do one step; how many rows it was about."""
    from synth.core.model import read_model, write_model
    from synth.generators import fit, sample
    from synth.io import memory_dataset, open_dataset

    if step == "write":
        form = data.name
        start = cpu()
        write(form, rows, data)
    elif step in ("fit", "fit memory"):
        dataset = open_dataset(data)
        if step == "fit memory":
            dataset = memory_dataset(dataset.catalog, {t.name: dataset.read(t.name) for t in dataset.catalog.tables})
        start = cpu()
        write_model(fit(dataset, generator), model)
    else:
        learned = read_model(model)
        persons = round(rows * learned.receipt["persons"] / learned.receipt["rows"]["rows"])
        start = cpu()
        rows = sum(batch.num_rows for name, batch in sample(learned, persons, 1) if name == "rows")
    seconds = cpu() - start
    print(rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return rows


def main() -> None:
    """Measure each step in a process of its own and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--sampled", type=int, default=1_000_000, help="rows to draw")
    parser.add_argument("--forms", default="single,child")
    parser.add_argument("--generators", default=",".join(GENERATORS))
    parser.add_argument("--steps", default="fit,fit memory,sample")
    parser.add_argument("--work", type=Path, help="where data and models go, and stay")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        step, generator, data, model, rows = arguments.one
        measured(step, generator, Path(data), Path(model), int(rows))
        return
    with tempfile.TemporaryDirectory() as folder:
        table(arguments, arguments.work or Path(folder))


def table(arguments: argparse.Namespace, work: Path) -> None:
    """Run the steps asked for, one line each."""
    print(f"{'form':<8}{'generator':<18}{'step':<16}{'rows':>10}{'CPU s':>8}{'wall s':>8}{'rows/CPU s':>12}{'MB':>7}")
    for form in arguments.forms.split(","):
        data = work / f"{arguments.rows}" / form
        if not data.exists():
            alone("write", "", data, data, arguments.rows)
        for generator in arguments.generators.split(","):
            model = work / f"{arguments.rows}-{form}-{generator}.zip"
            for step in arguments.steps.split(","):
                rows = arguments.sampled if step.startswith("sample") else arguments.rows
                began = time.monotonic()
                done, seconds, memory = alone(step, generator, data, model, rows)
                wall = time.monotonic() - began
                print(
                    f"{form:<8}{generator:<18}{step:<16}{done:>10.0f}{seconds:>8.2f}{wall:>8.1f}"
                    f"{done / seconds:>12.0f}{memory:>7.0f}",
                    flush=True,
                )
    there = "is" if importlib.util.find_spec("numba") else "is not"
    print(f"load {os.getloadavg()[0]:.1f}; numba {there} installed")


def alone(step: str, generator: str, data: Path, model: Path, rows: int) -> tuple[float, float, float]:
    """One step in a fresh process: rows, CPU seconds, most memory in MB."""
    data.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, "--one", step, generator, str(data), str(model), str(rows)]
    chosen = {"SYNTH_KERNELS": "numpy"} if step == "sample by numpy" else {}
    asked = {**os.environ, **chosen}
    words = subprocess.run(command, capture_output=True, text=True, check=True, env=asked).stdout.split()
    return float(words[0]), float(words[1]), float(words[2])


if __name__ == "__main__":
    main()
