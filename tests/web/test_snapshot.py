"""The memory snapshot: what it holds, what is made anew after it, and the way back to byte code."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from mobile.web.build import bytecode
from mobile.web.build.precache import write_worker
from mobile.web.build.site import build
from mobile.web.build.snapshot import NAME, wanted
from mobile.web.build.wheels import install
from tests.conftest import PROJECT
from tests.support.browser import launch, open_app, wait_for_app

STALE_S = 3600


@pytest.fixture
def page(chromium: Playwright, tmp_path: Path):
    context = launch(chromium, tmp_path / "profile", timezone_id="Asia/Kathmandu", locale="de-CH")
    yield context.pages[0]
    context.close()


def facts(page: Page) -> dict[str, object]:
    shown = page.get_by_text("FACTS ").first
    shown.wait_for(state="attached")
    return json.loads(shown.inner_text().removeprefix("FACTS "))


def started_from(page: Page) -> str:
    return page.evaluate("document.documentElement.dataset.python")


def broken(site: Path, folder: Path, old: bytes, new: bytes) -> Path:
    """A copy of the site whose snapshot differs in some bytes of its plan."""
    assert len(old) == len(new)
    shutil.copytree(site, folder)
    for twin in folder.glob(NAME + ".*"):
        twin.unlink()
    data = (folder / NAME).read_bytes()
    assert data.count(old, 0, 10_000) == 1
    (folder / NAME).write_bytes(data.replace(old, new, 1))
    for twin in folder.glob("sw.js.*"):
        twin.unlink()
    write_worker(folder)
    return folder


def test_it_holds_the_apps_packages_and_names_of_flet_and_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "thing" / "deep").mkdir(parents=True)
    (tmp_path / "main.py").write_text("ft.run(main)\nft.Theme()", encoding="utf-8")
    for name in ("thing/__init__.py", "thing/deep/__init__.py", "thing/deep/part.py", "thing/__main__.py"):
        (tmp_path / name).write_text("x = ft.Text", encoding="utf-8")
    packages = install(PROJECT / ".build" / "cache")
    found = wanted(tmp_path, packages)
    assert found["modules"] == ["thing", "thing.deep", "thing.deep.part"]
    assert found["flet"] == ["Text", "Theme", "run"]
    assert [Path(library).parent.name for library in found["libraries"]] == ["msgpack", "msgspec"]


def test_the_newest_node_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "_major", lambda executable: 20 if "playwright" not in executable else 26)
    chosen = bytecode.node()
    assert chosen is not None and "playwright" in chosen


def test_two_starts_share_nothing_that_must_differ_and_know_their_place(page: Page, probe: Path, serve) -> None:
    with serve(probe) as (url, _):
        open_app(page, url)
        first = facts(page)
        assert started_from(page) == "snapshot"
        page.reload()
        wait_for_app(page)
        second = facts(page)
    for name in ("random", "uuid", "system", "sqlite"):
        assert first[name] != second[name], name
    for found in (first, second):
        assert found["offset_h"] == 5.75 and found["timezone_s"] == -20_700
        assert found["language"] == "de_CH.UTF-8"
        assert abs(found["now"] - time.time()) < STALE_S
    assert second["now"] > first["now"]


def test_what_does_not_fit_this_engine_starts_from_byte_code_and_is_not_tried_again(
    page: Page, probe: Path, serve, tmp_path: Path
) -> None:
    # One digit of the function table's length.
    site = broken(probe, tmp_path / "site", b'"tableBefore":"1', b'"tableBefore":"9')
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    with serve(site) as (url, _):
        open_app(page, url)
        expect(page.get_by_role("button", name="新建订单")).to_be_visible()
        assert started_from(page) == "python"
        assert any("another function table" in line for line in said)
        page.reload()
        wait_for_app(page)
        assert started_from(page) == "python"
    assert sum("snapshot could not be used" in line for line in said) == 1


def test_a_snapshot_that_cannot_be_downloaded_is_asked_for_at_the_next_start(page: Page, probe: Path, serve) -> None:
    with serve(probe) as (url, _):
        page.context.route(f"**/{NAME}", lambda route: route.abort())
        open_app(page, url)
        assert started_from(page) == "python"
        assert page.evaluate("caravanKept.get('caravan.snapshot-refused')") is None


def test_the_product_has_one() -> None:
    """No module of the app holds a JavaScript object after its import, and all import in the browser's Python."""
    site = build(PROJECT / ".build" / "web").folder
    assert (site / NAME).is_file()
    assert f'snapshot: "{hashlib.sha256((site / NAME).read_bytes()).hexdigest()[:16]}"' in (
        site / "flet-config.js"
    ).read_text(encoding="utf-8")
