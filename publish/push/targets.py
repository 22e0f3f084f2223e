"""Where packages go, and the one way they go there: find, create or update, send what differs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from publish.evidence import sound_verdict
from publish.package import open_package
from publish.push import ckan, datagouv, zenodo
from publish.push.client import ATTEMPTS, Client, DryClient, HttpClient, Uncertain
from publish.push.content import Content, File
from publish.push.folder import push_folder
from publish.push.parts import LIMITS, split_files
from publish.push.s3 import push_s3
from publish.verify import faults_of
from synth.core.errors import UserError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """A catalogue: its address, the environment variable of its token and the header it goes in, and its functions.

    `preview` is the size above which it shows no rows of a table, by form: larger ones are sent in parts.
    """

    url: str | None
    token: str
    header: Callable[[str], dict[str, str]]
    files: Callable[[Content], tuple[File, ...]]
    find: Callable[[Client, Content], dict[str, Any] | None]
    create: Callable[[Client, Content], Any]
    update: Callable[[Client, Content, dict[str, Any]], Any]
    uploaded: Callable[[Client, dict[str, Any]], dict[str, str]]
    send: Callable[[Client, Content, dict[str, Any], File], None]
    checksum: Callable[[File], str] = lambda file: file.sha256
    quality: Callable[[Content], list[tuple[str, bool]]] | None = None
    preview: Mapping[str, int] | None = None


def _functions(module: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in ("files", "find", "create", "update", "uploaded", "send")}


TARGETS: dict[str, Target] = {
    "datagouv": Target(
        "https://www.data.gouv.fr",
        "DATAGOUV_API_KEY",
        lambda token: {"X-API-KEY": token},
        quality=datagouv.quality,
        preview=LIMITS,
        **_functions(datagouv),
    ),
    "ckan": Target(None, "CKAN_API_TOKEN", lambda token: {"Authorization": token}, **_functions(ckan)),
    "zenodo": Target(
        "https://zenodo.org",
        "ZENODO_TOKEN",
        lambda token: {"Authorization": f"Bearer {token}"},
        checksum=zenodo.checksum,
        **_functions(zenodo),
    ),
}
PUBLIC_POLICY = "open-release"


def push(
    path: Path,
    name: str,
    *,
    url: str | None = None,
    execute: bool = False,
    say: Say = print,
    client: Client | None = None,
    policy: str = PUBLIC_POLICY,
) -> int:
    """Send a package to the target called `name`; the number of files sent. Without `execute`, say what would be.

    Run again after an interruption, it sends what is missing and makes nothing twice. Raises UserError for a draft, a
    package that does not verify or was judged under another policy than `policy` (a folder may hold any), a missing
    address or token, or a request that is refused.
    """
    with open_package(path) as package:
        if package.draft:
            raise UserError("is a draft", file=path, remedy="build it with a passing verdict")
        fault = next(faults_of(package), None)
        if fault is not None:
            raise UserError("does not verify", file=path, remedy=f"run: synth publish verify {path}")
        content = Content(package)
        if name == "dir":
            if url is None:
                raise UserError("no folder was given", remedy="pass --url FOLDER")
            return push_folder(content, Path(url), execute, say)
        if name == "s3" and url is None:
            raise UserError("no address was given", remedy="pass --url s3://bucket/prefix")
        judged = sound_verdict(package.root / "verdict.json").policy
        if judged != policy:
            remedy = f"judge it under {policy}; if {judged} allows publication, pass --policy {judged}"
            raise UserError(f"was judged under policy {judged}, not {policy}", file=path, remedy=remedy)
        if name == "s3":
            return push_s3(content, str(url), execute, say)
        target = TARGETS[name]
        return send_all(target, client or _client(target, url, execute, say), content, say)


def _client(target: Target, url: str | None, execute: bool, say: Say) -> Client:
    base = url or target.url
    if base is None:
        raise UserError("no address was given", remedy="pass --url https://...")
    if not execute:
        return DryClient(base, say)
    token = os.environ.get(target.token, "").strip()
    if not token:
        raise UserError("there is no token", remedy=f"put it in the environment variable {target.token}")
    return HttpClient(base, target.header(token), target.token)


def send_all(target: Target, client: Client, content: Content, say: Say) -> int:
    """Find the data set or make it, then send every file that is not there yet as it is."""
    if target.quality is not None:
        points = target.quality(content)
        lost = [point for point, earned in points if not earned]
        say(f"quality score: {len(points) - len(lost)}/{len(points)}{'; missing: ' + ', '.join(lost) if lost else ''}")
    found = _patiently(lambda: target.find(client, content) or target.create(client, content))
    _patiently(lambda: target.update(client, content, found))
    there = target.uploaded(client, found)
    sent = 0
    with TemporaryDirectory(prefix="synth-parts-") as aside:
        for file in _shown(target, content, Path(aside), say):
            if there.get(file.flat) != target.checksum(file):
                _patiently(partial(target.send, client, content, found, file))
                say(f"sent {file.name}")
                sent += 1
    return sent


def _shown(target: Target, content: Content, aside: Path, say: Say) -> tuple[File, ...]:
    """The files to send, those too large to be shown in parts."""
    whole = target.files(content)
    if target.preview is None:
        return whole
    files = split_files(content.package, whole, aside, target.preview)
    for file in whole:
        if file not in files:
            say(f"{file.name} is above what {target.url} shows: sent by year")
    return files


def _patiently(work: Callable[[], Any]) -> Any:
    """Do the work again while the server may have done it or not; the work looks before it asks."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except Uncertain as error:
            if attempt == ATTEMPTS:
                raise UserError(f"{error}, {ATTEMPTS} times", remedy="run the same command again later") from None
    raise AssertionError("unreachable")
