"""How often intervals cover the truth when nothing leaks: three disjoint sets of persons, many times.

`python tests/bench/null_coverage.py --times 200` prints, for each attack, the share of its 95 % intervals (simultaneous
over the attack's own tests) that hold what an attack that learns nothing scores.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence
from synth.metrics.registry import METRICS
from tests.controls.people import dataset, people

NULL = {
    "row_copies": 0.0,
    "membership_distance": 0.1,
    "membership_density": 0.1,
    "singling_out": 0.0,
    "replicated_uniques": 0.0,
    "disclosive_cells": 0.0,
    "linkability": 0.0,
    "attribute_inference": 0.0,
}
PLAN = Plan(targets=300, pool=200, queries=120, secrets=2, draws=5, plants=())


def main() -> None:
    """Run the null simulations and print coverage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--persons", type=int, default=300)
    asked = parser.parse_args()
    metrics = [metric for metric in METRICS if metric.names[0] in NULL]
    held: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for time in range(asked.times):
        sides = [dataset(people(asked.persons, 4 * time + part, 10**6 * part)) for part in range(4)]
        scores = score_evidence(build_evidence(*sides, plan=PLAN), {}, seed=time, metrics=metrics).scores
        for name, null in NULL.items():
            found = [s for s in scores if s.metric == name and s.low is not None and s.high is not None]
            covered = [s.low <= null <= s.high for s in found if s.low is not None and s.high is not None]
            tried[name] += len(covered)
            held[name] += sum(covered)
            whole[name] += all(covered)
    print(f"{'attack':<22}{'intervals':>10}{'covered':>9}{'all at once':>13}")
    for name in NULL:
        share = held[name] / max(tried[name], 1)
        print(f"{name:<22}{tried[name]:>10}{share:>9.3f}{whole[name] / asked.times:>13.3f}")


if __name__ == "__main__":
    main()
