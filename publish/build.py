"""A package for release, from synthetic tables and the verdict that judged exactly them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from publish.artifacts import ARTIFACTS
from publish.data import checksums, published_catalog, write_tables
from publish.evidence import sound_scores, sound_verdict
from publish.metadata import Metadata, metadata_from, read_metadata
from publish.release import Release
from publish.signing import SIGNATURE, SUMS
from synth import __version__
from synth.core.clock import source_date
from synth.core.dataset import Dataset
from synth.core.errors import GateBlocked, UserError
from synth.core.files import atomic_file, atomic_folder
from synth.core.progress import say
from synth.core.score import Scores
from synth.core.verdict import Verdict
from synth.core.zipfile_plain import write_zip

_RESERVED = frozenset((SUMS, SIGNATURE, "scores.json", "verdict.json", *(artifact.path for artifact in ARTIFACTS)))


def build_package(
    dataset_dir: Path,
    out: Path,
    *,
    verdict: Path | None = None,
    scores: Path | None = None,
    metadata: Mapping[str, Any] | Metadata | Path,
    draft: bool = False,
    force: bool = False,
    compress: bool = False,
    provenance: Mapping[str, str | int] | None = None,
    extra_files: Mapping[str, Path] | None = None,
) -> Path:
    """Write the package of the tables in `dataset_dir` to the folder `out`, and return it.

    `metadata` is the publisher's (see `publish.metadata`); `compress` writes CSV as `.csv.gz`; `provenance` says how
    the tables came about (`seed`, `configuration`: the digest of the recipe, ...); `extra_files` maps a relative path
    inside the package to a file to copy. Raises GateBlocked when there is no passing verdict on exactly these tables,
    unless `draft`, which every document of the package then says; UserError on incomplete metadata or an unusable file.
    """
    from synth.io import dataset_digest, open_dataset

    if dataset_dir.resolve().is_relative_to(out.resolve()):
        raise UserError("would replace the tables it is built from", file=out, remedy="choose another folder")
    described = _metadata(metadata)
    extra = _checked_extra(extra_files or {})
    judged = None if verdict is None else sound_verdict(verdict)
    measured = None if scores is None else sound_scores(scores)
    dataset = open_dataset(dataset_dir)
    digest = dataset_digest(dataset)
    reasons = tuple(blocking_reasons(judged, measured, digest, described.origin))
    if reasons and not draft:
        raise GateBlocked(f"{dataset_dir}: {'; '.join(reasons)}; pass --draft for a package marked as a draft")
    if not described.licence_chosen:
        say(f"no licence was named: {described.licence.spdx} is taken; write `licence:` in the metadata to choose one")
    marked = ("asked for as a draft", *reasons) if draft else ()
    copies = {"verdict.json": verdict, "scores.json": scores, **extra}
    with atomic_folder(out, overwrite=force) as aside:
        release = replace(
            _release(dataset, aside, described, digest, compress, bool(marked)),
            scores=measured,
            verdict=judged,
            draft=marked,
            provenance={key: str(value) for key, value in (provenance or {}).items()},
            extra=tuple(sorted(extra)),
        )
        _write_documents(release, aside, {name: path for name, path in copies.items() if path is not None})
    return out


def _metadata(given: Mapping[str, Any] | Metadata | Path) -> Metadata:
    if isinstance(given, Metadata):
        return given
    return read_metadata(given) if isinstance(given, Path) else metadata_from(given)


def _checked_extra(extra: Mapping[str, Path]) -> Mapping[str, Path]:
    for name, path in extra.items():
        parts = Path(name).parts
        if name in _RESERVED or Path(name).is_absolute() or ".." in parts or parts[0] == "data":
            raise UserError(
                "an extra file cannot take this place in a package", file=name, remedy="choose another name"
            )
        if not path.is_file():
            raise UserError("file not found", file=path, remedy="check the path")
    return extra


def blocking_reasons(verdict: Verdict | None, scores: Scores | None, digest: str, origin: str) -> list[str]:
    """Why tables with this digest may not be released: empty when a passing verdict and its scores are about them.

    `origin` is what the publisher says of the tables: `learned` from others, or made by `rules` alone.
    """
    if verdict is None:
        return ["no verdict was given"]
    found = []
    if not verdict.passed:
        found.append(f"the verdict under policy {verdict.policy} is not a pass")
    if verdict.digests.get("synthetic") != digest:
        found.append("the verdict judged other tables than these")
    if scores is None:
        found.append("no scores were given")
    elif dict(scores.digests) != dict(verdict.digests):
        found.append("the scores are about other tables than the verdict")
    learned = "train" in verdict.digests
    if learned != (origin == "learned"):
        judged = "learned from others" if learned else "made by rules alone"
        found.append(f"the verdict judged tables {judged}, which `origin` denies")
    return found


def _release(dataset: Dataset, package: Path, metadata: Metadata, digest: str, compress: bool, draft: bool) -> Release:
    catalog = published_catalog(dataset.catalog, compress)
    mark = {"synthetic": True, "title": metadata.title, "version": metadata.version, "licence": metadata.licence.spdx}
    return Release(
        catalog=catalog,
        metadata=metadata,
        tables=write_tables(dataset, catalog, package, mark | ({"draft": True} if draft else {})),
        digest=digest,
        created=source_date(),
        software=f"synth-snds {__version__}",
    )


def _write_documents(release: Release, package: Path, copies: Mapping[str, Path]) -> None:
    for name, path in copies.items():
        target = package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    for artifact in ARTIFACTS:
        (package / artifact.path).write_bytes(artifact.write(release).encode())
    (package / SUMS).write_bytes(checksums(package, package_files(package)).encode())


def package_files(package: Path) -> list[str]:
    """Relative paths of every file of a package but SHA256SUMS and its signature, sorted."""
    found = (path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file())
    return sorted(path for path in found if path not in (SUMS, SIGNATURE))


def all_files(package: Path) -> list[str]:
    """Relative paths of every file of a package, the checksums and their signature last."""
    return [*package_files(package), *(name for name in (SUMS, SIGNATURE) if (package / name).is_file())]


def zip_package(package: Path, out: Path) -> Path:
    """The package as one zip file whose bytes depend on its content and SOURCE_DATE_EPOCH alone."""
    with atomic_file(out) as aside:
        write_zip(aside, {name: package / name for name in all_files(package)})
    return out
