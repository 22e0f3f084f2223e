"""The summary of a run as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from synth.core.score import Score
from synth.core.verdict import Check
from synth.pipeline.summary import MetricLine, Summary, metric_lines

_MOST_CHECKS = 20


def summary_text(summary: Summary) -> str:
    """Tables, scores, stages and verdict, a blank line between; the verdict comes last, where a reader looks first."""
    parts = [_tables(summary), _scores(summary), _stages(summary), _verdict(summary)]
    return "\n\n".join(part for part in parts if part) + "\n"


def columns(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """Rows of cells in aligned columns; the columns in `right` are set flush right."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in rows)


def _tables(summary: Summary) -> str:
    if not summary.counts:
        return ""
    sides = tuple(summary.counts)
    names = list(dict.fromkeys(name for side in sides for name in summary.counts[side]["rows"]))
    rows = [("table", *(f"{side} rows" for side in sides))]
    rows += [(name, *(_count(summary.counts[side]["rows"].get(name)) for side in sides)) for name in names]
    rows.append(("persons", *(_count(summary.counts[side]["persons"]) for side in sides)))
    return columns(rows, right=frozenset(range(1, len(sides) + 1)))


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}".replace(",", " ")


def _scores(summary: Summary) -> str:
    if not summary.scores:
        return ""
    rows = [("family", "metric", "measured", "mean", "worst", "95 % interval", "control", "worst scope")]
    rows += [_score_row(line) for line in metric_lines(summary.scores)]
    return columns(rows, right=frozenset((2, 3, 4, 5, 6)))


def _score_row(line: MetricLine) -> tuple[str, str, str, str, str, str, str, str]:
    measured = str(line.measured) if not line.unmeasured else f"{line.measured} of {line.measured + line.unmeasured}"
    worst = line.worst
    if worst is None:
        return (line.family, line.metric, measured, "-", "-", "-", "-", "not measured")
    return (
        line.family,
        line.metric,
        measured,
        _figure(line.mean),
        _figure(worst.value),
        _interval(worst),
        _figure(worst.control),
        worst.scope,
    )


def _interval(score: Score) -> str:
    return "-" if score.low is None or score.high is None else f"{_figure(score.low)} .. {_figure(score.high)}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _stages(summary: Summary) -> str:
    rows = [("stage", "seconds")]
    rows += [(step.name, "kept" if step.kept else f"{step.seconds:.1f}") for step in summary.steps]
    return columns(rows, right=frozenset((1,)))


def _verdict(summary: Summary) -> str:
    if summary.passed is None:
        return ""
    word = "PASS" if summary.passed else "BLOCKED"
    blocking = summary.blocking
    lines = [f"verdict: {word} under {summary.policy} ({len(summary.checks)} checks, {len(blocking)} not passed)"]
    lines += [_check(check) for check in blocking[:_MOST_CHECKS]]
    if len(blocking) > _MOST_CHECKS:
        lines.append(f"  ... and {len(blocking) - _MOST_CHECKS} more: see {summary.out / 'gate' / 'verdict.json'}")
    if summary.allowed_uses:
        lines.append(f"allowed uses: {', '.join(summary.allowed_uses)}")
    lines.append(f"package: {summary.package if summary.package is not None else 'not built'}")
    return "\n".join(lines)


def _check(check: Check) -> str:
    return f"  {check.outcome}: {check.rule}: {check.metric} of {check.scope}: {check.reason}"
