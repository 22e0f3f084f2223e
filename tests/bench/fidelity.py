"""One table of fidelity and speed, tools side by side in one run: ours, sequential CART, SDV, bootstrap floor, shuffle.

    python tests/bench/fidelity.py --data ../shared/data --sets adult,readmission71k --rows 100000

Figures: seconds of processor time to fit and to sample; mean total variation distance over columns (`marg`) and over
pairs of columns (`pair`), quantities cut at 19 quantiles of the real rows; AUC of gradient boosting told to tell real
from synthetic rows by three-fold cross-validation (`c2st`, .5 when it cannot). Days written as text are quantities.
With `--together 11`, codes that fewer than 11 real rows have are one code when figures are taken: no tool that keeps a
rule of 11 persons may draw these, and whoever tells rows apart by them tells the rule. `ruled` are the rows drawn again
with such codes invented (or, `ruled-kept`, drawn among the others): what the rule alone costs, were all else told.
`cart-11` and `cart-22` have as many rows a leaf: what leaves of a rule of 11 persons can tell at best, were real values
repeated. SDV's tools (`sdv-*`) are there where the extra is installed, `sdv-gaussian-copula` without being asked for.

With `--draws`, figures are means over so many draws (in brackets the standard error of the AUC). With `--held-out`,
tools learn from half of the rows and are held against the other half, that nobody learned from; `half`, the floor of
these figures, is the first half itself.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from synth.core.dataset import Dataset

SETS = {
    "adult": "adult_anonymeter/adult.parquet",
    "readmission71k": "readmission71k/readmission.parquet",
    "sih_rs2019": "sih_rs2019/RDRS2019.parquet",
    "sd2011": "sd2011/SD2011.parquet",
    "support2": "clinical_survival/support2.parquet",
}
KEY = "bench key"
PEER = "sdv-gaussian-copula"
QUANTILES = 20
C2ST_ROWS = 30_000


def main() -> None:
    """Print the table for the sets asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the reference data sets")
    parser.add_argument("--sets", default=",".join(SETS), help="sets, separated by commas")
    parser.add_argument("--rows", type=int, default=10**9, help="most rows of each set")
    parser.add_argument("--tools", default=",".join(usual()), help="tools, separated by commas")
    parser.add_argument("--held-out", action="store_true", help="learn from half of the rows, compare with the others")
    parser.add_argument("--draws", type=int, default=1, help="draws, over which figures are means")
    parser.add_argument("--together", type=int, default=0, help="codes of fewer real rows are compared as one code")
    arguments = parser.parse_args()
    print(f"{'set':<16}{'tool':<18}{'fit s':>8}{'sample s':>10}{'marg':>8}{'pair':>8}{'x floor':>9}{'c2st':>7}")
    for name in arguments.sets.split(","):
        real = pd.read_parquet(arguments.data / SETS[name]).head(arguments.rows).reset_index(drop=True)
        real = real.loc[:, real.nunique(dropna=False) > 1]
        train, real = halves(real) if arguments.held_out else (real, real)
        first = "half" if arguments.held_out else "bootstrap"
        floor = None
        for tool in [first, *[t for t in arguments.tools.split(",") if t != first]]:
            draws = [figures(real, train, tool, seed, arguments.together) for seed in range(1, arguments.draws + 1)]
            fitting, sampling, marginal, pair, told = np.mean(draws, axis=0)
            floor = pair if floor is None else floor
            line = f"{name:<16}{tool:<18}{fitting:>8.2f}{sampling:>10.2f}{marginal:>8.4f}{pair:>8.4f}"
            error = f" ({np.std(draws, axis=0, ddof=1)[-1] / len(draws) ** 0.5:.3f})" if len(draws) > 1 else ""
            print(f"{line}{pair / floor:>9.2f}{told:>7.3f}{error}", flush=True)


