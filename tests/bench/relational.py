"""One table of fidelity of relational sets: ours, real against real, and independent columns, side by side in one run.

    python tests/bench/relational.py --data ../shared/data --sets nafld,berka --tools half,redrawn,trees,independent

Tools learn from one half of the persons and draw as many; with `--whole`, from all of them. `--min-persons` is the k
that statistics must cover. With `--draws 5`, figures are means over five draws of each tool: one draw of small tables
is mostly chance, that of the floor too. `half` is the other half of the real persons, `redrawn` the first half drawn
again person by person: two floors, of real rows against real rows. `ruled` are the latter with the codes that fewer
than k persons have replaced by invented ones, one for each person's: what the rule alone costs, were all else told.
Every figure is a distance to the first half, 0 at best:

- `orphans`, `twins`: references that lead nowhere, and rows whose key another row has;
- `count`: total variation distance of the number of children, mean and worst over references;
- `pair`, `across`: that of pairs of columns within a table, and between a row and the row it refers to; means over
  tables and references of the mean over pairs, quantities cut at 19 quantiles of the real rows;
- `lag1`: error of the rank correlation of a quantity with that of the next row, mean and worst;
- `next`: Hellinger distance of pairs of consecutive codes (the 20 commonest and the others), mean and worst;
- `c2st`: AUC (.5: cannot tell) of extra trees over whole persons with summaries of all their rows, as in `synth score`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from fidelity import QUANTILES
from relational_sets import SETS, Tables, arranged, half, invented, loaded, redrawn

from synth.core.catalog import ForeignKey
from synth.generators import fit, sample, synthetic_catalog
from synth.io import memory_dataset
from synth.metrics.evidence import build_evidence
from synth.metrics.fidelity import c2st

LEVELS = 20
FEWEST = 100  # fewer rows that follow another are not looked at
FIGURES = ("count", "worst", "pair", "across", "lag1", "worst", "next", "worst", "c2st")


def main() -> None:
    """Print the table for the sets asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the reference data sets")
    parser.add_argument("--sets", default=",".join(SETS), help="sets, separated by commas")
    parser.add_argument("--tools", default=",".join(TOOLS), help="tools, separated by commas")
    parser.add_argument("--whole", action="store_true", help="learn from all persons")
    parser.add_argument("--min-persons", type=int, default=11, help="persons behind each statistic")
    parser.add_argument("--draws", type=int, default=1, help="draws of each tool that figures are means over")
    parser.add_argument("--details", action="store_true", help="figures of each table and reference too")
    arguments = parser.parse_args()
    heads = "".join(f"{name:>8}" for name in ("fit s", "draw s", "orphans", "twins", *FIGURES))
    print(f"{'set':<16}{'tool':<12}{heads}")
    for name in arguments.sets.split(","):
        whole = loaded(name, arguments.data)
        real, other = whole if arguments.whole else half(whole, 0), half(whole, 1)
        for tool in arguments.tools.split(","):
            asked = 1 if tool == "half" else arguments.draws
            found, faults, seconds = [], np.zeros(2, dtype=int), np.zeros(2)
            for made, *spent in TOOLS[tool](real, other, arguments.min_persons, asked):
                found.append(Figures(real, made, other).groups())
                faults += 0 if tool in ("redrawn", "ruled") else [orphans(made), twins(made)]
                seconds += spent
            line = f"{name:<16}{tool:<12}{seconds[0]:>8.2f}{seconds[1] / asked:>8.2f}"
            line += "".join(f"{'' if tool in ('redrawn', 'ruled') else count:>8}" for count in faults)
            figures = mean(found)
            print(line + "".join(f"{value:>8.3f}" for value in summary(figures)), flush=True)
            if arguments.details:
                print_details(figures)


Made = Iterator[tuple[Tables, float, float]]
Groups = dict[str, dict[str, float]]


def ours(generator: str) -> Callable[[Tables, Tables, int, int], Made]:
    """A generator of this project at its default settings, learned once and drawn from with seeds 1, 2 ..."""

    def run(real: Tables, other: Tables, k: int, draws: int) -> Made:
        start = time.process_time()
        model = fit(real.dataset(), generator, k)
        fitting = time.process_time() - start
        assert real.catalog.person is not None
        persons = real.arrow[real.catalog.person.table].num_rows
        for seed in range(1, draws + 1):
            start = time.process_time()
            batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in real.arrow}
            for name, batch in sample(model, persons, seed):
                batches[name].append(batch)
            drawing = time.process_time() - start
            tables = {name: pa.Table.from_batches(batches[name], real.arrow[name].schema) for name in batches}
            yield arranged(memory_dataset(synthetic_catalog(model), tables)), fitting, drawing
            fitting = 0.0

    return run


def again(real: Tables, other: Tables, k: int, draws: int) -> Made:
    """The real persons drawn again."""
    for seed in range(draws):
        yield redrawn(real, 11 + seed), 0.0, 0.0


