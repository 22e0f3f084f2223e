"""The page of a package in a real browser, wide and on a phone: no complaint, no request, pictures to look at."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest

from publish.build import build_package
from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.io import dataset_writer
from tests.browser import View, needs_browser, open_page

METADATA = {
    "title": "Two tables",
    "description": "Two small synthetic tables, to look at their page.",
    "version": "0.1.0",
    "keywords": ["tests"],
    "publisher": {"name": "P", "url": "https://example.org", "email": "a@example.org"},
    "spatial": "France",
    "temporal": "2021",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft of two tables."""
    folder = tmp_path_factory.mktemp("page")
    key = Column("id", "string", "key", nullable=False)
    wide = tuple(Column(f"a long column name {number}", "integer", "number") for number in range(12))
    catalog = Catalog(
        (
            Table("persons", (key, Column("sex", "string", "code")), ("id",)),
            Table("visits", (key, *wide), foreign_keys=(ForeignKey(("id",), "persons", ("id",)),)),
        ),
        Person("persons", ("id",)),
    )
    ids = [f"SYN{number}" for number in range(50)]
    with dataset_writer(catalog, folder / "t") as writer:
        writer.write("persons", pa.record_batch({"id": ids, "sex": ["1", "2"] * 25}))
        numbers = {column.name: list(range(50)) for column in wide}
        writer.write("visits", pa.record_batch({"id": ids, **numbers}))
    return build_package(folder / "t", folder / "p", metadata=METADATA, draft=True)


REPO = Path(__file__).resolve().parents[2]
COMMITTED = REPO / "datasets/snds-500/package"
# what the keyboard must reach: links, what folds out, what scrolls
CONTROLS = "a[href], summary, [tabindex='0'], button, input, select"


def pictures(tmp_path: Path) -> Path:
    """Where pictures go: the folder that SYNTH_PICTURES names, to look at afterwards, else a passing one."""
    return Path(os.environ.get("SYNTH_PICTURES") or tmp_path)


def press(view: View, key: str) -> None:
    """Press and release a key, as a keyboard does."""
    codes = {"Tab": 9, "Enter": 13}
    told = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
    text = {"text": "\r"} if key == "Enter" else {}
    view.ask("Input.dispatchKeyEvent", type="keyDown", **told, **text)
    view.ask("Input.dispatchKeyEvent", type="keyUp", **told)


@needs_browser
@pytest.mark.parametrize("name", ["index.html", "dictionary.html"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_shows_it_without_complaint(package: Path, tmp_path: Path, name: str, width: int) -> None:
    with open_page(package / name, width, tmp_path / "profile") as view:
        picture = view.picture(pictures(tmp_path) / f"package-{Path(name).stem}-{width}.png")

        assert (view.complaints, view.requests) == ([], [])
        assert not view.too_wide(), "the page has to be scrolled sideways"
        assert view.visible("h1") == 1 and view.visible("td") > 10
    assert picture.stat().st_size > 5_000


@needs_browser
@pytest.mark.parametrize("width", [1280, 400])
def test_the_committed_package_shows_all_its_parts(tmp_path: Path, width: int) -> None:
    with open_page(COMMITTED / "index.html", width, tmp_path / "profile") as view:
        view.picture(pictures(tmp_path) / f"snds-500-{width}.png")

        assert (view.complaints, view.requests, view.too_wide()) == ([], [], False)
        for part in ("#safe", "#scores", "#joins", "svg.joins", "#tables", "svg.bars", ".rows td", "#limits", "#files"):
            assert view.visible(part), part


@needs_browser
def test_the_keyboard_reaches_every_control_and_opens_what_folds(package: Path, tmp_path: Path) -> None:
    with open_page(package / "index.html", 1280, tmp_path / "profile") as view:
        total = view.evaluate(
            f"window.all = [...document.querySelectorAll({json.dumps(CONTROLS)})]; window.met = new Set(); all.length"
        )
        outlined = set()
        for _ in range(total + 1):
            press(view, "Tab")
            place = view.evaluate("met.add(document.activeElement); all.indexOf(document.activeElement)")
            if place < 0:
                break  # past the last control
            outlined.add(view.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
            if view.evaluate("document.activeElement.matches('details:not([open]) > summary')"):
                press(view, "Enter")
        missed = view.evaluate("all.filter(it => !met.has(it)).map(it => it.outerHTML.slice(0, 80))")

        assert total > 20 and missed == []
        assert "none" not in outlined, "a control does not show that it is focused"
        assert view.evaluate("document.querySelectorAll('details:not([open])').length") == 0


@needs_browser
def test_it_prints_whole(package: Path, tmp_path: Path) -> None:
    with open_page(package / "index.html", 1280, tmp_path / "profile") as view:
        folded = "document.querySelector('details:not([open]) td').checkVisibility()"
        assert view.evaluate(folded) is False
        view.ask("Emulation.setEmulatedMedia", media="print")
        assert view.evaluate(folded) is True, "what is folded away is not printed"
        assert view.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
        printed = base64.b64decode(view.ask("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF") and printed.count(b"/Type /Page\n") >= 2
