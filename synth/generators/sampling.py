"""Sample: draw tables from a model, one block of units after another, the same whatever draws them.

A block is a fixed number of units. Everything in it depends on the model, the seed and the number of the block alone,
so blocks can be drawn in any order, by any number of workers, on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from synth.core.errors import UserError
from synth.core.model import Model
from synth.core.progress import track
from synth.core.ruletext import Formula
from synth.core.seeds import rng
from synth.core.workers import crew
from synth.engines.forest import Node
from synth.generators.blueprint import Blueprint, blueprint
from synth.generators.choosing import WEIGHT, Choice
from synth.generators.drawing.codes import draw_codes
from synth.generators.drawing.decoding import decode
from synth.generators.drawing.drawn import Drawn, Kept
from synth.generators.drawing.enforcing import add_up, enforce, enforce_upwards
from synth.generators.drawing.linking import Referential, fill_keys, fill_rest, link_again, referrers
from synth.generators.drawing.settling import settle, settle_linked, settle_upwards
from synth.generators.drawing.taken import Taken
from synth.generators.drawing.turns import allot
from synth.generators.drawing.uniqueness import keep_unique, nothing_taken, remember
from synth.generators.given import Given
from synth.generators.keys.public import read_public

BLOCK_UNITS = 4_096
_PATIENCE = 4_096  # persons drawn for each one kept (and for a hundred more) before giving up
Batches = list[tuple[str, pa.RecordBatch]]
Finished = tuple[Batches, list[Kept]]
Fared = dict[str, dict[str, dict[str, int]]]  # rows drawn again, mended, not satisfied, by table and rule


@dataclass(frozen=True)
class Job:
    """What every block needs; `taken` is what rows must not have again, where blocks have to be told apart."""

    plan: Blueprint
    referentials: Mapping[str, Referential]
    root: str
    units: int
    seed: int
    choice: Choice | None = None
    given: Given | None = None
    last: int | None = None  # where persons are chosen: how many are kept of the last block
    taken: Mapping[str, Mapping[tuple[str, ...], Taken]] = field(default_factory=dict)

    @property
    def blocks(self) -> int:
        """How many blocks."""
        return -(-self.units // BLOCK_UNITS)


def sample(
    model: Model,
    persons: int,
    seed: int,
    workers: int = 1,
    choice: Choice | Given | None = None,
    fared: Fared | None = None,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Draw `persons` persons and all that belongs to them: pairs of a table's name and some of its rows.

    Referentials come first, in proportion to the persons. The rows are the same for any number of `workers`. With a
    `choice`, persons are drawn until so many are kept; when they are given, what belongs to them is drawn. `fared` is
    filled with how the catalog's rules fared, once all is drawn. Raises UserError when `persons` or `workers` is below
    1, or hardly any person drawn is one to keep.
    """
    if persons < 1:
        raise UserError("the number of persons is below 1", remedy="ask for at least one person")
    if workers < 1:
        raise UserError("the number of workers is below 1", remedy="ask for at least one worker")
    plan = blueprint(model)
    person = model.catalog.person
    assert person is not None
    counts: Fared = {} if fared is None else fared
    referentials: dict[str, Referential] = {}
    yield from _public_tables(model, plan, referentials)
    for root in _referential_roots(plan, person.table):
        units = _referential_units(model, root, persons)
        yield from _referential(_apart(Job(plan, referentials, root, units, seed)), referentials, counts)
    job = _apart(_person_job(plan, referentials, (persons, seed), choice))
    for batches, kept in track(_blocks(job, workers), "sampling", job.blocks):
        add_up(kept, counts)
        yield from batches


