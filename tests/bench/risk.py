"""One table of disclosure risk, tools side by side in one run: the attacks of Anonymeter's protocol on Adult.

    python tests/bench/risk.py --data ../shared/data --rows 10000 --attacks 500

Tools learn from `rows` persons (train) and draw as many; as many others are the control. Figures are residual risks
R = (a - c) / (1 - c), where a is the share of attacks that succeed on train and c on the control: 0 at best. `uni` and
`multi` single a person out by one condition and by several, `link` finds one synthetic person by two halves of the
columns, `income` and `occupation` are guessed from the nearest synthetic person by all other columns (in brackets: c).
`copies` is the share of the rows that one person of train alone has that stand among the synthetic ones, beside that of
the control. Attacks: Giomi et al., PoPETs 2023; singling out and linking as in `synth score`.
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
    parser.add_argument("--attacks", type=int, default=500, help="attacks of each kind")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the attacks, over which figures are means")
    parser.add_argument("--splits", type=int, default=1, help="ways to divide persons, averaged over too")
    parser.add_argument("--tools", default="bootstrap,cart,trees,gaussian-copula", help="tools, separated by commas")
    arguments = parser.parse_args()
    whole = pd.read_parquet(arguments.data / SETS["adult"])
    heads = "".join(f"{name:>18}" for name in SECRETS)
    print(f"{'tool':<18}{'uni':>8}{'multi':>8}{'link':>8}{heads}{'copies train/control':>24}")
    for tool in arguments.tools.split(","):
        found = [each for split in range(arguments.splits) for each in attacked(tool, whole, split, arguments)]
        means = {name: np.mean([each[name] for each in found]) for name in found[0]}
        line = f"{tool:<18}{means['uni']:>8.3f}{means['multi']:>8.3f}{means['link']:>8.3f}"
        line += "".join(f"{means[name]:>10.3f} ({means[f'{name} control']:.3f})" for name in SECRETS)
        print(line + f"{means['train']:>15.4f} /{means['control']:>7.4f}", flush=True)


def attacked(tool: str, whole: pd.DataFrame, split: int, arguments: argparse.Namespace) -> list[dict[str, float]]:
    """The figures of every seed for one way to divide persons into those learned from and the control."""
    drawn = whole.sample(2 * arguments.rows, random_state=split)
    train, control = (part.reset_index(drop=True) for part in (drawn[: arguments.rows], drawn[arguments.rows :]))
    made = TOOLS[tool](train)[0][train.columns]
    sides = [dataset_of(train, frame) for frame in (train, control, made)]
    plan = Plan(targets=arguments.attacks, queries=arguments.attacks)
    evidence = build_evidence(sides[0], sides[1], sides[2], None, plan)
    copied = {"train": copies(train, made), "control": copies(control, made)}
    return [figures(evidence, arguments.attacks, seed) | copied for seed in range(arguments.seeds)]


def dataset_of(train: pd.DataFrame, frame: pd.DataFrame) -> Dataset:
    """Rows as a table under the catalog of the training rows."""
    catalog = catalog_of(train)
    table = pa.Table.from_pandas(frame.assign(**{KEY: np.arange(len(frame))}), preserve_index=False)
    return memory_dataset(catalog, {"t": table.cast(arrow_schema(catalog.table("t")))})


def figures(evidence: Evidence, attacks: int, seed: int) -> dict[str, float]:
    """The residual risk of each attack, and what succeeds on the control."""
    singled = [
        score for score in singling_out.evaluate(evidence, seed) if score.details.get("stratum") == "all persons"
    ]
    linked = [score for score in linkability.evaluate(evidence, seed) if score.details.get("stratum") == "all persons"]
    found = {
        "uni": max((float(s.value or 0) for s in singled if "univariate" in s.scope), default=0.0),
        "multi": max((float(s.value or 0) for s in singled if "multivariate" in s.scope), default=0.0),
        "link": max((float(score.value or 0) for score in linked), default=0.0),
    }
    for secret in SECRETS:
        found[secret], found[f"{secret} control"] = inference(evidence, secret, attacks, seed)
    return found


def inference(evidence: Evidence, secret: str, attacks: int, seed: int) -> tuple[float, float]:
    """R of guessing a secret from the nearest synthetic person by all other columns, and the control's success."""
    features = evidence.persons
    known = np.array([source != f"t.{secret}" for source in features.source])
    values = next(each.values for each in features.attributes if each.source == f"t.{secret}")
    assert evidence.holdout is not None
    pool = np.ascontiguousarray(features.of(evidence.synthetic)[:, known])

    def success(side: Side) -> float:
        chosen = np.random.default_rng(seed).permutation(side.persons)[:attacks]
        places = nearest(np.ascontiguousarray(features.of(side)[chosen][:, known]), pool)[1][:, 0]
        guess, truth = values["synthetic"][places], values[side.role][chosen]
        return float(((guess == truth) | (np.isnan(guess) & np.isnan(truth))).mean())

    ours, theirs = success(evidence.train), success(evidence.holdout)
    return (ours - theirs) / (1 - theirs), theirs


def copies(real: pd.DataFrame, made: pd.DataFrame) -> float:
    """The share of the rows that one real person alone has that stand among the made ones."""
    alone = pd.util.hash_pandas_object(real.astype(str)[~real.astype(str).duplicated(keep=False)], index=False)
    return float(np.isin(alone, pd.util.hash_pandas_object(made.astype(str), index=False)).mean())


if __name__ == "__main__":
    main()
