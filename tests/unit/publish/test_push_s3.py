"""Objects in S3: signed as Amazon documents it, put once, taken up again after a failure."""

from __future__ import annotations

import hashlib
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from publish.package import open_package
from publish.push.content import Content
from publish.push.s3 import Bucket, Keys, push_s3, signature
from publish.push.targets import push
from synth.core.errors import UserError

# Amazon's own example key, and the signatures its documentation gives for it
KEYS = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
HOST = "examplebucket.s3.amazonaws.com"
CUT = 0
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SECRET = KEYS.secret


@pytest.mark.parametrize(
    ("method", "path", "headers", "signed"),
    [
        (
            "GET",
            "/test.txt",
            {"range": "bytes=0-9", "x-amz-content-sha256": EMPTY},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    ],
)
def test_signatures_are_those_amazon_documents(method: str, path: str, headers: dict[str, str], signed: str) -> None:
    given = {"host": HOST, "x-amz-date": "20130524T000000Z", **headers}

    assert signature(method, f"https://{HOST}{path}", given, KEYS).endswith(f"Signature={signed}")


class Store(BaseHTTPRequestHandler):
    """Objects on the loopback; checks every signature; fails at the requests it is told to."""

    objects: dict[str, tuple[bytes, str]]
    faults: dict[int, int]
    count: int

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        store = type(self)
        store.count += 1
        authorization = self.headers["Authorization"]
        names = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
        given = {name: self.headers[name] for name in names}
        url = f"http://{self.headers['Host']}{self.path}"
        if signature(self.command, url, given, KEYS) != authorization:
            self.reply(403)
        elif store.faults.get(store.count) == CUT:
            self.connection.close()
        elif store.count in store.faults:
            self.reply(store.faults[store.count], {"Retry-After": "3"})
        elif self.command == "PUT":
            store.objects[self.path] = (body, self.headers["x-amz-meta-sha256"])
            self.reply(200)
        elif self.path in store.objects:
            self.reply(200, {"x-amz-meta-sha256": store.objects[self.path][1]})
        else:
            self.reply(404)

    def reply(self, code: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {**(headers or {}), "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def store() -> Iterator[tuple[str, type[Store]]]:
    """An endpoint and what it holds."""
    held = type("Held", (Store,), {"objects": {}, "faults": {}, "count": 0})
    for method in ("HEAD", "PUT"):
        setattr(held, f"do_{method}", Store.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), held)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", held
    server.shutdown()
    server.server_close()


def bucket(endpoint: str, waits: list[float], keys: Keys = KEYS) -> Bucket:
    return Bucket(endpoint, "open data", keys, sleep=waits.append, moment=lambda: time.gmtime(1767225600))


def test_objects_arrive_once_whatever_fails(store: tuple[str, type[Store]], package_dir: Path) -> None:
    endpoint, held = store
    held.faults = {1: 503, 3: CUT, 5: 429, 6: 500}
    waits: list[float] = []
    with open_package(package_dir) as package:
        content = Content(package)
        first = push_s3(content, "s3://open/some where", True, lambda line: None, bucket(endpoint, waits))
        again = push_s3(content, "s3://open/some where", True, lambda line: None, bucket(endpoint, waits))

    assert (first, again) == (len(content.files), 0) and waits == [3.0, 1.0, 3.0, 3.0]
    name = "/open%20data/some%20where/sejours/1.0.0/data/patients.csv"
    assert held.objects[name][0] == (package_dir / "data/patients.csv").read_bytes()


def test_a_refused_key_is_not_shown(store: tuple[str, type[Store]], package_dir: Path) -> None:
    endpoint, _ = store
    wrong = Keys(KEYS.access, "wrong-secret")
    with open_package(package_dir) as package, pytest.raises(UserError, match="refused the key") as caught:
        push_s3(Content(package), "s3://open", True, lambda line: None, bucket(endpoint, [], wrong))

    assert "wrong-secret" not in str(caught.value) + repr(wrong)


def test_a_store_that_stays_away_or_refuses(store: tuple[str, type[Store]], package_dir: Path) -> None:
    endpoint, held = store
    with open_package(package_dir) as package:
        held.faults = dict.fromkeys(range(1, 9), 500)
        with pytest.raises(UserError, match="does not answer"):
            push_s3(Content(package), "s3://open", True, lambda line: None, bucket(endpoint, []))
        held.count, held.faults = 0, {1: 400}
        with pytest.raises(UserError, match=r"refused the request \(400\)"):
            push_s3(Content(package), "s3://open", True, lambda line: None, bucket(endpoint, []))


def test_from_the_environment(
    store: tuple[str, type[Store]], package_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, held = store
    lines: list[str] = []
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    dry = push(package_dir, "s3", url="s3://open/x", say=lines.append)
    with pytest.raises(UserError, match="there is no key"):
        push(package_dir, "s3", url="s3://open/x", execute=True, say=lines.append)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    sent = push(package_dir, "s3", url="s3://open/x", execute=True, say=lines.append)

    assert sent == dry == len(held.objects)
    assert SECRET not in "".join(lines) and "session-token" not in "".join(lines)
    for url, told in ((None, "no address"), ("https://x", "not an S3 address")):
        with pytest.raises(UserError, match=told):
            push(package_dir, "s3", url=url, execute=True)


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket called `open` in moto's S3, which speaks as Amazon's does; credentials in the environment."""
    server_of = pytest.importorskip("moto.server")
    server = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    given = {"AWS_ACCESS_KEY_ID": KEYS.access, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": endpoint}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    _ask(endpoint, "POST", "/moto-api/reset")
    _ask(endpoint, "PUT", "/open")
    yield endpoint
    server.stop()


def _ask(endpoint: str, method: str, path: str) -> bytes:
    """An answer of moto to a request that anyone may make."""
    request = urllib.request.Request(endpoint + path, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        content: bytes = answer.read()
        return content


def test_moto_s_s3_holds_every_file_once_and_as_it_is(amazon: str, package_dir: Path) -> None:
    lines: list[str] = []
    dry = push(package_dir, "s3", url="s3://open/sets", say=lines.append)
    assert b"<Key>" not in _ask(amazon, "GET", "/open?list-type=2")

    sent = push(package_dir, "s3", url="s3://open/sets", execute=True, say=lines.append)
    again = push(package_dir, "s3", url="s3://open/sets", execute=True, say=lines.append)

    listed = _ask(amazon, "GET", "/open?list-type=2").decode()
    held = dict(
        re.findall(r"<Key>sets/sejours/1.0.0/(.*?)</Key>.*?<ETag>\W*(?:quot;)?([0-9a-f]{32})", listed, re.DOTALL)
    )
    files = {path.relative_to(package_dir).as_posix(): path for path in package_dir.rglob("*") if path.is_file()}
    assert held == {name: hashlib.md5(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert (sent, again) == (dry, 0) and sent == len(files)
    assert SECRET not in "".join(lines)


def test_an_interruption_is_taken_up_by_moto_s_s3(amazon: str, package_dir: Path) -> None:
    def interrupt(line: str) -> None:
        if line == "sent data/patients.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(package_dir, "s3", url="s3://open", execute=True, say=interrupt)
    already = _ask(amazon, "GET", "/open?list-type=2").count(b"<Key>")
    rest = push(package_dir, "s3", url="s3://open", execute=True, say=lambda line: None)

    with open_package(package_dir) as package:
        assert 0 < already == len(Content(package).files) - rest
    assert _ask(amazon, "GET", "/open?list-type=2").count(b"<Key>") == already + rest


def test_a_bucket_that_is_not_there_is_refused_in_one_line(amazon: str, package_dir: Path) -> None:
    with pytest.raises(UserError, match="refused the request") as caught:
        push(package_dir, "s3", url="s3://nowhere", execute=True, say=lambda line: None)
    assert SECRET not in str(caught.value)
