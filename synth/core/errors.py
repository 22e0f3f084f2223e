"""What went wrong, said in one line: where it is and what to do, never a data value."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_USER = 2
EXIT_BLOCKED = 3
EXIT_RULES = 4


class SynthError(Exception):
    """Any failure the program foresees; the command line prints it as one line and leaves with `exit_code`."""

    exit_code = EXIT_BUG


class UserError(SynthError):
    """Input or a request that cannot be used as it is.

    `problem` says what is wrong, `remedy` what to do about it. `file`, `table`, `column` and `row`
    (counted from 1, the header apart) say where. None of them may ever carry a data value.
    """

    exit_code = EXIT_USER

    def __init__(
        self,
        problem: str,
        *,
        remedy: str = "",
        file: object = None,
        table: str | None = None,
        column: str | None = None,
        row: int | None = None,
    ) -> None:
        self.problem = problem
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.table = table
        self.column = column
        self.row = row
        super().__init__(self._line())

    def _line(self) -> str:
        named = (("table", self.table), ("column", self.column), ("row", self.row))
        places = [f"{name} {value}" for name, value in named if value is not None]
        if self.file is not None:
            places.insert(0, self.file)
        where = f"{', '.join(places)}: " if places else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{self.problem}{remedy}"


class GateBlocked(SynthError):
    """The release gate did not pass; nothing may leave."""

    exit_code = EXIT_BLOCKED


class RulesBroken(SynthError):
    """Tables break a declared rule."""

    exit_code = EXIT_RULES
