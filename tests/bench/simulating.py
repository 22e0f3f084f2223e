"""How fast the simulator writes, and in how much memory: `python tests/bench/simulating.py [PERSONS ...]`.

For each number of persons (2 000 and 8 000 unless given), core tables of 2021-2023 to Parquet in a process of its own:
rows of ER_PRS_F, CPU seconds, peak memory. The last line is the marginal rate: rows a CPU second without what every run
costs once. Run it on an idle machine: on a shared one CPU seconds are up to twice as long.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

YEARS = (2021, 2023)


def measure(persons: int, out: Path) -> tuple[int, float, float]:
    """Rows of ER_PRS_F, CPU seconds and peak memory (MB) of this process."""
    from synth.io import dataset_writer
    from synth.simulate import simulate_snds

    catalog, batches = simulate_snds(persons, YEARS, seed=7)
    rows = 0
    with dataset_writer(catalog, out) as writer:
        for name, batch in batches:
            writer.write(name, batch)
            rows += batch.num_rows if name == "ER_PRS_F" else 0
    used = resource.getrusage(resource.RUSAGE_SELF)
    return rows, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(sizes: list[int]) -> None:
    """Measure each size in its own process and print a table."""
    print(f"{'persons':>10}{'ER_PRS_F':>12}{'CPU s':>9}{'rows/s':>10}{'MB':>7}   load {os.getloadavg()[0]:.1f}")
    found = []
    for persons in sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--one", str(persons), str(Path(folder) / "base")]
            words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        rows, seconds, memory = int(words[0]), float(words[1]), float(words[2])
        found.append((rows, seconds))
        print(f"{persons:>10}{rows:>12}{seconds:>9.1f}{rows / seconds:>10.0f}{memory:>7.0f}", flush=True)
    if len(found) > 1:
        (first, start), (last, end) = found[0], found[-1]
        print(f"marginal rows/CPU s: {(last - first) / (end - start):.0f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(*measure(int(sys.argv[2]), Path(sys.argv[3])))
    else:
        main([int(word) for word in sys.argv[1:]] or [2000, 8000])
