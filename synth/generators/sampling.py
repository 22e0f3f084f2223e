"""Sample: draw tables from a model, one block of units after another, the same whatever draws them.

A block is a fixed number of units. Everything in it depends on the model, the seed and the number of the block alone,
so blocks can be drawn in any order, by any number of workers, on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa

from synth.core.errors import UserError
from synth.core.model import Model
from synth.core.progress import track
from synth.core.seeds import rng
from synth.generators.blueprint import Blueprint, blueprint
from synth.generators.decoding import decode
from synth.generators.drawing import draw_codes
from synth.generators.drawn import Drawn
from synth.generators.linking import Referential, fill_keys, fill_rest, referrers
from synth.generators.public import read_public
from synth.generators.uniqueness import keep_unique

BLOCK_UNITS = 4_096
Batches = list[tuple[str, pa.RecordBatch]]


@dataclass(frozen=True)
class Job:
    """What every block needs."""

    plan: Blueprint
    referentials: Mapping[str, Referential]
    root: str
    units: int
    seed: int

    @property
    def blocks(self) -> int:
        """How many blocks."""
        return -(-self.units // BLOCK_UNITS)


def sample(model: Model, persons: int, seed: int, workers: int = 1) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Draw `persons` persons and all that belongs to them: pairs of a table's name and some of its rows.

    Referentials come first, in proportion to the persons. The rows are the same for any number of `workers`.
    Raises UserError when `persons` or `workers` is below 1.
    """
    if persons < 1:
        raise UserError("the number of persons is below 1", remedy="ask for at least one person")
    if workers < 1:
        raise UserError("the number of workers is below 1", remedy="ask for at least one worker")
    plan = blueprint(model)
    person = model.catalog.person
    assert person is not None
    referentials: dict[str, Referential] = {}
    yield from _public_tables(model, plan, referentials)
    for root in _referential_roots(plan, person.table):
        # a referential of too few rows to be counted is drawn as large as it may be
        learned = model.receipt["rows"][root] or model.receipt["min_persons"] - 1
        units = max(1, round(learned * persons / model.receipt["persons"]))
        yield from _referential(Job(plan, referentials, root, units, seed), referentials)
    job = Job(plan, referentials, person.table, persons, seed)
    for batches in track(_blocks(job, workers), "sampling", job.blocks):
        yield from batches


def _public_tables(
    model: Model, plan: Blueprint, referentials: dict[str, Referential]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    for node in plan.forest.nodes:
        if node.table.public:
            table = read_public(model, node.name)
            referentials[node.name] = Referential(table, np.ones(table.num_rows))
            for batch in table.to_batches():
                yield node.name, batch


def _referential_roots(plan: Blueprint, person_table: str) -> list[str]:
    """Roots other than the persons, each after those that its tree refers to."""
    waiting = {root for root in plan.forest.roots if root != person_table and not plan.forest.node(root).table.public}
    needs = {root: _needs(plan, root) & waiting - {root} for root in waiting}
    done: list[str] = []
    while waiting:
        ready = [root for root in plan.forest.roots if root in waiting and not needs[root] - set(done)]
        if not ready:
            raise UserError("referentials refer to one another in a ring", remedy="mark one of them `synth:public`")
        done += ready
        waiting -= set(ready)
    return done


def _needs(plan: Blueprint, root: str) -> set[str]:
    tree = plan.forest.tree(root)
    return {plan.forest.node(key.target).root for node in tree for key in node.links}


def _referential(job: Job, referentials: dict[str, Referential]) -> Iterator[tuple[str, pa.RecordBatch]]:
    kept: dict[str, list[pa.RecordBatch]] = {}
    weights: dict[str, list[np.ndarray]] = {}
    for block in range(job.blocks):
        made = draw_block(job, block)
        for name, drawn in made.items():
            batch = fill_rest(drawn)
            kept.setdefault(name, []).append(batch)
            stream = rng(job.seed, name, "popularity", block)
            weights.setdefault(name, []).append(referrers(job.plan, drawn, stream).astype(float))
            yield name, batch
    for name, batches in kept.items():
        referentials[name] = Referential(pa.Table.from_batches(batches), np.concatenate(weights[name]))


def draw_block(job: Job, block: int) -> dict[str, Drawn]:
    """Every table of the tree for one block of units."""
    units = min(BLOCK_UNITS, job.units - block * BLOCK_UNITS)
    made: dict[str, Drawn] = {}
    for node in job.plan.forest.tree(job.root):
        drawn = draw_codes(job.plan, node.name, made, units, job.seed, block)
        decode(job.plan, drawn, made, job.seed, block)
        fill_keys(job.plan, drawn, made, job.referentials, job.seed, (block, job.blocks))
        keep_unique(drawn)
        made[node.name] = drawn
    return made


def _finished(job: Job, block: int) -> Batches:
    return [(name, fill_rest(drawn)) for name, drawn in draw_block(job, block).items()]


def _blocks(job: Job, workers: int) -> Iterator[Batches]:
    if workers == 1 or job.blocks == 1:
        for block in range(job.blocks):
            yield _finished(job, block)
        return
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(job,)) as pool:
        yield from _in_order(pool, range(job.blocks), 2 * workers)


_job: Job | None = None


def _start(job: Job) -> None:
    global _job
    _job = job


def _work(block: int) -> Batches:
    assert _job is not None
    return _finished(_job, block)


def _in_order(pool: ProcessPoolExecutor, blocks: Iterable[int], ahead: int) -> Iterator[Batches]:
    """Results in the order of the blocks, never more than `ahead` of them waiting."""
    todo = iter(blocks)
    waiting: list[Future[Batches]] = [pool.submit(_work, block) for block in islice(todo, ahead)]
    while waiting:
        done = waiting.pop(0).result()
        for block in islice(todo, 1):
            waiting.append(pool.submit(_work, block))
        yield done
