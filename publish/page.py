"""index.html: the package on one self-contained page. No script, no request; it folds out by keyboard and prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from publish.dictionary import key_of, refers_to
from publish.profiles import PROFILE_ROWS, ColumnProfile
from publish.release import Release
from publish.render import render
from synth.core.catalog import Catalog
from synth.core.joins import parents_first
from synth.core.score import Score

_HEAD_ROWS, _WIDE = 10, 60  # first rows shown, half as many of a table with more columns than that
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _NAME = 170, 34, 60, 14, 20
FAMILIES = (
    ("disclosure", "How safe"),
    ("fidelity", "How faithful"),
    ("structure", "How well the tables hold together"),
    ("utility", "How useful"),
)


@dataclass(frozen=True, slots=True)
class MetricLine:
    """The scores of one metric in one line: how many, the middle one and the worst, and those not measured."""

    metric: str
    count: int
    middle: float | None
    worst: float | None
    control: float | None
    persons: int
    unmeasured: int
    better: str


@dataclass(frozen=True, slots=True)
class Box:
    """A table in the drawing of the joins."""

    name: str
    label: str
    x: int
    y: int


def page(release: Release, documents: tuple[tuple[str, str, str], ...]) -> str:
    """The page as HTML text; `documents` are the path, media type and purpose of every other file."""
    boxes = joins(release.catalog)
    return render(
        "index.html.j2",
        release,
        boxes=boxes,
        lines=list(_lines(release.catalog, boxes)),
        box_width=_WIDTH,
        box_height=_HEIGHT,
        drawing=(
            max((box.x for box in boxes), default=0) + _WIDTH + 4,
            max((box.y for box in boxes), default=0) + _HEIGHT + 4,
        ),
        families=[(title, lines) for family, title in FAMILIES if (lines := metric_lines(release, family))],
        profile_rows=PROFILE_ROWS,
        bars=bars,
        head_rows=lambda table: _HEAD_ROWS if len(table.columns) <= _WIDE else _HEAD_ROWS // 2,
        key_of=key_of,
        refers_to=refers_to,
        documents=[item for item in documents if item[0] != "index.html"],
    )


def metric_lines(release: Release, family: str) -> list[MetricLine]:
    """One line for each metric of a family, in the order of the scores."""
    groups: dict[str, list[Score]] = {}
    for score in release.scores.scores if release.scores else ():
        if score.family == family:
            groups.setdefault(score.metric, []).append(score)
    return [_metric_line(metric, scores) for metric, scores in groups.items()]


def _metric_line(metric: str, scores: list[Score]) -> MetricLine:
    measured = [score for score in scores if score.value is not None]
    values = [score.value for score in measured if score.value is not None]
    lower = scores[0].direction == "lower"
    worst = max(measured, key=lambda score: (score.value or 0.0) * (1 if lower else -1), default=None)
    return MetricLine(
        metric=metric,
        count=len(scores),
        middle=median(values) if values else None,
        worst=None if worst is None else worst.value,
        control=None if worst is None else worst.control,
        persons=max((score.n for score in scores), default=0),
        unmeasured=sum(score.status != "measured" for score in scores),
        better=scores[0].direction,
    )


def joins(catalog: Catalog) -> list[Box]:
    """Boxes of the tables: referred tables to the left, those that refer to them further right."""
    level: dict[str, int] = {}
    for name in parents_first(catalog):
        targets = [key.target for key in catalog.table(name).foreign_keys if key.target != name]
        level[name] = 1 + max((level[target] for target in targets), default=-1)
    filled: dict[int, int] = {}
    boxes = []
    for name in parents_first(catalog):
        row = filled.get(level[name], 0)
        filled[level[name]] = row + 1
        label = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
        boxes.append(Box(name, label, 2 + level[name] * (_WIDTH + _GAP_X), 2 + row * (_HEIGHT + _GAP_Y)))
    return boxes


def _lines(catalog: Catalog, boxes: list[Box]) -> Iterator[str]:
    """Curves from a table to the one it refers to, as SVG paths; a self reference is a small loop."""
    place = {box.name: box for box in boxes}
    for table in catalog.tables:
        child = place[table.name]
        for target in dict.fromkeys(key.target for key in table.foreign_keys):
            parent = place[target]
            start_y, end_y, end_x = child.y + _HEIGHT // 2, parent.y + _HEIGHT // 2, parent.x + _WIDTH
            if target == table.name:
                yield f"M{end_x} {end_y - 8} c22 0 22 16 0 16"
            else:
                bend = (end_x + child.x) // 2
                yield f"M{child.x} {start_y} C{bend} {start_y} {bend} {end_y} {end_x} {end_y}"


def bars(profile: ColumnProfile, width: int = 132, height: int = 26) -> list[tuple[float, float, float, float]]:
    """Bars of a profile as x, y, width and height."""
    tallest = max((count for _, count in profile.bars), default=0)
    if not tallest:
        return []
    step = width / len(profile.bars)
    return [
        (
            round(index * step, 1),
            round(height - height * count / tallest, 1),
            round(max(step - 1.5, 1), 1),
            round(height * count / tallest, 1),
        )
        for index, (_, count) in enumerate(profile.bars)
    ]
