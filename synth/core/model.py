"""Model: all that was learned, as named statistics with their support, in one zip of JSON and NumPy arrays.

There is no pickle and nothing unlisted: an array that no statistic names is refused, on writing and on reading.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.catalog import Catalog
from synth.core.descriptor import catalog_from
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.files import atomic_file
from synth.core.jsontext import canonical, dumps
from synth.core.zipfile_plain import write_zip

FORMAT = "synth-model/3"
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One thing that is known. `support` is the smallest number of `unit`s behind any cell of it, out of `cells`.

    `data` holds its values as JSON; `arrays` names the arrays that hold the rest.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    kind: str
    support: int
    unit: str
    cells: int
    data: Mapping[str, Any] = field(default_factory=dict)
    arrays: tuple[str, ...] = ()


_FIELDS = tuple(each.name for each in fields(Statistic))


@dataclass(frozen=True)
class Model:
    """A fitted generator. `receipt` records rows, persons, k, versions: how it came to be."""

    generator: str
    catalog: Catalog
    statistics: tuple[Statistic, ...]
    arrays: Mapping[str, Array]
    plan: Mapping[str, Any]
    receipt: Mapping[str, Any]

    def __post_init__(self) -> None:
        listed = {name for statistic in self.statistics for name in statistic.arrays}
        if listed != set(self.arrays):
            raise UserError("the model's arrays and its list of statistics differ", remedy="fit the model again")

    def find(self, name: str) -> Statistic:
        """The statistic called `name`. Raises UserError when there is none."""
        for statistic in self.statistics:
            if statistic.name == name:
                return statistic
        raise UserError(f"the model has no statistic {name}", remedy="fit the model again")

    @property
    def digest(self) -> str:
        """`sha256:` and the hex digest of everything the model holds."""
        return _digest(_documents(self), self.arrays)


def _documents(model: Model) -> dict[str, Any]:
    return {
        "model.json": {"format": FORMAT, "generator": model.generator, "plan": dict(model.plan)},
        "catalog.json": descriptor_of(model.catalog),
        "statistics.json": [{name: getattr(each, name) for name in _FIELDS} for each in model.statistics],
        "receipt.json": dict(model.receipt),
    }


def _digest(documents: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    total = hashlib.sha256()
    for name in sorted(documents):
        total.update(name.encode() + b"\0" + canonical(documents[name]) + b"\0")
    for name in sorted(arrays):
        total.update(name.encode() + b"\0" + _array_bytes(arrays[name]))
    return "sha256:" + total.hexdigest()


def _array_bytes(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def write_model(model: Model, path: Path) -> None:
    """Write the model to a zip; the same model gives the same bytes."""
    with atomic_file(path) as aside:
        write_zip(aside, _entries(model))


def _entries(model: Model) -> dict[str, bytes]:
    """What a model's zip holds, entry by entry."""
    documents = _documents(model)
    entries = {name: dumps(document).encode() for name, document in documents.items()}
    entries |= {f"arrays/{name}.npy": _array_bytes(array) for name, array in model.arrays.items()}
    return entries | {"digest.txt": (_digest(documents, model.arrays) + "\n").encode()}


def read_model(path: Path) -> Model:
    """Read a model. Raises UserError when the file is absent, is not a model, or its digest does not hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            entries = {name: archive.read(name) for name in names}
    except FileNotFoundError:
        raise UserError("file not found", file=path, remedy="make it with: synth fit") from None
    except (OSError, zipfile.BadZipFile):
        raise UserError("is not a model file", file=path, remedy="make it with: synth fit") from None
    try:
        model = _model_from(entries)
    except (KeyError, ValueError, TypeError):
        raise UserError("is not a model file of this version", file=path, remedy="fit the model again") from None
    except UserError as error:
        raise UserError(error.problem, file=path, remedy=error.remedy) from None
    # compared as stored: not a blank, not an entry more than what the model itself would write
    if len(names) != len(entries) or entries != _entries(model):
        raise UserError("the model was altered: its digest does not hold", file=path, remedy="fit the model again")
    return model


def _model_from(entries: Mapping[str, bytes]) -> Model:
    head = json.loads(entries["model.json"])
    if head["format"] != FORMAT:
        raise ValueError("format")
    arrays = {
        name.removeprefix("arrays/").removesuffix(".npy"): np.load(io.BytesIO(data), allow_pickle=False)
        for name, data in entries.items()
        if name.startswith("arrays/")
    }
    return Model(
        generator=head["generator"],
        catalog=catalog_from(json.loads(entries["catalog.json"])),
        statistics=tuple(_statistic(item) for item in json.loads(entries["statistics.json"])),
        arrays=arrays,
        plan=head["plan"],
        receipt=json.loads(entries["receipt.json"]),
    )


def _statistic(item: Mapping[str, Any]) -> Statistic:
    lists = {name: tuple(item[name]) for name in ("columns", "arrays")}
    return Statistic(**{**item, **lists})