def _referential_units(model: Model, root: str, persons: int) -> int:
    """How many rows of a referential to draw: in proportion to the persons, but few stay as few.

    Of fewer than k, those are known that k persons refer to; where there is none, half as many as there may be.
    """
    receipt = model.receipt
    learned = receipt["rows"][root]
    if learned is not None:
        return max(1, round(int(learned) * persons / int(receipt["persons"])))
    named = int(receipt.get("rows_named", {}).get(root, 0))
    return named or max(1, int(receipt["min_persons"]) // 2)


def _person_job(
    plan: Blueprint, referentials: Mapping[str, Referential], asked: tuple[int, int], choice: Choice | Given | None
) -> Job:
    """The job of the persons; where they are chosen, after as many blocks of them alone as it takes."""
    persons, seed = asked
    assert plan.model.catalog.person is not None
    job = Job(plan, referentials, plan.model.catalog.person.table, persons, seed)
    if choice is None:
        return job
    if isinstance(choice, Given):
        return replace(job, given=choice)
    job = replace(job, choice=choice)
    trial = replace(job, taken=nothing_taken(plan, job.root, 1.0))
    kept, block = 0, 0
    while kept < persons:
        # how many blocks there are matters only to referentials whose rows are dealt out once each
        found = _draw_table(replace(trial, units=(block + 1) * BLOCK_UNITS), plan.forest.node(job.root), {}, block).rows
        kept, block = kept + found, block + 1
        if kept < persons and block * BLOCK_UNITS > _PATIENCE * (kept + 100):
            raise UserError(
                f"hardly anybody meets the condition: {kept} of {block * BLOCK_UNITS} persons drawn",
                remedy="ask for fewer persons or for a wider condition",
            )
    return replace(job, units=block * BLOCK_UNITS, last=found - (kept - persons))


def _apart(job: Job) -> Job:
    """The job with a memory of what must be unique over all its blocks, where there is any and several blocks."""
    if job.blocks == 1:
        return job
    learned = job.plan.model.receipt["rows"].get(job.root) or 1
    return replace(job, taken=nothing_taken(job.plan, job.root, job.units / learned))


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


def _referential(job: Job, referentials: dict[str, Referential], counts: Fared) -> Iterator[tuple[str, pa.RecordBatch]]:
    kept: dict[str, list[pa.RecordBatch]] = {}
    weights: dict[str, list[np.ndarray]] = {}
    for block in range(job.blocks):
        made = draw_block(job, block)
        for name, drawn in made.items():
            add_up(drawn.kept, counts)
            batch = fill_rest(drawn)
            kept.setdefault(name, []).append(batch.select(_named(job.plan, name)))
            stream = rng(job.seed, name, "popularity", block)
            weights.setdefault(name, []).append(referrers(job.plan, drawn, stream).astype(float))
            yield name, batch
    for name, batches in kept.items():
        referentials[name] = Referential(pa.Table.from_batches(batches), np.concatenate(weights[name]))


def _named(plan: Blueprint, table: str) -> list[str]:
    """The columns of a table by which others refer to it, or of which theirs are made: all that is kept of its rows."""
    keys = [key for node in plan.forest.nodes for key in node.links if key.target == table]
    formulas = [rule for node in plan.forest.nodes for rule in node.table.rules if isinstance(rule, Formula)]
    formulas += [each.formula for each in plan.relations.formulas]
    read = [name.column for each in formulas for name in each.names() if name.table == table]
    return list(dict.fromkeys([*(name for key in keys for name in key.target_columns), *read]))


def draw_block(job: Job, block: int) -> dict[str, Drawn]:
    """Every table of the tree for one block of units."""
    made: dict[str, Drawn] = {}
    for node in job.plan.forest.tree(job.root):
        made[node.name] = _draw_table(job, node, made, block)
    settle_upwards(job.plan, made)
    enforce_upwards(job.plan, made, job.seed, block)
    return made


def _draw_table(job: Job, node: Node, made: Mapping[str, Drawn], block: int) -> Drawn:
    units = min(BLOCK_UNITS, job.units - block * BLOCK_UNITS)
    given = _given(job, block, units) if node.name == job.root else None
    known = None if given is None else given.codes
    drawn = draw_codes(job.plan, node.name, made, units, job.seed, block, known)
    drawn.taken = job.taken.get(node.name, {})
    drawn.linked = {
        key.target: job.referentials[key.target].columns for key in node.links if key.target in job.referentials
    }
    if given is not None:
        drawn.fixed.update({name: given.cells[name].combine_chunks() for name in given.cells.column_names})
    decode(job.plan, drawn, made, job.seed, block)
    settle(job.plan, drawn, made)
    fill_keys(job.plan, drawn, made, job.referentials, job.seed, (block, job.blocks))
    settle_linked(job.plan, drawn, made)
    drawn.kept = enforce(job.plan, drawn, made, job.seed, block)
    if given is None:
        _keep_apart(job, drawn, made)
    if job.choice is not None and node.name == job.root:
        _choose(job, job.choice, drawn, block)
    remember(drawn)
    allot(job.plan, drawn, made, job.seed, block)
    return drawn


def _keep_apart(job: Job, drawn: Drawn, made: Mapping[str, Drawn]) -> None:
    """Keep keys of dates and codes unique; what rests on a quantity that was moved is computed again."""
    before = dict(drawn.numbers)
    keep_unique(drawn, {name for table, name in job.plan.relations.computed if table == drawn.node.name})
    if any(drawn.numbers[name] is not numbers for name, numbers in before.items()):
        settle(job.plan, drawn, made)


def _given(job: Job, block: int, units: int) -> Given | None:
    return None if job.given is None else job.given.block(block * BLOCK_UNITS, block * BLOCK_UNITS + units)


def _choose(job: Job, choice: Choice, drawn: Drawn, block: int) -> None:
    """Keep the persons that are chosen, as many as are still asked for."""
    times = choice.times(fill_rest(drawn))
    kept = rng(job.seed, drawn.node.name, "chosen", block).uniform(drawn.rows) * choice.most < times
    if job.last is not None and block == job.blocks - 1:
        kept &= np.cumsum(kept) <= job.last
    drawn.keep(kept)
    link_again(job.plan, drawn, rng(job.seed, drawn.node.name, "link again", block))
    if choice.weighted:
        drawn.cells[WEIGHT] = pa.array(1 / times[kept])


def _finished(job: Job, block: int) -> Finished:
    made = draw_block(job, block)
    kept = [each for drawn in made.values() for each in drawn.kept]
    return [(name, _weighted(drawn, fill_rest(drawn))) for name, drawn in made.items()], kept


def _weighted(drawn: Drawn, batch: pa.RecordBatch) -> pa.RecordBatch:
    if WEIGHT not in drawn.cells:
        return batch
    return batch.append_column(WEIGHT, drawn.cells[WEIGHT])


def _blocks(job: Job, workers: int) -> Iterator[Finished]:
    if workers == 1 or job.blocks == 1 or job.taken:  # each block has to know those before it
        for block in range(job.blocks):
            yield _finished(job, block)
        return
    with crew(job, workers) as drawn:
        yield from drawn(_finished, range(job.blocks))
