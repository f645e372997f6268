"""A browser that cannot run the app gets one clear page, and nothing else is started."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

REMOVALS = {
    "WebAssembly": "delete window.WebAssembly",
    "Web Locks": "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})",
    "OPFS": "delete StorageManager.prototype.getDirectory",
    "module workers": "window.Worker = class { constructor(url, options) { throw new Error('classic only'); } }",
    "IndexedDB": "Object.defineProperty(window, 'indexedDB', {value: undefined})",
}


def open_page(launch, site, script: str = "", url: str = "", **options):
    context = launch(**options)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    page.goto(url or site.url)
    return page, asked


def is_painted(page) -> bool:
    """Frames are drawn: text in a document that the browser never paints helps nobody."""
    return page.evaluate("new Promise((painted) => { requestAnimationFrame(() => requestAnimationFrame(() => "
                         "painted(true))); setTimeout(() => painted(false), 10000); })")


@pytest.mark.parametrize("missing", REMOVALS)
def test_a_missing_feature_is_named_and_nothing_else_starts(fresh, site, missing):
    page, asked = open_page(fresh, site, REMOVALS[missing], locale="en-GB")
    assert page.get_by_role("heading", level=1).inner_text() == "This browser is too old for Caravan"
    assert "Firefox 114+" in page.get_by_role("main").inner_text()
    assert page.get_by_text(f"Missing: {missing}").is_visible()
    assert is_painted(page)
    assert page.evaluate("window.caravanUnsupported") is True
    assert page.evaluate("window.bootReached") is None
    assert page.locator("#ordinary").count() == 0
    assert "python-worker.js" not in asked


def test_an_insecure_address_says_what_to_do(fresh, site):
    page, asked = open_page(fresh, site, url=f"http://caravan.test:{site.port}/", locale="zh-CN",
                            flags=["--host-resolver-rules=MAP caravan.test 127.0.0.1"])
    assert page.get_by_role("heading", level=1).inner_text() == "这个网址不安全，商队无法启动"
    assert f"http://localhost:{site.port}/" in page.get_by_role("main").inner_text()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "python-worker.js" not in asked


def test_the_language_can_be_changed(fresh, site):
    page, _ = open_page(fresh, site, REMOVALS["OPFS"], locale="zh-CN")
    assert page.get_by_role("heading", level=1).inner_text() == "这个浏览器太旧，商队无法启动"
    page.get_by_role("button", name="Switch to English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "This browser is too old for Caravan"
    assert page.title() == "This browser is too old for Caravan"


@pytest.mark.parametrize(("scheme", "ground", "text"), [
    ("light", "rgb(247, 245, 241)", "rgb(30, 28, 24)"), ("dark", "rgb(20, 20, 18)", "rgb(233, 229, 220)")])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_has_the_products_colours_and_nothing_is_clipped(fresh, site, scheme, ground, text, width):
    page, _ = open_page(fresh, site, REMOVALS["OPFS"], color_scheme=scheme, viewport={"width": width, "height": 640})
    page.wait_for_function("document.styleSheets.length > 0")
    style = page.evaluate("(({backgroundColor, color}) => [backgroundColor, color])(getComputedStyle(document.body))")
    assert style == [ground, text]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert all(box["height"] >= 48 for box in (button.bounding_box() for button in page.get_by_role("button").all()))


def test_blocked_site_data_is_found_by_the_worker(launch, site, tmp_path: Path):
    # Site data is blocked in the browser's settings: the names are all there, and the storage refuses.
    folder = tmp_path / "profile" / "Default"
    folder.mkdir(parents=True)
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (folder / "Preferences").write_text(json.dumps(blocked), encoding="utf-8")
    page, _ = open_page(launch, site, locale="en-GB")
    page.get_by_role("heading", level=1).wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "The browser does not let Caravan save anything"
    assert page.evaluate("window.caravanUnsupported") is True
    assert is_painted(page)


def test_a_supported_browser_never_sees_it(launch, site):
    page, asked = open_page(launch, site)
    page.wait_for_function("window.bootReached")
    page.evaluate("pythonReady")
    assert page.evaluate("window.caravanUnsupported") is None
    assert page.locator("#ordinary").is_visible()
    assert "support.css" not in asked
