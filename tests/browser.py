"""A real browser for the tests of pages: headless Chromium driven over a pipe by the DevTools protocol, no library.

`open_page` loads a file and tells what it said on the console and what it asked for; `View.evaluate` asks the page,
`View.picture` takes a screenshot of it. Tests that use it skip, with a reason, where no Chromium is installed.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (apt-get install chromium)")
PATIENCE = 120.0  # seconds to wait for one answer on a loaded machine
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--remote-debugging-pipe",
)


@dataclass
class View:
    """One page that is open: what it complained of, and every address it asked for besides its own."""

    pipe: _Pipe
    session: str
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def picture(self, path: Path) -> Path:
        """A screenshot of the whole page, as PNG."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def visible(self, selector: str) -> int:
        """How many elements that match are laid out with a size, inside the page's width or a scrolled part of it."""
        script = (
            f"[...document.querySelectorAll({json.dumps(selector)})].filter(e => {{const b = e.getBoundingClientRect();"
            "return b.width > 2 && b.height > 2 && b.left < innerWidth && b.right > 0 &&"
            " getComputedStyle(e).visibility === 'visible'}).length"
        )
        return int(self.evaluate(script))

    def too_wide(self) -> bool:
        """Whether the page as a whole has to be scrolled sideways."""
        return bool(self.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command to the page and wait for its answer; events that come before it are noted."""
        return self.pipe.ask(method, parameters, self.session, self.note)

    def note(self, event: dict[str, Any]) -> None:
        """Keep what an event says of the page."""
        told = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(told["exceptionDetails"].get("text")))
        elif event.get("method") == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(told["args"]))
        elif event.get("method") == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(str(told["entry"]["text"]))
        elif event.get("method") == "Network.requestWillBeSent":
            asked = str(told["request"]["url"]).split("#")[0]
            if asked != self.address and not asked.startswith("data:"):
                self.requests.append(asked)


class _Pipe:
    """DevTools messages over two file descriptors, each ended by a zero byte."""

    def __init__(self, write: int, read: int) -> None:
        self.write, self.read = write, read
        self.rest = b""
        self.number = 0

    def ask(self, method: str, parameters: dict[str, Any], session: str | None, note: Any) -> dict[str, Any]:
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer.get('error')}"
                result: dict[str, Any] = answer["result"]
                return result
            note(answer)

    def receive(self) -> dict[str, Any]:
        """The next message. Fails when the browser says nothing for long, or is gone."""
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self.read, 1 << 20) if ready else b""
            assert part, "the browser does not answer"
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        found: dict[str, Any] = json.loads(text)
        return found


@contextmanager
def open_page(path: Path, width: int, profile: Path, height: int = 1600) -> Iterator[View]:
    """The page in a browser window of this width; `profile` is a scratch folder of the test."""
    assert BROWSER is not None, "ask for needs_browser first"
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    command = (BROWSER, *OPTIONS, f"--user-data-dir={profile}", "about:blank")
    # the browser listens on descriptor 3 and answers on 4; a shell puts them there
    plumbing = f'exec "$@" 3<&{to_browser} 4>&{to_us}'
    done = subprocess.Popen(
        ["bash", "-c", plumbing, "browser", *command],
        pass_fds=(to_browser, to_us),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(to_us)
    try:
        yield _loaded(_Pipe(from_us, from_browser), path.resolve().as_uri(), width, height)
    finally:
        done.terminate()
        done.wait(timeout=30)
        os.close(from_us)
        os.close(from_browser)


def _loaded(pipe: _Pipe, address: str, width: int, height: int) -> View:
    def ignore(event: dict[str, Any]) -> None:
        return None

    target = pipe.ask("Target.createTarget", {"url": "about:blank"}, None, ignore)["targetId"]
    session = pipe.ask("Target.attachToTarget", {"targetId": target, "flatten": True}, None, ignore)["sessionId"]
    view = View(pipe, session, address)
    for domain in ("Page", "Runtime", "Log", "Network"):
        view.ask(f"{domain}.enable")
    view.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
    view.ask("Page.navigate", url=address)
    while view.evaluate("document.readyState + ' ' + location.href").split()[0] != "complete" or not view.evaluate(
        f"location.href.startsWith({json.dumps(address)})"
    ):
        time.sleep(0.05)
    return view
