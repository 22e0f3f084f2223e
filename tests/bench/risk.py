"""One table of disclosure risk, tools side by side in one run: the attacks of Anonymeter's protocol on Adult.

    python tests/bench/risk.py --data ../shared/data --rows 10000 --attacks 500 --splits 4

Tools learn from `rows` persons (train) and draw as many; as many others are the control, and then the two change
places, so that the same persons are on both sides. Figures are residual risks R = (a - c) / (1 - c), where a is the
share of attacks that succeed on train and c on the control: 0 at best. `uni` and `multi` single a person out by one
condition and by several, `link` finds one synthetic person by two halves of the columns, in so many attacks for each of
`seeds`. `income` and `occupation` are guessed from the nearest synthetic person by all other columns, of every person
of train and control (in brackets: c). `copies` is the share of the rows that one person of train alone has that stand
among the synthetic ones, beside that of the control. A second line has standard errors, over the ways to divide
persons. Attacks: Giomi et al., PoPETs 2023; singling out and linking as in `synth score`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from fidelity import KEY, SETS, TOOLS, catalog_of

from synth.core.dataset import Dataset, arrow_schema
from synth.io import memory_dataset
from synth.metrics.disclosure import linkability, singling_out
from synth.metrics.evidence import Evidence, Plan, Side, build_evidence
from synth.metrics.neighbours import nearest

SECRETS = ("income", "occupation")


def main() -> None:
    """Print the table for the tools asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the reference data sets")
    parser.add_argument("--rows", type=int, default=10_000, help="persons learned from, and as many of the control")
    parser.add_argument("--attacks", type=int, default=500, help="attacks of each kind but inference")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of these attacks, over which figures are means")
    parser.add_argument("--splits", type=int, default=1, help="ways to divide persons, averaged over too")
    parser.add_argument("--tools", default="bootstrap,cart,trees,gaussian-copula", help="tools, separated by commas")
    arguments = parser.parse_args()
    whole = pd.read_parquet(arguments.data / SETS["adult"])
    heads = "".join(f"{name:>18}" for name in SECRETS)
    print(f"{'tool':<18}{'uni':>8}{'multi':>8}{'link':>8}{heads}{'copies train/control':>24}")
    for tool in arguments.tools.split(","):
        found = pd.DataFrame([attacked(tool, whole, split, arguments) for split in range(arguments.splits)])
        print_line(tool, found.mean())
        if arguments.splits > 1:
            print_line("  standard error", found.std() / np.sqrt(arguments.splits))


def print_line(name: str, figures: pd.Series) -> None:
    """One line of the table."""
    line = f"{name:<18}{figures['uni']:>8.3f}{figures['multi']:>8.3f}{figures['link']:>8.3f}"
    line += "".join(f"{figures[name]:>10.3f} ({figures[f'{name} control']:.3f})" for name in SECRETS)
    print(line + f"{figures['train']:>15.4f} /{figures['control']:>7.4f}", flush=True)


def attacked(tool: str, whole: pd.DataFrame, split: int, arguments: argparse.Namespace) -> dict[str, float]:
    """The figures of one way to divide persons in two, each half being learned from in turn."""
    drawn = whole.sample(2 * arguments.rows, random_state=split)
    one, other = (part.reset_index(drop=True) for part in (drawn[: arguments.rows], drawn[arguments.rows :]))
    found = means([turn(tool, *sides, arguments) for sides in ((one, other), (other, one))])
    for secret in SECRETS:
        a, c = found.pop(f"{secret} train"), found[f"{secret} control"]
        found[secret] = (a - c) / (1 - c)
    return found


def turn(tool: str, train: pd.DataFrame, control: pd.DataFrame, arguments: argparse.Namespace) -> dict[str, float]:
    """The residual risk of each attack, means over its seeds; how often secrets are guessed right; and copies."""
    made = TOOLS[tool](train)[0][train.columns]
    sides = [dataset_of(train, frame) for frame in (train, control, made)]
    plan = Plan(targets=arguments.attacks, queries=arguments.attacks)
    evidence = build_evidence(sides[0], sides[1], sides[2], None, plan)
    found = means([figures(evidence, seed) for seed in range(arguments.seeds)])
    for secret in SECRETS:
        found |= inference(evidence, secret)
    return found | {"train": copies(train, made), "control": copies(control, made)}


def means(found: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each figure."""
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


def dataset_of(train: pd.DataFrame, frame: pd.DataFrame) -> Dataset:
    """Rows as a table under the catalog of the training rows."""
    catalog = catalog_of(train)
    table = pa.Table.from_pandas(frame.assign(**{KEY: np.arange(len(frame))}), preserve_index=False)
    return memory_dataset(catalog, {"t": table.cast(arrow_schema(catalog.table("t")))})


def figures(evidence: Evidence, seed: int) -> dict[str, float]:
    """The residual risk of singling out and of linking."""
    singled = [
        score for score in singling_out.evaluate(evidence, seed) if score.details.get("stratum") == "all persons"
    ]
    linked = [score for score in linkability.evaluate(evidence, seed) if score.details.get("stratum") == "all persons"]
    return {
        "uni": max((float(s.value or 0) for s in singled if "univariate" in s.scope), default=0.0),
        "multi": max((float(s.value or 0) for s in singled if "multivariate" in s.scope), default=0.0),
        "link": max((float(score.value or 0) for score in linked), default=0.0),
    }


def inference(evidence: Evidence, secret: str) -> dict[str, float]:
    """How often a secret is guessed right from the nearest synthetic person by all other columns, of everybody."""
    features = evidence.persons
    known = np.array([source != f"t.{secret}" for source in features.source])
    values = next(each.values for each in features.attributes if each.source == f"t.{secret}")
    assert evidence.holdout is not None
    pool = np.ascontiguousarray(features.of(evidence.synthetic)[:, known])

    def success(side: Side) -> float:
        places = nearest(np.ascontiguousarray(features.of(side)[:, known]), pool)[1][:, 0]
        guess, truth = values["synthetic"][places], values[side.role]
        return float(((guess == truth) | (np.isnan(guess) & np.isnan(truth))).mean())

    return {f"{secret} train": success(evidence.train), f"{secret} control": success(evidence.holdout)}


def copies(real: pd.DataFrame, made: pd.DataFrame) -> float:
    """The share of the rows that one real person alone has that stand among the made ones."""
    alone = pd.util.hash_pandas_object(real.astype(str)[~real.astype(str).duplicated(keep=False)], index=False)
    return float(np.isin(alone, pd.util.hash_pandas_object(made.astype(str), index=False)).mean())


if __name__ == "__main__":
    main()
