"""Small catalogues on the loopback that keep the documented contracts, and fail when told to."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "s3cr3t-t0k3n"


@dataclass
class State:
    """What a catalogue holds, the requests it got, and the failures it has in store for the requests to come."""

    datasets: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    answers: int = 0
    url: str = ""
    content: dict[str, bytes] = field(default_factory=dict)


def form(body: bytes, kind: str) -> tuple[dict[str, str], bytes]:
    """Fields and file of a multipart form."""
    boundary = b"--" + kind.split("boundary=")[1].encode()
    fields, content = {}, b""
    for part in body.split(boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        assert name is not None
        if b"filename=" in head:
            content = value[:-2]
        else:
            fields[name[1].decode()] = value[:-2].decode()
    return fields, content


class Refuse(Exception):
    """A request that the catalogue answers with an error."""

    def __init__(self, code: int) -> None:
        self.code = code


def datagouv(state: State, method: str, path: str, token: str | None, body: bytes, kind: str) -> Any:
    """udata's routes, as far as a release needs them."""
    if token != TOKEN:
        raise Refuse(401)
    if (method, path) == ("GET", "/api/1/me/datasets/"):
        return state.datasets
    if (method, path) == ("POST", "/api/1/datasets/"):
        return _create(state, _valid(json.loads(body)))
    dataset = _one(state, path.split("/")[4])
    resources = dataset["resources"]
    if path.endswith("/upload/"):
        _, content = form(body, kind)
        old = re.search(r"/resources/([^/]+)/upload/", path)
        resource = next(item for item in resources if item["id"] == old[1]) if old else {"id": f"r{len(resources)}"}
        resource |= {"checksum": {"type": "sha1", "value": hashlib.sha1(content).hexdigest()}, "filesize": len(content)}
        resource.setdefault("title", "normalised-name")
        if old is None:
            resources.append(resource)
        return resource
    if method == "PUT" and "/resources/" in path:
        resource = next(item for item in resources if item["id"] == path.split("/")[6])
        return resource.update(json.loads(body)) or resource
    return dataset.update(_valid(json.loads(body))) or dataset if method == "PUT" else dataset


def ckan(state: State, method: str, path: str, token: str | None, body: bytes, kind: str) -> Any:
    """CKAN's action API, as far as a release needs it; what was uploaded can be downloaded by anyone."""
    if path.startswith("/download/"):
        return state.content[path]
    action, _, query = path.removeprefix("/api/3/action/").partition("?id=")
    if action == "package_show":
        return {"success": True, "result": _one(state, query, "name")}
    if token != TOKEN:
        raise Refuse(403)
    if action == "package_create":
        given = _valid(json.loads(body))
        if any(item["name"] == given["name"] for item in state.datasets):
            raise Refuse(409)
        return {"result": _create(state, given)}
    if action == "package_patch":
        given = json.loads(body)
        return {"result": _one(state, given["id"]).update(given) or given}
    fields, content = form(body, kind)
    place = f"/download/{fields['name']}"
    state.content[place] = content
    resource = {**fields, "size": len(content), "url": f"{state.url}{place}"}
    if action == "resource_create":
        found = _one(state, fields["package_id"])["resources"]
        found.append(resource | {"id": f"r{len(found)}"})
        return {"result": resource}
    for dataset in state.datasets:
        for item in dataset["resources"]:
            if item["id"] == fields["id"]:
                item.update(resource)
    return {"result": resource}


def zenodo(state: State, method: str, path: str, token: str | None, body: bytes, kind: str) -> Any:
    """Zenodo's depositions and buckets, as far as a release needs them."""
    if token != f"Bearer {TOKEN}":
        raise Refuse(401)
    if path.startswith("/api/files/"):
        _, _, _, bucket, name = path.split("/", 4)
        files = _one(state, bucket)["resources"]
        files[:] = [item for item in files if item["filename"] != name]
        files.append({"filename": name, "checksum": hashlib.md5(body).hexdigest(), "filesize": len(body)})
        return files[-1]
    if method == "POST":
        _valid(json.loads(body)["metadata"])
        made = _create(state, json.loads(body))
        return made | {"links": made.setdefault("links", {"bucket": f"{state.url}/api/files/{made['id']}"})}
    if path.startswith("/api/deposit/depositions?"):
        return state.datasets
    dataset = _one(state, path.split("/")[4])
    if path.endswith("/files"):
        return dataset["resources"]
    return dataset.update(json.loads(body)) or dataset


def _valid(given: dict[str, Any]) -> dict[str, Any]:
    if not given.get("title"):
        raise Refuse(400)
    return given


def _create(state: State, given: dict[str, Any]) -> dict[str, Any]:
    state.datasets.append({"resources": [], **given, "id": f"d{len(state.datasets)}"})
    return state.datasets[-1]


def _one(state: State, value: str, key: str = "id") -> dict[str, Any]:
    found = next((item for item in state.datasets if value in (item["id"], item.get(key))), None)
    if found is None:
        raise Refuse(404)
    return found


CATALOGUES = {
    "datagouv": (datagouv, "X-API-KEY", "DATAGOUV_API_KEY"),
    "ckan": (ckan, "Authorization", "CKAN_API_TOKEN"),
    "zenodo": (zenodo, "Authorization", "ZENODO_TOKEN"),
}


@contextmanager
def serving(name: str) -> Iterator[State]:
    """A catalogue that answers on the loopback while the block runs."""
    state = State()
    answer, header, _ = CATALOGUES[name]

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.requests.append(f"{self.command} {self.path}")
            state.answers += 1
            fault = state.faults.get(state.answers, "")
            if fault == "cut before":
                self.connection.close()
                return
            if fault in ("429", "500"):
                self.reply(int(fault), {}, {"Retry-After": "7"} if fault == "429" else {})
                return
            try:
                kind = self.headers.get("Content-Type") or ""
                result = answer(state, self.command, self.path, self.headers.get(header), body, kind)
            except Refuse as refusal:
                self.reply(refusal.code, {"message": f"refused {TOKEN}"}, {})
                return
            if fault == "cut after":
                self.connection.close()
            else:
                self.reply(500 if fault == "500 after" else 200, result, {})

        def reply(self, code: int, document: Any, headers: dict[str, str]) -> None:
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(code)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    for method in ("GET", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
