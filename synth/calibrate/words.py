"""The report in words: rows of text for the terminal, headings of the groups."""

from __future__ import annotations

from collections.abc import Iterator

from synth.calibrate.figure import Figure
from synth.calibrate.report import Report

HEADINGS = {
    "population": "Population by sex and five-year age",
    "deaths": "Deaths by sex and ten-year age, against the life table",
    "births": "Births",
    "long-term diseases": "Long-term diseases (ALD)",
    "claims": "Lines of ER_PRS_F by nature of the benefit",
    "claims, acts only": "Acts by nature: participations, surcharges and lines for information apart",
    "volumes": "Volumes",
    "medicines": "Medicines dispensed",
    "stays": "Hospital stays",
    "diagnoses": "Principal diagnoses",
    "outpatient": "Outpatient care in hospital",
    "other fields": "Rehabilitation, home care and psychiatry",
    "causes": "Causes of death",
    "disease map": "Disease map (CT_IND)",
    "pathways": "Pathways",
}
MARKS = {"holds": "ok", "outside": "OUTSIDE", "chance": "chance", "shown": "", "not computed": "-"}


def groups(report: Report) -> Iterator[tuple[str, list[Figure]]]:
    """Figures by group, in the order of the report."""
    names = list(dict.fromkeys(figure.group for figure in report.figures))
    for name in names:
        yield name, [figure for figure in report.figures if figure.group == name]


def lines(report: Report, everything: bool = False) -> Iterator[str]:
    """The report as lines of text; without `everything`, figures that have no bound are left out."""
    yield f"years {report.years[0]}-{report.years[1]}"
    for name, figures in groups(report):
        shown = [figure for figure in figures if everything or figure.status != "shown"]
        hidden = len(figures) - len(shown)
        yield ""
        yield HEADINGS.get(name, name) + (f" ({hidden} more with --all)" if hidden else "")
        for figure in shown:
            yield _line(figure)
    counts = report.counts()
    yield ""
    yield (
        f"{counts['holds']} figures inside their bound, {counts['outside']} outside, {counts['chance']} outside by no "
        f"more than chance, {counts['shown']} without a bound, {counts['not computed']} not computed"
    )


def _line(figure: Figure) -> str:
    if figure.generated is None:
        return f"  {'-':<8}{figure.name[:58]:<60}not computed: {figure.note or 'no row'}"
    ratio = "" if figure.ratio is None else f"×{figure.ratio:.3f}"
    source = ", ".join(part for part in (figure.source, figure.year) if part)
    return (
        f"  {MARKS[figure.status]:<8}{figure.name[:58]:<60}{number(figure.published):>9}{number(figure.generated):>10}"
        f"{ratio:>9}  {figure.limits:<15}{figure.unit:<18}{source}"
    ).rstrip()


def number(value: float | None) -> str:
    """A figure in four significant digits; empty when there is none."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
