"""The built site in a real Chromium: it starts under the strict policy, stays at home, and opens without a server."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from mobile.web.build.precache import write_worker
from tests.support.browser import launch, open_app, playwright, stop, the_port, wait_for_app, wait_for_worker

UPDATE_TIMEOUT_MS = 60_000


@dataclass
class Witness:
    """What a page asked for and complained about."""

    page: Page
    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) =>"
            " console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
        )

    def strangers(self, home: str) -> list[str]:
        return [url for url in self.addresses if not url.startswith((home, "blob:" + home, "data:"))]


@pytest.fixture
def page(chromium: Playwright, tmp_path: Path):
    context = launch(chromium, tmp_path / "profile")
    yield context.pages[0]
    context.close()


@pytest.fixture(scope="module")
def installed(probe: Path, serve, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of a browser that has the probe whole, from ``the_port``."""
    profile = tmp_path_factory.mktemp("installed") / "profile"
    with serve(probe, the_port()) as (url, _), playwright() as started:
        context = launch(started, profile)
        wait_for_worker(open_app(context.pages[0], url))
        context.close()
    return profile


@pytest.fixture
def back(chromium: Playwright, installed: Path, tmp_path: Path):
    """A page of a browser in which the app is installed."""
    shutil.copytree(installed, tmp_path / "profile", symlinks=True)
    context = launch(chromium, tmp_path / "profile")
    yield context.pages[0]
    context.close()


def test_the_app_starts_without_a_complaint_and_asks_no_other_host(page: Page, probe: Path, serve) -> None:
    witness = Witness(page)
    with serve(probe) as (url, _):
        open_app(page, url)
        expect(page.get_by_role("button", name="新建订单")).to_be_visible()
        # The rare characters' slices and the service worker's downloads belong to the start as well.
        wait_for_worker(page)
        fonts = page.evaluate(
            "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('/notosanssc/'))"
        )
    assert fonts, "no slice was asked for: the probe's rare characters are in the base face now"
    assert witness.strangers(url) == []
    assert witness.complaints == []


def test_a_character_in_no_shipped_font_is_not_asked_for_again_and_again(page: Page, probe: Path, serve) -> None:
    with serve(probe) as (url, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/assets/fonts/" in request.url else None)
        open_app(page, url)
        page.wait_for_timeout(3000)
        assert any("notosansthai" in address for address in asked)
        assert len(asked) == len(set(asked))


def test_everything_reopens_with_the_server_stopped(back: Page, probe: Path, serve) -> None:
    with serve(probe, the_port()) as (url, process):
        open_app(back, url)
        wait_for_worker(back)
        stop(process)
        back.reload()
        wait_for_app(back)
        expect(back.get_by_role("button", name="新建订单")).to_be_visible()
        open_app(back, url + "customers/42")
        expect(back.get_by_text("Caravan at /customers/42")).to_be_visible()


def test_the_api_is_never_answered_from_the_store(back: Page, probe: Path, serve) -> None:
    with serve(probe, the_port()) as (url, process):
        open_app(back, url)
        wait_for_worker(back)
        stored = back.evaluate(
            "async () => (await Promise.all((await caches.keys()).map(async (name) =>"
            " (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat()"
        )
        assert "/index.html" in stored
        assert [path for path in stored if path.startswith(("/v1", "/health"))] == []
        ask = "(path) => fetch(path).then((answer) => answer.status, () => 'unreachable')"
        assert back.evaluate(ask, "/v1/sync") == 404
        stop(process)
        assert back.evaluate(ask, "/v1/sync") == "unreachable"
        assert back.evaluate(ask, "/health") == "unreachable"
        assert back.evaluate(ask, "/app.pack") == 200


def next_version(old: Path, folder: Path) -> Path:
    """A copy of a site in which one file differs."""
    shutil.copytree(old, folder)
    (folder / "version.json").write_text('{"app_name": "next"}', encoding="utf-8")
    for twin in (*folder.glob("sw.js.*"), *folder.glob("version.json.*")):
        twin.unlink()
    assert write_worker(folder) not in (old / "sw.js").read_text(encoding="utf-8")
    return folder


def app_name(page: Page) -> str:
    return page.evaluate("() => fetch('version.json').then((answer) => answer.json()).then((it) => it.app_name)")


def test_a_new_version_waits_until_the_app_asks_for_it(back: Page, probe: Path, serve, tmp_path: Path) -> None:
    newer, port = next_version(probe, tmp_path / "newer"), the_port()
    with serve(probe, port) as (url, _):
        open_app(back, url)
        wait_for_worker(back)
    with serve(newer, port):
        back.evaluate("() => window.caravanUpdate.check()")
        back.wait_for_function("() => window.caravanUpdate.ready", timeout=UPDATE_TIMEOUT_MS)
        open_app(back, url)
        assert app_name(back) == "flet_client", "a reload alone must not switch"
        back.wait_for_function("() => window.caravanUpdate.ready", timeout=UPDATE_TIMEOUT_MS)
        with back.expect_navigation(timeout=UPDATE_TIMEOUT_MS):
            back.evaluate("() => { window.caravanUpdate.apply(); }")
        wait_for_app(back)
        assert app_name(back) == "next"
        assert len(back.evaluate("() => caches.keys()")) == 1


def test_a_half_stored_version_is_never_used(back: Page, probe: Path, serve, tmp_path: Path) -> None:
    broken, port = next_version(probe, tmp_path / "broken"), the_port()
    # The server lies about one file: its content is not what the version's list says.
    (broken / "version.json").write_text('{"app_name": "half"}', encoding="utf-8")
    with serve(probe, port) as (url, _):
        open_app(back, url)
        wait_for_worker(back)
    with serve(broken, port):
        failed = back.evaluate("""async () => {
            const registration = await navigator.serviceWorker.getRegistration();
            const ended = new Promise((resolve) => registration.addEventListener("updatefound", () => {
                const incoming = registration.installing;
                incoming.addEventListener("statechange", () => resolve(incoming.state));
            }));
            await registration.update();
            return ended;
        }""")
        assert failed == "redundant"
        assert app_name(back) == "flet_client"
        assert back.evaluate("() => window.caravanUpdate.ready") is False


def test_the_frame_is_seen_long_before_the_app(page: Page, probe: Path, serve) -> None:
    with serve(probe) as (url, _):
        started = time.monotonic()
        page.goto(url, wait_until="commit")
        expect(page.get_by_text("正在准备…")).to_be_visible()
        frame = time.monotonic() - started
        wait_for_app(page)
        whole = time.monotonic() - started
        assert page.locator("#caravan-skeleton").count() == 0
        # The next start shows it as the app was seen last, whatever the device is set to.
        page.evaluate("caravanKept.setLook('dark', 'en')")
        page.goto(url, wait_until="commit")
        expect(page.get_by_text("Getting ready…")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 20, 18)"
    assert frame < whole / 2
