"""Requests to a catalogue: patient with a busy server, careful with one that may have acted, silent about tokens.

A request that cannot do harm twice (GET, PUT, DELETE) is tried again after 429, 5xx or a cut connection. A POST is
tried again after 429 alone; after 5xx or a cut connection nobody knows whether the server acted, so `Uncertain` is
raised and the caller looks before it asks again.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from synth.core.errors import SynthError, UserError

ATTEMPTS = 5
_LONGEST_WAIT = 60.0
_BLOCK = 1 << 20
_BOUNDARY = "synth-snds-5e1f0c7a9d3b"


class Uncertain(SynthError):
    """The server may or may not have done what it was asked."""


@dataclass(frozen=True)
class Upload:
    """A file to send: as the whole body, or as the part `part` of a form with `fields`."""

    path: Path
    name: str
    part: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def blocks(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        yield self._head()
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
        yield self._tail()

    def length(self) -> int:
        """Size of the body in bytes."""
        return len(self._head()) + self.path.stat().st_size + len(self._tail())

    def _head(self) -> bytes:
        if self.part is None:
            return b""
        texts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        texts.append(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{self.part}"; filename="{self.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        return "".join(texts).encode()

    def _tail(self) -> bytes:
        return b"" if self.part is None else f"\r\n--{_BOUNDARY}--\r\n".encode()


class Client(Protocol):
    """What a target talks to."""

    def call(self, method: str, path: str, body: Any = None, upload: Upload | None = None, dry: Any = None) -> Any:
        """The answer to a request as plain JSON data (None when there is none, or nothing was found)."""
        ...


@dataclass
class DryClient:
    """Says what would be asked and answers with `dry`; nothing is sent."""

    base: str
    say: Callable[[str], None]

    def call(self, method: str, path: str, body: Any = None, upload: Upload | None = None, dry: Any = None) -> Any:
        """Print the request."""
        sent = "" if body is None else " " + json.dumps(body, ensure_ascii=False)
        if upload is not None:
            sent = f" file {upload.name} ({upload.path.stat().st_size} bytes)"
        self.say(f"{method} {_joined(self.base, path)}{sent}")
        return dry


@dataclass
class HttpClient:
    """Sends requests to `base` with `headers`, which hold the token and are never shown."""

    base: str
    headers: Mapping[str, str] = field(repr=False)
    token_name: str = ""
    sleep: Callable[[float], None] = time.sleep
    timeout: float = 60.0

    def call(self, method: str, path: str, body: Any = None, upload: Upload | None = None, dry: Any = None) -> Any:
        """Send a request, again where that is safe. Raises UserError when it is refused, Uncertain as said above."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(method, path, body, upload)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code == 404 and method == "GET":
                    return None
                if error.code != 429 and error.code < 500:
                    raise self._refused(method, path, error.code) from None
                if error.code != 429 and method == "POST":
                    raise Uncertain(f"{self._named(path)}: the server failed with {error.code}") from None
                wait = wait_for(error.headers.get("Retry-After"), attempt)
            except (OSError, http.client.HTTPException):
                if method == "POST":
                    raise Uncertain(f"{self._named(path)}: the connection was cut") from None
                wait = wait_for(None, attempt)
            if attempt < ATTEMPTS:
                self.sleep(wait)
        raise UserError("does not answer", file=self._named(path), remedy="run the same command again later")

    def _once(self, method: str, path: str, body: Any, upload: Upload | None) -> Any:
        headers = {**self.headers, "Accept": "application/json"}
        data: Any = None
        if upload is not None:
            kind = f"multipart/form-data; boundary={_BOUNDARY}" if upload.part else "application/octet-stream"
            headers |= {"Content-Type": kind, "Content-Length": str(upload.length())}
            data = upload.blocks()
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(_joined(self.base, path), data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:
            text = answer.read()
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise UserError("answered something else than JSON", file=self._named(path), remedy="check --url") from None

    def _refused(self, method: str, path: str, code: int) -> UserError:
        if code in (401, 403):
            remedy = f"put a valid token in the environment variable {self.token_name}"
            return UserError(f"refused the token ({code})", file=self._named(path), remedy=remedy)
        remedy = "correct the metadata, or check --url"
        return UserError(f"refused the {method} request ({code})", file=self._named(path), remedy=remedy)

    def _named(self, path: str) -> str:
        return _joined(self.base, path).partition("?")[0]


def _joined(base: str, path: str) -> str:
    return path if path.startswith(("http://", "https://")) else base.rstrip("/") + path


def wait_for(told: str | None, attempt: int) -> float:
    """Seconds to wait: what the server says, else twice as long each time."""
    if told is not None and told.strip().isdigit():
        return min(float(told), _LONGEST_WAIT)
    return min(2.0 ** (attempt - 1), _LONGEST_WAIT)
