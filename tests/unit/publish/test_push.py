"""Sending a package: nothing twice, nothing lost, no token told, whatever the server does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from publish.build import build_package
from publish.package import open_package
from publish.push import datagouv
from publish.push.client import HttpClient
from publish.push.content import Content
from publish.push.targets import TARGETS, push, send_all
from synth.core.errors import UserError

from .catalogues import CATALOGUES, TOKEN, State, serving
from .conftest import METADATA

FAULTS = ("429", "500", "500 after", "cut before", "cut after")


@pytest.fixture(params=list(CATALOGUES))
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, State]]:
    """A catalogue of each kind, with a token for it in the environment."""
    monkeypatch.setenv(CATALOGUES[request.param][2], TOKEN)
    with serving(request.param) as state:
        yield request.param, state


def client(name: str, state: State, waits: list[float]) -> HttpClient:
    """A client that notes how long it would wait instead of waiting."""
    target = TARGETS[name]
    return HttpClient(state.url, target.header(TOKEN), target.token, sleep=waits.append, timeout=10)


def names(state: State) -> list[str]:
    """What the files of the only data set are called, sorted."""
    assert len(state.datasets) == 1
    return sorted(item.get("filename") or item.get("title") or item["name"] for item in state.datasets[0]["resources"])


def expected(name: str, package: Path) -> list[str]:
    with open_package(package) as opened:
        return sorted(file.flat for file in TARGETS[name].files(Content(opened)))


def test_a_package_arrives_once(server: tuple[str, State], package_dir: Path) -> None:
    name, state = server
    lines: list[str] = []

    first = push(package_dir, name, url=state.url, execute=True, say=lines.append)
    again = push(package_dir, name, url=state.url, execute=True, say=lines.append)

    assert names(state) == expected(name, package_dir) and first == len(names(state)) and again == 0
    assert TOKEN not in "".join(lines)


def test_a_dry_run_asks_for_nothing(server: tuple[str, State], package_dir: Path) -> None:
    name, state = server
    lines: list[str] = []

    sent = push(package_dir, name, url=state.url, say=lines.append)

    assert state.requests == [] and sent == len(expected(name, package_dir))
    assert any(line.startswith("POST ") for line in lines) and TOKEN not in "".join(lines)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_at_any_request_makes_nothing_twice(server: tuple[str, State], package_dir: Path, fault: str) -> None:
    name, state = server
    few = replace(TARGETS[name], files=lambda content: TARGETS[name].files(content)[:2])
    with open_package(package_dir) as package:
        content = Content(package)
        send_all(few, client(name, state, []), content, lambda line: None)
        total, whole = len(state.requests), names(state)

        for place in range(1, total + 1):
            state.datasets.clear()
            state.answers, state.faults = 0, {place: fault}
            waits: list[float] = []
            send_all(few, client(name, state, waits), content, lambda line: None)
            assert names(state) == whole, (fault, place)
            assert fault != "429" or waits == [7.0]


def test_metadata_that_the_server_refuses_are_one_line_and_leave_nothing(
    server: tuple[str, State], package_dir: Path
) -> None:
    name, state = server
    with open_package(package_dir) as package:
        untitled = Content(replace(package, descriptor={**package.descriptor, "title": ""}))
        untitled.__dict__["zenodo"] = {**untitled.zenodo, "title": ""}
        with pytest.raises(UserError, match=r"refused the POST request \(400\)") as caught:
            send_all(TARGETS[name], client(name, state, []), untitled, lambda line: None)

    assert state.datasets == [] and TOKEN not in str(caught.value) and "\n" not in str(caught.value)


def test_an_interruption_is_taken_up_where_it_stopped(server: tuple[str, State], package_dir: Path) -> None:
    name, state = server

    def interrupt(line: str) -> None:
        if line.startswith("sent") and len(state.datasets[0]["resources"]) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(package_dir, name, url=state.url, execute=True, say=interrupt)
    rest = push(package_dir, name, url=state.url, execute=True, say=lambda line: None)

    assert names(state) == expected(name, package_dir) and rest == len(names(state)) - 3


def test_a_changed_file_replaces_the_old_one(server: tuple[str, State], package_dir: Path) -> None:
    name, state = server
    push(package_dir, name, url=state.url, execute=True, say=lambda line: None)
    changed = state.datasets[0]["resources"][0]
    for key in ("hash", "checksum", "extras"):
        changed.pop(key, None)
    changed["checksum"] = {"value": "0"} if name == "datagouv" else "0"

    assert push(package_dir, name, url=state.url, execute=True, say=lambda line: None) == 1
    assert names(state) == expected(name, package_dir)


def test_a_refused_token_is_named_not_shown(
    server: tuple[str, State], package_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, state = server
    variable = CATALOGUES[name][2]
    monkeypatch.setenv(variable, "wrong-token")

    with pytest.raises(UserError, match=variable) as caught:
        push(package_dir, name, url=state.url, execute=True, say=lambda line: None)
    assert "wrong-token" not in str(caught.value) and TOKEN not in str(caught.value)
    monkeypatch.delenv(variable)
    with pytest.raises(UserError, match=f"no token; put it in the environment variable {variable}"):
        push(package_dir, name, url=state.url, execute=True, say=lambda line: None)


def test_a_server_that_stays_away_is_given_up(server: tuple[str, State], package_dir: Path) -> None:
    name, state = server
    state.faults = dict.fromkeys(range(1, 200), "500")

    with pytest.raises(UserError, match="run the same command again later"):
        push(package_dir, name, url=state.url, client=client(name, state, []), say=lambda line: None)


def test_a_client_never_shows_its_token() -> None:
    assert TOKEN not in repr(HttpClient("http://x", {"X": TOKEN}))


def test_a_folder_takes_what_differs(package_dir: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    would = push(package_dir, "dir", url=str(tmp_path / "site"), say=lines.append)
    assert not (tmp_path / "site").exists()

    sent = push(package_dir, "dir", url=str(tmp_path / "site"), execute=True, say=lines.append)
    place = tmp_path / "site/sejours/1.0.0"
    (place / "README.md").write_text("other")

    assert sent == would and push(package_dir, "dir", url=str(tmp_path / "site"), execute=True, say=lines.append) == 1
    assert (place / "README.md").read_bytes() == (package_dir / "README.md").read_bytes()


def test_an_interrupted_copy_leaves_no_half_file_and_is_taken_up(package_dir: Path, tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if "README.md" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(package_dir, "dir", url=str(tmp_path), execute=True, say=interrupt)
    already = sum(path.is_file() for path in tmp_path.rglob("*"))
    rest = push(package_dir, "dir", url=str(tmp_path), execute=True, say=lambda line: None)

    present = {path.relative_to(package_dir): path.read_bytes() for path in package_dir.rglob("*") if path.is_file()}
    place = tmp_path / "sejours/1.0.0"
    assert {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()} == present
    assert 0 < already == len(present) - rest


def test_what_should_not_leave_stays(tables_dir: Path, package_dir: Path, tmp_path: Path) -> None:
    draft = build_package(tables_dir, tmp_path / "draft", metadata=METADATA, draft=True)
    with pytest.raises(UserError, match="is a draft"):
        push(draft, "dir", url=str(tmp_path / "site"), execute=True)
    broken = tmp_path / "broken"
    shutil.copytree(package_dir, broken)
    (broken / "README.md").write_text("edited")
    with pytest.raises(UserError, match="does not verify"):
        push(broken, "dir", url=str(tmp_path / "site"), execute=True)
    with pytest.raises(UserError, match="judged under policy open-release, not stricter"):
        push(package_dir, "zenodo", policy="stricter")
    with pytest.raises(UserError, match="no folder"):
        push(package_dir, "dir")
    with pytest.raises(UserError, match="no address"):
        push(package_dir, "ckan")


def test_the_quality_score_is_nine_of_nine(tables_dir: Path, package_dir: Path, tmp_path: Path) -> None:
    with open_package(package_dir) as package:
        points = datagouv.quality(Content(package))
        poor = Content(type(package)(package.root, {**package.descriptor, "description": "short"}))
        assert [point for point, earned in datagouv.quality(poor) if not earned] == ["description over 100 characters"]

    assert len(points) == 9
    assert [point for point, earned in points if not earned] in ([], ["description over 100 characters"])


def test_the_command_is_dry_by_default(call_cli: Callable[..., Any], package_dir: Path) -> None:
    answer = call_cli("publish", "push", package_dir, "--to", "datagouv")

    assert answer.code == 0 and "quality score" in answer.out and "would be sent" in answer.out
    body = next(
        line for line in answer.out.splitlines() if line.startswith("POST https://www.data.gouv.fr/api/1/datasets/ ")
    )
    assert json.loads(body.split(" ", 2)[2])["license"] == "lov2"


def test_frictionless_reads_back_what_ckan_was_sent(package_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("frictionless_ckan_mapper")
    import io

    import pyarrow.csv as pc
    import pyarrow.parquet as pq
    from frictionless import Package
    from frictionless.portals import CkanControl

    monkeypatch.setenv("CKAN_API_TOKEN", TOKEN)
    with serving("ckan") as state:
        push(package_dir, "ckan", url=state.url, execute=True, say=lambda line: None)
        read = Package(control=CkanControl(baseurl=state.url, dataset="sejours", ignore_schema=True))
        paths = {resource.path.rsplit("/", 1)[-1]: resource.path for resource in read.resources if resource.path}
        rows = pc.read_csv(io.BytesIO(state.content[paths["actes.csv"].removeprefix(state.url)])).num_rows

    assert read.title == "Séjours d'exemple"
    assert {"actes.csv", "actes.parquet", "datapackage.json", "verdict.json"} <= paths.keys()
    assert rows == pq.read_metadata(package_dir / "data/actes.parquet").num_rows