def figures(real: pd.DataFrame, train: pd.DataFrame, tool: str, seed: int, together: int) -> tuple[float, ...]:
    """Seconds to fit and to sample, distances of columns and of pairs, AUC: of one draw."""
    made, fitting, sampling = TOOLS[tool](train, seed)
    known, made = gathered(*dated(real, made), together)
    return fitting, sampling, *distances(known, made), c2st(known, made)


def usual() -> list[str]:
    """The tools that are asked for where nobody says which."""
    here = find_spec("sdv") is not None
    return [t for t in TOOLS if (t != "half" and not t.startswith(("cart-", "ruled-", "sdv-"))) or (here and t == PEER)]


def halves(real: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows in two halves, by chance."""
    mixed, middle = real.sample(frac=1, random_state=0), len(real) // 2
    return mixed[:middle].reset_index(drop=True), mixed[middle:].reset_index(drop=True)


def dated(real: pd.DataFrame, made: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both, days written as eight digits turned into numbers of days. Tools are given the digits."""
    both = real.copy(), made[list(real.columns)].copy()
    for name in real:
        if as_days(real[name]):
            for frame in both:
                days = pd.to_datetime(frame[name].astype("string"), format="%Y%m%d", errors="coerce")
                frame[name] = (days - pd.Timestamp(0)).dt.days.astype("Int64")
    return both


def as_days(column: pd.Series) -> bool:
    """Whether all of a column are days written as eight digits."""
    texts = column.dropna().astype(str)
    return len(texts) > 0 and bool(texts.str.fullmatch(r"(19|20)\d{6}").all())


def gathered(real: pd.DataFrame, made: pd.DataFrame, fewest: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both, codes that fewer than `fewest` real rows have being one code."""
    both = real.copy(), made[list(real.columns)].copy()
    for name in real.columns if fewest else ():
        if not pd.api.types.is_numeric_dtype(real[name]):
            counts = real[name].value_counts()
            kept = counts.index[counts >= fewest]
            for frame in both:
                frame[name] = frame[name].where(frame[name].isin(kept) | frame[name].isna(), "(rare)")
    return both


Made = tuple[pd.DataFrame, float, float]


class Tool(Protocol):
    """Learns from rows and draws as many by a seed; tells the seconds of processor time of both."""

    def __call__(self, real: pd.DataFrame, seed: int = 1) -> Made: ...


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """What `work` gives, and the processor time it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def ours(generator: str) -> Tool:
    """A generator of this project at its default settings."""

    def run(real: pd.DataFrame, seed: int = 1) -> Made:
        from synth.generators import fit, sample

        return learned(fit, sample, generator, real, seed)

    return run


def sdv(synthesizer: str) -> Tool:
    """One of SDV's synthesizers at its default settings, under the same catalog."""

    def run(real: pd.DataFrame, seed: int = 1) -> Made:
        from synth.peers import fit_peer, sample_peer

        return learned(fit_peer, sample_peer, synthesizer, real, seed)

    return run


def learned(fit: Callable[..., Any], sample: Callable[..., Any], name: str, real: pd.DataFrame, seed: int) -> Made:
    """As many rows drawn as were learned from, and the processor time of both."""
    dataset = dataset_of(real)
    model, fitting = timed(lambda: fit(dataset, name))
    batches, sampling = timed(lambda: [batch for _, batch in sample(model, len(real), seed)])
    return pa.Table.from_batches(batches).to_pandas().drop(columns=KEY), fitting, sampling


def dataset_of(real: pd.DataFrame) -> Dataset:
    """The rows as the one table of a dataset, each a person's."""
    from synth.core.dataset import arrow_schema
    from synth.io import memory_dataset

    catalog = catalog_of(real)
    table = pa.Table.from_pandas(real.assign(**{KEY: np.arange(len(real))}), preserve_index=False)
    return memory_dataset(catalog, {"t": table.cast(arrow_schema(catalog.table("t")))})


def catalog_of(real: pd.DataFrame):
    """A catalog for one table of a data frame: numbers are quantities, all else codes."""
    from synth.core.descriptor import catalog_from

    fields = [{"name": name, **kind(real[name])} for name in real.columns]
    fields.append({"name": KEY, "type": "integer", "synth:role": "key"})
    schema = {"fields": fields, "primaryKey": [KEY]}
    person = {"table": "t", "key": [KEY]}
    return catalog_from({"name": "bench", "synth:person": person, "resources": [{"name": "t", "schema": schema}]})


def kind(column: pd.Series) -> dict[str, str]:
    """Type and role of a column."""
    if pd.api.types.is_bool_dtype(column):
        return {"type": "boolean", "synth:role": "code"}
    if pd.api.types.is_datetime64_any_dtype(column):
        return {"type": "datetime", "synth:role": "date"}
    if pd.api.types.is_integer_dtype(column):
        return {"type": "integer", "synth:role": "number"}
    if pd.api.types.is_numeric_dtype(column):
        return {"type": "number", "synth:role": "number"}
    return {"type": "string", "synth:role": "code"}


def bootstrap(real: pd.DataFrame, seed: int = 1) -> Made:
    """The real rows drawn again: what chance alone costs."""
    return real.sample(len(real), replace=True, random_state=seed).reset_index(drop=True), 0.0, 0.0


def ruled(real: pd.DataFrame, seed: int = 1, kept: bool = False) -> Made:
    """The real rows drawn again, codes that fewer than 11 of them have being others that nobody has, or drawn among
    those kept: what a rule costs."""
    made, draws = bootstrap(real, seed)[0], np.random.default_rng(seed)
    for name in real:
        if not pd.api.types.is_numeric_dtype(real[name]) and not as_days(real[name]):
            counts = real[name].value_counts()
            rare, often = made[name].isin(counts.index[counts < 11]), counts[counts >= 11]
            others = [f"~{row}" for row in range(len(made))]
            if kept and len(often):
                others = draws.choice(often.index.to_numpy(), len(made), p=(often / often.sum()).to_numpy())
            made[name] = made[name].astype(object).mask(rare, pd.Series(others, dtype=object))
    return made, 0.0, 0.0


def shuffle(real: pd.DataFrame, seed: int = 1) -> Made:
    """Each column in an order of its own: what knowing no pair costs."""
    draws = np.random.default_rng(seed)
    return pd.DataFrame({name: real[name].to_numpy()[draws.permutation(len(real))] for name in real}), 0.0, 0.0


def cart(real: pd.DataFrame, seed: int = 1, leaf: int = 5) -> Made:
    """Sequential classification trees over raw values (so many rows a leaf at least), which re-emit real values."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    draws = np.random.default_rng(seed)
    coded = codes(real)
    made = np.empty_like(coded)
    start = time.process_time()
    made[:, 0] = coded[draws.integers(0, len(coded), len(coded)), 0]
    for column in range(1, coded.shape[1]):
        few = len(np.unique(coded[:, column])) <= 50
        tree = (DecisionTreeClassifier if few else DecisionTreeRegressor)(min_samples_leaf=leaf, random_state=seed)
        tree.fit(coded[:, :column], coded[:, column])
        leaves, wanted = tree.apply(coded[:, :column]), tree.apply(made[:, :column])
        order = np.argsort(leaves, kind="stable")
        first = np.searchsorted(leaves[order], wanted, side="left")
        size = np.searchsorted(leaves[order], wanted, side="right") - first
        made[:, column] = coded[order[first + (draws.random(len(wanted)) * size).astype(int)], column]
    values = {name: uncoded(real[name], made[:, index]) for index, name in enumerate(real.columns)}
    return pd.DataFrame(values), time.process_time() - start, 0.0


def codes(frame: pd.DataFrame) -> np.ndarray:
    """Each column as ranks of its distinct values, missing first."""
    return np.stack([pd.factorize(frame[name], sort=True)[0] for name in frame.columns], axis=1)


def uncoded(column: pd.Series, ranks: np.ndarray) -> pd.Series:
    """Ranks back to values."""
    values = pd.factorize(column, sort=True)[1]
    taken = pd.Series(values).astype(object).reindex(ranks).to_numpy()
    return pd.Series(taken).infer_objects()


def cells(real: pd.Series, made: pd.Series) -> tuple[np.ndarray, np.ndarray, int]:
    """Both columns cut alike: quantities at the real quantiles, others by value; missing is a cell of its own."""
    if pd.api.types.is_numeric_dtype(real) and not pd.api.types.is_bool_dtype(real):
        known = real.dropna().astype(float)
        edges = np.unique(np.quantile(known, np.linspace(0, 1, QUANTILES + 1)[1:-1])) if len(known) else np.empty(0)
        cut = [
            np.where(c.isna(), len(edges) + 1, np.searchsorted(edges, c.astype(float), side="right"))
            for c in (real, made)
        ]
        return cut[0], cut[1], len(edges) + 2
    levels = pd.Index(pd.unique(pd.concat([real.astype(str), made.astype(str)])))
    return levels.get_indexer(real.astype(str)), levels.get_indexer(made.astype(str)), len(levels)


def distances(real: pd.DataFrame, made: pd.DataFrame) -> tuple[float, float]:
    """Mean total variation distance over columns and over pairs of columns."""
    cut = [cells(real[name], made[name]) for name in real.columns]
    single = [half(x, y, size) for x, y, size in cut]
    pairs = [
        half(x * size + u, y * size + v, other * size)
        for index, (x, y, other) in enumerate(cut)
        for u, v, size in cut[:index]
    ]
    return float(np.mean(single)), float(np.mean(pairs))


def half(x: np.ndarray, y: np.ndarray, size: int) -> float:
    """Total variation distance between the shares of two samples of codes."""
    return float(np.abs(np.bincount(x, minlength=size) / len(x) - np.bincount(y, minlength=size) / len(y)).sum() / 2)


def c2st(real: pd.DataFrame, made: pd.DataFrame) -> float:
    """Area under the curve of gradient boosting told to tell the two apart, cross-validated."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import cross_val_score

    both = pd.concat([real, made.reindex(columns=real.columns)], ignore_index=True)
    numeric = [pd.api.types.is_numeric_dtype(real[name]) for name in real.columns]
    columns = [
        pd.to_numeric(both[name], errors="coerce").astype(float)
        if is_number
        else pd.factorize(both[name].astype(str))[0]
        for name, is_number in zip(real.columns, numeric, strict=True)
    ]
    chosen = np.random.default_rng(0).permutation(len(both))[:C2ST_ROWS]
    truth = (np.arange(len(both)) >= len(real)).astype(int)
    model = HistGradientBoostingClassifier(random_state=0)
    x = np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)
    return float(cross_val_score(model, x[chosen], truth[chosen], cv=3, scoring="roc_auc").mean())


TOOLS: dict[str, Tool] = {
    "bootstrap": bootstrap,
    "ruled": ruled,
    "ruled-kept": partial(ruled, kept=True),
    "shuffle": shuffle,
    "cart": cart,
    "cart-11": partial(cart, leaf=11),
    "cart-22": partial(cart, leaf=22),
    "trees": ours("trees"),
    "gaussian-copula": ours("gaussian-copula"),
    "vine": ours("vine"),
    "auto": ours("auto"),
    "independent": ours("independent"),
    "half": lambda real, seed=1: (real, 0.0, 0.0),
    PEER: sdv(PEER),
    "sdv-ctgan": sdv("sdv-ctgan"),
    "sdv-tvae": sdv("sdv-tvae"),
}

if __name__ == "__main__":
    main()
