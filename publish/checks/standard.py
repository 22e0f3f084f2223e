"""The tables by frictionless, cell by cell: slow, independent of our own reading, and asked for by name."""

from __future__ import annotations

from collections.abc import Iterator

from publish.fault import Fault
from publish.package import DESCRIPTOR, Package


def check_standard(package: Package) -> Iterator[Fault]:
    """What `frictionless validate datapackage.json` reports; kinds and places only, for its texts carry values."""
    from frictionless import FrictionlessException
    from frictionless import Package as Standard

    try:
        report = Standard(str(package.root / DESCRIPTOR)).validate()
    except FrictionlessException as refusal:
        yield Fault("frictionless", f"cannot be read ({refusal.error.type})", file=DESCRIPTOR)
        return
    for error in report.errors:
        yield Fault("frictionless", error.type, file=DESCRIPTOR)
    for task in report.tasks:
        for error in task.errors:
            row = getattr(error, "row_number", None)
            # frictionless counts the header as row 1
            place = None if row is None else row - 1
            column = getattr(error, "field_name", None)
            yield Fault("frictionless", error.type, file=task.place, table=task.name, column=column, row=place)
