"""`synth gate`: judge scores against a release policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from synth.core.errors import EXIT_BLOCKED

if TYPE_CHECKING:
    from synth.core.verdict import Check, Verdict


@click.command(name="gate")
@click.argument("scores", type=click.Path(path_type=Path), metavar="SCORES")
@click.option("--policy", default="open-release", show_default=True, metavar="NAME|FILE", help="Policy to judge by.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where verdict.json goes; - for stdout.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
def command(ctx: click.Context, scores: Path, policy: str, out: Path | None, as_json: bool) -> None:
    """Judge SCORES against a policy: exit code 0 when it passes, 3 when it does not.

    Example: synth gate scores.json --policy open-release --out verdict.json
    """
    from synth.core.files import STDOUT, write_text
    from synth.core.jsontext import dumps
    from synth.core.score import read_scores
    from synth.core.verdict import verdict_document
    from synth.gate import judge, read_policy

    verdict = judge(read_scores(scores), read_policy(policy))
    text = dumps(verdict_document(verdict))
    if out is not None:
        write_text(out, text)
    if not as_json:
        click.echo(_told(verdict), err=out == STDOUT)
    elif out != STDOUT:
        click.echo(text, nl=False)
    if not verdict.passed:
        ctx.exit(EXIT_BLOCKED)


def _told(verdict: Verdict) -> str:
    counts = {name: [check for check in verdict.checks if check.outcome == name] for name in ("block", "inconclusive")}
    head = "PASS" if verdict.passed else "BLOCK"
    lines = [f"{head}  policy {verdict.policy}: {len(verdict.checks)} checks, {len(counts['block'])} blocked, "
             f"{len(counts['inconclusive'])} inconclusive"]  # fmt: skip
    for name, found in counts.items():
        lines += [_line(name, check) for check in found[:8]]
        if len(found) > 8:
            lines.append(f"  {name}: {len(found) - 8} more in the verdict file")
    lines.append("Allowed uses: " + ("; ".join(verdict.allowed_uses) if verdict.passed else "none, nothing may leave"))
    return "\n".join(lines)


def _line(name: str, check: Check) -> str:
    return f"  {name}: {check.rule}, {check.scope}: {check.reason}"
