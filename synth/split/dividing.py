"""Train, holdout and reference: every person, with all their rows in all tables, in exactly one of them.

A person's part is decided by a keyed BLAKE2b hash of the person's key, the seed being the key: it depends on no other
person, on no order of rows and on no chunk, and a person met again in a later extract falls in the same part. Shares
are therefore met up to chance (100 persons at 0.6 give about 60, give or take 5).

A row may also refer to a second person (a mother, a matched case) who falls in another part. Such a reference would
point at nothing, so it is emptied where the catalog allows a missing value, and counted in `split.json`; this keeps
persons independent, which membership attacks rely on. With `together`, linked persons are kept in one part instead, at
the price of parts as uneven as the links: choose it when the link itself is what you study.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.files import atomic_folder
from synth.core.jsontext import dumps
from synth.core.progress import say, track
from synth.io import Writer, dataset_digests, dataset_writer
from synth.io.integrity import require_integrity
from synth.split.membership import Cut, Membership, memberships
from synth.split.seal import SEAL, sealed_part

PARTS = ("train", "holdout", "reference")
_VERSION = 1


def split_dataset(
    dataset: Dataset,
    out: Path | str,
    seed: int,
    shares: Sequence[float] = (0.6, 0.2, 0.2),
    format: str = "parquet",
    *,
    overwrite: bool = False,
    together: bool = False,
) -> dict[str, Any]:
    """Write `out/train`, `out/holdout`, `out/reference` and `out/split.json`, whose content is returned.

    `shares` are the expected shares of persons in that order, with sum 1; a part whose share is 0 is not made. Tables
    that lead to no person are copied to every part. `split.json` seals the parts: seed, shares, persons and rows of
    each, logical digest of each table, references emptied.

    Raises UserError when the catalog names no person, the tables break the catalog, a row leads to no person, a part
    would have no person, or a reference to a person of another part cannot be emptied.
    """
    chosen = checked_shares(shares)
    if dataset.catalog.person is None:
        raise UserError(
            "the catalog names no person", file=dataset.origin, remedy="add `synth:person` {table, key} to it"
        )
    require_integrity(dataset)
    with memberships(dataset, seed, tuple(chosen.values()), together=together) as membership:
        parts = tuple(chosen)
        persons = _persons(membership, parts)
        cuts = {table.name: membership.cuts(table) for table in dataset.catalog.tables}
        with atomic_folder(Path(out), overwrite=overwrite) as folder:
            rows = _write(dataset, membership, cuts, {name: folder / name for name in parts}, format)
            document = {
                "version": _VERSION,
                "seed": seed,
                "shares": {name: chosen.get(name, 0.0) for name in PARTS},
                "together": together,
                "source": dataset_digests(dataset),
                "parts": {name: sealed_part(folder / name, persons[name], rows[name]) for name in parts},
                "copied": [name for name in dataset.catalog.table_names if name not in membership.paths],
                "references_emptied": _emptied(cuts),
            }
            (folder / SEAL).write_text(dumps(document), encoding="utf-8")
    return document


def checked_shares(shares: Sequence[float]) -> dict[str, float]:
    """The share of each part that is made. Raises UserError unless two or three with sum 1, train's above 0."""
    given = [float(share) for share in shares]
    good = 1 < len(given) <= len(PARTS) and all(share >= 0 for share in given)
    if not good or not math.isclose(sum(given), 1.0, abs_tol=1e-9) or given[0] == 0:
        raise UserError(
            "the shares are not two or three numbers with sum 1", remedy="write train, holdout, reference: 0.6,0.2,0.2"
        )
    return {name: share for name, share in zip(PARTS, given, strict=False) if share > 0}


def _persons(membership: Membership, parts: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(membership.person_parts, minlength=len(parts))
    empty = [name for name, count in zip(parts, counts, strict=True) if count == 0]
    if empty:
        raise UserError(
            f"the {empty[0]} part would have no person", remedy="bring more persons, or give it a larger share"
        )
    return {name: int(count) for name, count in zip(parts, counts, strict=True)}


def tell_copied(catalog: Catalog, document: Mapping[str, Any]) -> None:
    """Say which tables that not anyone may see are in every part; `document` is what `split_dataset` returned."""
    private = [name for name in document["copied"] if not catalog.table(name).public]
    if private:
        say(f"copied to every part, as they lead to no person: {', '.join(private)}")


def _emptied(cuts: dict[str, list[Cut]]) -> list[dict[str, Any]]:
    return [
        {"table": table, "columns": list(cut.key.columns), "rows": len(cut.rows)}
        for table, found in cuts.items()
        for cut in found
    ]


def _write(
    dataset: Dataset,
    membership: Membership,
    cuts: dict[str, list[Cut]],
    folders: dict[str, Path],
    format: str,
) -> dict[str, dict[str, int]]:
    """Rows of each table written in each part."""
    rows: dict[str, dict[str, int]] = {name: {} for name in folders}
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(dataset_writer(dataset.catalog, folder, format))
            for name, folder in folders.items()
        }
        for table in track(dataset.catalog.tables, "split", len(dataset.catalog.tables)):
            counts = _divide(dataset, table, membership, cuts[table.name], list(writers.values()))
            for name, count in zip(folders, counts, strict=True):
                rows[name][table.name] = count
    return rows


def _divide(
    dataset: Dataset, table: Table, membership: Membership, cuts: list[Cut], writers: Sequence[Writer]
) -> list[int]:
    """Send each row of a table to its part; the number of rows of each."""
    parts = membership.row_parts(table) if table.name in membership.paths else None
    counts = [0] * len(writers)
    first = 0
    for batch in dataset.scan(table.name):
        batch = _without(batch, cuts, first)
        here = None if parts is None else parts[first : first + batch.num_rows]
        for number, writer in enumerate(writers):
            kept = batch if here is None else batch.filter(pa.array(here == number))
            writer.write(table.name, kept)
            counts[number] += kept.num_rows
        first += batch.num_rows
    return counts


def _without(batch: pa.RecordBatch, cuts: list[Cut], first: int) -> pa.RecordBatch:
    """The batch, whose first row is number `first` from 0, with the references of the cuts emptied."""
    for cut in cuts:
        low, high = np.searchsorted(cut.rows, [first, first + batch.num_rows])
        if low == high:
            continue
        mask: NDArray[np.bool_] = np.zeros(batch.num_rows, np.bool_)
        mask[cut.rows[low:high] - first] = True
        gone = pa.array(mask)
        for name in cut.key.columns:
            cells = batch.column(name)
            emptied = pc.if_else(gone, pa.scalar(None, cells.type), cells)
            batch = batch.set_column(batch.schema.get_field_index(name), batch.schema.field(name), emptied)
    return batch
