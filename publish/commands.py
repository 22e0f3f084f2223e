"""`synth publish`: build a package for release, verify one, send one, describe one in your own terms."""

from __future__ import annotations

import json
from pathlib import Path

import click

from synth.core.errors import EXIT_DONE, EXIT_USER


@click.group()
def command() -> None:
    """Build a package for release, verify one, send one where people find data.

    Example: synth publish verify package/
    """


@command.command()
@click.argument("tables", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--verdict", type=click.Path(path_type=Path), help="Verdict of `synth gate` on exactly these tables.")
@click.option("--scores", type=click.Path(path_type=Path), help="Scores of `synth score` that the verdict judged.")
@click.option(
    "--metadata",
    required=True,
    type=click.Path(path_type=Path),
    help="YAML file or recipe with title, publisher, version, keywords ... under `metadata:`.",
)
@click.option("--report", type=click.Path(path_type=Path), help="Page of `synth score --html`, packed as report.html.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the package to.")
@click.option("--draft", is_flag=True, help="Build even without a passing verdict, and say so all over the package.")
@click.option("--compress", is_flag=True, help="Write CSV files as .csv.gz.")
@click.option("--zip", "zipped", type=click.Path(path_type=Path), help="Write the package as one zip file too.")
@click.option("--force", is_flag=True, help="Replace the folder if it exists.")
def build(
    tables: Path,
    verdict: Path | None,
    scores: Path | None,
    metadata: Path,
    report: Path | None,
    out: Path,
    draft: bool,
    compress: bool,
    zipped: Path | None,
    force: bool,
) -> None:
    """Build the package of the synthetic tables in DIR.

    Refuses (exit 3) tables that a passing verdict does not cover. Dates come from SOURCE_DATE_EPOCH.

    Example: synth publish build synthetic/ --verdict verdict.json --scores scores.json --metadata recipe.yaml
    --out package/ --zip package.zip
    """
    from publish.build import build_package, zip_package
    from publish.data import sha256

    package = build_package(
        tables,
        out,
        verdict=verdict,
        scores=scores,
        metadata=metadata,
        draft=draft,
        force=force,
        compress=compress,
        provenance={"configuration": f"sha256:{sha256(metadata)}"} if metadata.is_file() else {},
        extra_files={} if report is None else {"report.html": report},
    )
    click.echo(package)
    if zipped is not None:
        click.echo(zip_package(package, zipped))


@command.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An earlier release: check version and difference. May be given several times.",
)
@click.option("--frictionless", is_flag=True, help="Let frictionless validate every cell too (slow).")
@click.option(
    "--signers", type=click.Path(path_type=Path), help="File of allowed signers (OpenSSH): one must have signed."
)
@click.option("--json", "as_json", is_flag=True, help="Print the faults as JSON.")
def verify(package: Path, against: tuple[Path, ...], frictionless: bool, signers: Path | None, as_json: bool) -> int:
    """Verify a PACKAGE (folder or zip): files, every row, metadata, verdict. Exit 2 when a fault is found.

    Works offline. Faults name file, table, column and row, never a value.

    Example: synth publish verify package.zip
    """
    from publish.verify import verify as check

    report = check(package, against, frictionless, signers)
    faults = report.faults
    if as_json:
        click.echo(
            json.dumps(
                {"valid": not faults, "draft": report.draft, "faults": [fault.document() for fault in faults]}, indent=2
            )
        )
    else:
        for fault in faults:
            click.echo(str(fault))
        draft = " (a draft, not for release)" if report.draft else ""
        click.echo(f"{package}: {'valid' if not faults else f'{len(faults)} faults'}{draft}")
    return EXIT_USER if faults else EXIT_DONE


@command.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Private SSH key of the publisher.")
@click.option("--zip", "zipped", type=click.Path(path_type=Path), help="Write the signed package as one zip file too.")
def sign(package: Path, key: Path, zipped: Path | None) -> None:
    """Sign the PACKAGE in a folder with an SSH key: SHA256SUMS.sig, which covers every file.

    Whoever has the public key checks it with `synth publish verify --signers FILE`, or with OpenSSH alone.

    Example: synth publish sign package/ --key ~/.ssh/id_ed25519 --zip package.zip
    """
    from publish.build import zip_package
    from publish.signing import sign_package

    click.echo(sign_package(package, key))
    if zipped is not None:
        click.echo(zip_package(package, zipped))


@command.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--to", "target", required=True, type=click.Choice(("datagouv", "ckan", "zenodo", "s3", "dir")), help="Where to."
)
@click.option("--url", help="Address of the catalogue, s3://bucket/prefix, or a folder. Known for datagouv and zenodo.")
@click.option("--policy", default="open-release", show_default=True, help="Policy that must have passed the package.")
@click.option("--execute", is_flag=True, help="Send. Without it, only say what would be sent.")
def push(package: Path, target: str, url: str | None, policy: str, execute: bool) -> None:
    """Send a PACKAGE to a catalogue, a repository or a folder.

    A dry run unless --execute is given. Drafts and packages that do not verify stay here. Run again, it sends what is
    missing and makes nothing twice. Tokens come from the environment only: DATAGOUV_API_KEY, CKAN_API_TOKEN,
    ZENODO_TOKEN; for s3 AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL. On Zenodo the
    deposition stays a draft that a person publishes.

    Example: synth publish push package/ --to datagouv --url https://demo.data.gouv.fr --execute
    """
    from publish.push.targets import push as send

    sent = send(package, target, url=url, policy=policy, execute=execute, say=click.echo)
    click.echo(f"{sent} files {'sent' if execute else 'would be sent; pass --execute to send them'}")


@command.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--profile", required=True, type=click.Path(path_type=Path), help="YAML that maps your fields to ours.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON or YAML file to write; - for stdout.")
def extend(package: Path, profile: Path, out: Path) -> None:
    """Fill your own metadata profile from a PACKAGE.

    The profile names fields, each with `from` (package.title, verdict.policy, package.contributors.0.email ...) or a
    fixed `value`, and if need be `map`, `default` and `required`:

    \b
    fields:
      title.fr: {from: package.title, required: true}
      licence: {from: package.licenses.0.name, map: {etalab-2.0: LO}}
      synthetic: {value: true}

    Example: synth publish extend package/ --profile our-catalogue.yaml --out record.json
    """
    from publish.extend import extend as fill
    from synth.core.files import STDOUT

    click.echo(fill(package, profile, out), err=out == STDOUT)