def ruled(real: Tables, other: Tables, k: int, draws: int) -> Made:
    """The real persons drawn again, codes of fewer than k of them being invented."""
    for seed in range(draws):
        yield redrawn(invented(real, k), 11 + seed), 0.0, 0.0


TOOLS: dict[str, Callable[[Tables, Tables, int, int], Made]] = {
    "redrawn": again,
    "ruled": ruled,
    "half": lambda real, other, k, draws: iter([(other, 0.0, 0.0)]),
    "trees": ours("trees"),
    "independent": ours("independent"),
}


def orphans(made: Tables) -> int:
    """References with no missing part that name no row."""
    lost = 0
    for (table, key), rows in made.keys.items():
        whole = made.frame(table)[list(key.columns)].notna().all(axis=1).to_numpy()
        lost += int((whole & (rows < 0)).sum())
    return lost


def twins(made: Tables) -> int:
    """Rows whose primary or unique key an earlier row has."""
    again = 0
    for table in made.catalog.tables:
        for names in (table.primary_key, *table.unique_keys):
            if names:
                again += int(made.frame(table.name)[list(names)].dropna().duplicated().sum())
    return again


def content(tables: Tables, table: str) -> list[str]:
    """Columns that are no part of a key, those of dates and codes excepted."""
    described = tables.catalog.table(table)
    foreign = {name for key in described.foreign_keys for name in key.columns}
    single = {names[0] for names in (described.primary_key, *described.unique_keys) if len(names) == 1}
    frame = tables.arrow[table]
    many = 0.9 * max(len(frame), 2)
    apart = foreign | single
    return [c.name for c in described.columns if c.name not in apart and frame[c.name].to_pandas().nunique() < many]


class Cut:
    """Cells of every content column of both sides, cut alike at what the real rows show."""

    def __init__(self, real: Tables, made: Tables) -> None:
        self.sizes: dict[tuple[str, str], int] = {}
        self.cells: list[dict[tuple[str, str], np.ndarray]] = [{}, {}]
        self.numbers: list[dict[tuple[str, str], np.ndarray]] = [{}, {}]
        self.columns = {name: content(real, name) for name in real.arrow}
        for table, names in self.columns.items():
            frames = real.frame(table), made.frame(table)
            for name in names:
                self._add(table, name, *(frame[name] for frame in frames), real.catalog.table(table).column(name))

    def _add(self, table: str, name: str, real: pd.Series, made: pd.Series, column) -> None:
        from synth.columns.values import measure

        place = (table, name)
        if measure(column) == "number":
            numbers = [as_numbers(series) for series in (real, made)]
            known = numbers[0][~np.isnan(numbers[0])]
            edges = np.unique(np.quantile(known, np.linspace(0, 1, QUANTILES + 1)[1:-1])) if len(known) else []
            for side, x in enumerate(numbers):
                self.numbers[side][place] = x
                self.cells[side][place] = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, "right"))
            self.sizes[place] = len(edges) + 2
            return
        texts = [np.where(series.isna(), "", series.astype(str)).astype(object) for series in (real, made)]
        ranked = pd.Series(texts[0]).value_counts().index
        levels = ranked.append(pd.Index(pd.unique(texts[1])).difference(ranked))
        for side, series in enumerate(texts):
            self.cells[side][place] = levels.get_indexer(series)
        self.sizes[place] = len(levels)


def as_numbers(series: pd.Series) -> np.ndarray:
    """Quantities and dates as floats."""
    if pd.api.types.is_datetime64_any_dtype(series) or series.dtype == object:
        dates = pd.to_datetime(series, errors="coerce").astype("datetime64[s]")
        return np.where(dates.isna(), np.nan, dates.astype("int64")).astype(float)
    return series.astype(float).to_numpy()


def distance(x: np.ndarray, y: np.ndarray) -> float:
    """Total variation distance between the shares of two samples of codes; 1 where one has none."""
    if not len(x) or not len(y):
        return float(len(x) != len(y))
    _, codes = np.unique(np.concatenate([x, y]), return_inverse=True)
    shares = [np.bincount(part, minlength=codes.max() + 1) / len(part) for part in (codes[: len(x)], codes[len(x) :])]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


