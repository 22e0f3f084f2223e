"""Are persons who were learned from nearer to what is drawn than others? One line a seed and number of predictors.

    python tests/bench/membership.py --data ../shared/data --set nafld --persons 1000 --seeds 6 --predictors 40,10

Each seed deals persons into learned ones and others. `auc` is that of telling them apart by the distance of a whole
person, all tables together, to the nearest one drawn (.5: cannot tell), `tpr` the share of the learned ones that are
nearer than all but a tenth of the others (.1 by chance). `predictors` is how many columns trees of small tables look
at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from relational import ours
from relational_sets import Tables, loaded, some

from synth.generators.laws import trees
from synth.metrics.disclosure.membership import closeness
from synth.metrics.evidence import build_evidence
from synth.metrics.ranking import auc


def main() -> None:
    """Print a line for each seed and number of predictors, and their means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the reference data sets")
    parser.add_argument("--set", default="nafld", help="the set")
    parser.add_argument("--persons", type=int, default=1000, help="persons learned from, and as many others")
    parser.add_argument("--seeds", type=int, default=6, help="how many times persons are dealt")
    parser.add_argument("--predictors", default="40,10", help="numbers of predictors, separated by commas")
    arguments = parser.parse_args()
    whole = loaded(arguments.set, arguments.data)
    assert whole.catalog.person is not None
    count, most = arguments.persons, whole.arrow[whole.catalog.person.table].num_rows
    print(f"{'predictors':>12}{'seed':>6}{'auc':>8}{'tpr':>8}")
    for predictors in map(int, arguments.predictors.split(",")):
        trees.MANY_PREDICTORS = predictors
        found = []
        for seed in range(arguments.seeds):
            order = np.random.default_rng(seed).permutation(most)
            found.append(attacked(some(whole, order[:count]), some(whole, order[count : 2 * count])))
            print(f"{predictors:>12}{seed:>6}{found[-1][0]:>8.4f}{found[-1][1]:>8.3f}", flush=True)
        print(f"{predictors:>12}{'mean':>6}{np.mean(found, axis=0)[0]:>8.4f}{np.mean(found, axis=0)[1]:>8.3f}")


def attacked(learned: Tables, others: Tables) -> tuple[float, float]:
    """AUC, and true positives where one in ten is a false one."""
    made, *_ = next(iter(ours("trees")(learned, others, 11, 1)))
    evidence = build_evidence(learned.dataset(), others.dataset(), made.dataset())
    assert evidence.holdout is not None and learned.catalog.person is not None
    everybody = np.arange(learned.arrow[learned.catalog.person.table].num_rows)
    near, control = (closeness(evidence, side, everybody) for side in (evidence.train, evidence.holdout))
    return auc(near, control)[0], float((near > np.quantile(control, 0.9)).mean())


if __name__ == "__main__":
    main()
