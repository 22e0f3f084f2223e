"""`synth score`: measure disclosure risk, fidelity and structure of synthetic tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command(name="score")
@click.option("--train", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Tables fitted on.")
@click.option(
    "--holdout",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Persons not fitted on; no release passes without.",
)
@click.option("--synthetic", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Tables to judge.")
@click.option("--reference", type=click.Path(path_type=Path), metavar="DIR", help="A third set of real persons.")
@click.option("--catalog", type=click.Path(path_type=Path), metavar="FILE", help="datapackage.json, if not in DIR.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where scores.json goes; - for stdout.",
)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="A page to read; - for stdout.")
@click.option("--policy", default="open-release", show_default=True, metavar="NAME|FILE", help="Judged on that page.")
@click.option(
    "--repeats", type=click.IntRange(1), default=1, show_default=True, help="Seeds of each attack; worst kept."
)
@click.option("--keys", metavar="T.A,T.B", help="Columns of persons an attacker knows. [default: the first four]")
@click.option("--shadows", type=click.Path(path_type=Path), metavar="FILE", help="What synth shadow wrote.")
@click.option("--model", type=click.Path(path_type=Path), metavar="FILE", help="A model that leaves too: judged.")
@click.option("--published", type=click.Path(path_type=Path), metavar="FILE", help="YAML: counts that leave too.")
@click.option("--budget", metavar="TIME", help="Sample so as to take about 90s, 10m or 1h; the power left is told.")
@click.option("--analyses", type=click.Path(path_type=Path), metavar="FILE", help="YAML: what is to be analysed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every sample and classifier.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores on standard output as well.")
def command(
    train: Path,
    holdout: Path | None,
    synthetic: Path,
    reference: Path | None,
    catalog: Path | None,
    out: Path,
    html: Path | None,
    policy: str,
    repeats: int,
    keys: str | None,
    shadows: Path | None,
    model: Path | None,
    published: Path | None,
    budget: str | None,
    analyses: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Measure disclosure risk and utility of synthetic tables against the real ones.

    Example: synth score --train split/train --holdout split/holdout --synthetic synthetic --out scores.json
    """
    from synth.core.progress import say
    from synth.gate import read_policy
    from synth.io import open_dataset
    from synth.metrics import Plan, score
    from synth.metrics.analyses.reading import read_analyses
    from synth.metrics.budget import parse_budget

    _one_on_stdout(out, html, as_json)
    judged_by = read_policy(policy)  # before all the work
    seconds = None if budget is None else parse_budget(budget)
    known = tuple(part.strip() for part in (keys or "").split(",") if part.strip())
    plan = Plan(repeats=repeats, keys=known, analyses={} if analyses is None else read_analyses(analyses))

    def opened(path: Path | None) -> Any:
        return None if path is None else open_dataset(path, catalog)

    if holdout is None:
        say("no --holdout: disclosure cannot be measured and no policy will pass")
    scores = score(
        opened(train),
        opened(holdout),
        opened(synthetic),
        opened(reference),
        seed=seed,
        plan=plan,
        shadows=shadows,
        model=model,
        published=published,
        budget=seconds,
    )
    _write(scores, out, html, judged_by, as_json)


def _one_on_stdout(out: Path, html: Path | None, as_json: bool) -> None:
    from synth.core.errors import UserError
    from synth.core.files import STDOUT

    if html == STDOUT and (as_json or out == STDOUT):
        raise UserError(
            "the scores and the page would both go to standard output", remedy="write one of them to a file"
        )


def _write(scores: Any, out: Path, html: Path | None, policy: Any, as_json: bool) -> None:
    from synth.core.files import STDOUT, write_text
    from synth.core.jsontext import dumps
    from synth.core.score import scores_document

    text = dumps(scores_document(scores))
    write_text(out, text)
    if html is not None:
        _write_page(scores, html, policy)
    if not as_json:
        click.echo(_summary(scores), err=STDOUT in (out, html))
    elif out != STDOUT:
        click.echo(text, nl=False)


def _write_page(scores: Any, path: Path, policy: Any) -> None:
    from synth.core.files import write_text
    from synth.gate import judge
    from synth.metrics.report import render

    write_text(path, render(scores, [judge(scores, policy)]))


def _summary(scores: Any) -> str:
    lines = []
    for family in ("disclosure", "structure", "fidelity", "utility"):
        found = [item for item in scores.scores if item.family == family]
        if not found:
            continue
        states = {state: sum(item.status == state for item in found) for state in ("underpowered", "skipped")}
        told = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        lines.append(f"{family}: {len(found)} figures{f' ({told})' if told else ''}")
    return "\n".join(lines)