class Figures:
    """Every figure of a sample against the real rows."""

    def __init__(self, real: Tables, made: Tables, other: Tables) -> None:
        assert real.catalog.person is not None
        self.real, self.made, self.other = real, made, other
        self.root, self.key = real.catalog.person.table, real.catalog.person.key
        self.cut = Cut(real, made)
        self.counts = {self._named(*place): self._count(*place) for place in real.keys}
        self.pairs = {table: self._pairs(table) for table in real.arrow}
        self.across = {self._named(*place): self._across(*place) for place in real.keys}
        self.lag = dict(self._lags())
        self.next = dict(self._nexts())

    @staticmethod
    def _named(table: str, key: ForeignKey) -> str:
        return f"{table}({','.join(key.columns)})->{key.target}"

    def groups(self) -> Groups:
        """Each figure by table, reference or column."""
        titles = ("counts", "pairs", "across", "lag", "next")
        return {title: getattr(self, title) for title in titles} | {"c2st": {"whole persons": self._persons()}}

    def _count(self, table: str, key: ForeignKey) -> float:
        sizes = []
        for side in (self.real, self.made):
            rows = side.keys[table, key]
            sizes.append(np.bincount(rows[rows >= 0], minlength=side.arrow[key.target].num_rows))
        return distance(*(np.where(s <= 64, s, 64 + np.floor(8 * np.log2(np.maximum(s, 64) / 64))) for s in sizes))

    def _pairs(self, table: str) -> float:
        names = self.cut.columns[table]
        found = [self._pair(table, names[i], names[j]) for i in range(len(names)) for j in range(i)]
        return float(np.mean(found)) if found else np.nan

    def _pair(self, table: str, a: str, b: str) -> float:
        size = self.cut.sizes[table, b]
        return distance(*(cells[table, a] * size + cells[table, b] for cells in self.cut.cells))

    def _across(self, table: str, key: ForeignKey) -> float:
        found = []
        rows = [side.keys[table, key] for side in (self.real, self.made)]
        for mine in self.cut.columns[table]:
            for theirs in self.cut.columns[key.target]:
                size = self.cut.sizes[key.target, theirs]
                joint = [
                    cells[table, mine][at >= 0] * size + cells[key.target, theirs][at[at >= 0]]
                    for cells, at in zip(self.cut.cells, rows, strict=True)
                ]
                found.append(distance(*joint))
        return float(np.mean(found)) if found else np.nan

    def _ordered(self):
        for node in self.real.forest.nodes:
            if node.parent is not None and node.table.order_by:
                before = [
                    np.flatnonzero(np.diff(side.keys[node.name, node.parent]) == 0) for side in (self.real, self.made)
                ]
                if len(before[0]) >= FEWEST:
                    yield node.name, before

    def _lags(self):
        for table, before in self._ordered():
            for name in self.cut.columns[table]:
                if (table, name) in self.cut.numbers[0]:
                    found = [lag(x[table, name], at) for x, at in zip(self.cut.numbers, before, strict=True)]
                    yield f"{table}.{name}", abs(found[0] - found[1])

    def _nexts(self):
        for table, before in self._ordered():
            for name in self.cut.columns[table]:
                if (table, name) not in self.cut.numbers[0] and self.cut.sizes[table, name] > 1:
                    shares = []
                    for cells, at in zip(self.cut.cells, before, strict=True):
                        codes = np.minimum(cells[table, name], LEVELS)
                        joint = codes[at] * (LEVELS + 1) + codes[at + 1]
                        shares.append(np.bincount(joint, minlength=(LEVELS + 1) ** 2) / max(len(at), 1))
                    yield f"{table}.{name}", float(np.sqrt(max(1 - np.sqrt(shares[0] * shares[1]).sum(), 0)))

    def _persons(self) -> float:
        if self.made.frame(self.root)[list(self.key)].duplicated().any():  # drawn again, not made
            return np.nan
        evidence = build_evidence(self.real.dataset(), self.other.dataset(), self.made.dataset())
        whole = next(score for score in c2st.evaluate(evidence, 0) if score.scope.startswith("whole persons"))
        return np.nan if whole.value is None else float(whole.value)


def mean(found: list[Groups]) -> Groups:
    """Figures, each the mean over several draws."""
    return {
        title: {name: float(np.mean([each[title][name] for each in found])) for name in group}
        for title, group in found[0].items()
    }


def summary(figures: Groups) -> list[float]:
    """The figures of the table's line: FIGURES."""
    line = []
    for title, group in figures.items():
        values = [value for value in group.values() if not np.isnan(value)]
        line.append(float(np.mean(values)) if values else np.nan)
        if title in ("counts", "lag", "next"):
            line.append(max(values, default=np.nan))
    return line


def print_details(figures: Groups) -> None:
    """Each figure by table, reference or column."""
    for title, group in figures.items():
        for name, value in group.items():
            print(f"    {title:<8}{name:<60}{value:>8.3f}")


def lag(x: np.ndarray, before: np.ndarray) -> float:
    """Rank correlation between a row and the next one."""
    first, then = x[before], x[before + 1]
    known = ~(np.isnan(first) | np.isnan(then))
    if known.sum() < 3:
        return 0.0
    pair = [pd.Series(side[known]).rank().to_numpy() for side in (first, then)]
    return float(np.nan_to_num(np.corrcoef(*pair)[0, 1])) if min(np.ptp(pair[0]), np.ptp(pair[1])) > 0 else 0.0


if __name__ == "__main__":
    main()
