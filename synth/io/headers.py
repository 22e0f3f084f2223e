"""The columns a file has against those the catalog describes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.core.progress import say

_NAMED = 5


def check_header(names: Sequence[str], table: Table, file: object) -> None:
    """Raise UserError when a column of the catalog is absent or is there twice.

    Columns that the catalog does not describe are not read, and one line on stderr says so: refusing them would make
    people describe columns they do not want to share, and leaving them out in silence would hide a slip. They are
    told by position, because the first line of a file without a header is data.
    """
    seen = Counter(names)
    missing = [name for name in table.column_names if name not in seen]
    if missing:
        others = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise UserError(
            f"the column is missing{others}",
            file=file,
            table=table.name,
            column=missing[0],
            remedy=_remedy(names, missing, table),
        )
    twice = [name for name in table.column_names if seen[name] > 1]
    if twice:
        raise UserError(
            "the column appears twice", file=file, table=table.name, column=twice[0], remedy="rename or remove one"
        )
    extra = [position for position, name in enumerate(names, start=1) if not table.has(name)]
    if extra:
        listed = ", ".join(str(position) for position in extra[:_NAMED]) + (" ..." if len(extra) > _NAMED else "")
        say(f"{file}: {len(extra)} columns that the catalog does not describe are not read (position {listed})")


def _remedy(names: Sequence[str], missing: Sequence[str], table: Table) -> str:
    if len(names) == 1 and len(table.columns) > 1:
        for delimiter in (";", "\t", "|", ","):
            if delimiter in names[0]:
                shown = "tab" if delimiter == "\t" else delimiter
                return f"the header seems to be delimited by {shown}: declare it in the resource's `dialect`"
    folded = {name.strip().casefold() for name in names}
    if missing[0].strip().casefold() in folded:
        return "the file writes its name with other blanks or capitals: correct one of them"
    return "add it to the file or remove it from the catalog"
