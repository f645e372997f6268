"""The help pages: complete in both languages, found offline, opened from the screen that they explain."""

import asyncio
import re
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile.platform.ports import Response
from mobile.state import help_pages
from mobile.state.help_pages import HelpUnavailable, linked_page, load, page_for, read_folder, search
from mobile.ui import root
from mobile.ui.routes import SCREENS
from mobile.web.build.stage import stage
from shared.locale import LANGUAGES
from sync.ports import TransportError
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import ACCOUNT, REP
from tests.support.waiting import until

PAGES = Path(__file__).parents[3] / "assets" / "help"


class Site:
    """A browser's platform as far as the help needs it: answers from a site's folder, or none."""

    kind = "browser"

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.transport = self

    async def request(self, method: str, path: str, **_: Any) -> Response:
        self.asked.append(f"{method} {path}")
        if self.folder is None:
            raise TransportError("offline")
        file = self.folder / path.lstrip("/")
        return Response(200, {}, file.read_bytes()) if file.is_file() else Response(404, {}, b"{}")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder as the web build makes it."""
    for language in LANGUAGES:
        folder = tmp_path / "site" / "help" / language
        folder.mkdir(parents=True)
        (folder / help_pages.INDEX).write_bytes(help_pages.encode(read_folder(PAGES / language)))
    return tmp_path / "site"


def test_both_languages_have_the_same_pages_each_with_title_and_text() -> None:
    names = [[page.name for page in read_folder(PAGES / language)] for language in LANGUAGES]
    assert names[0] == names[1] == list(help_pages.READING)
    for language in LANGUAGES:
        assert all(page.title and page.plain.strip() for page in read_folder(PAGES / language))
    assert not any("您" in page.text for page in read_folder(PAGES / "zh"))


def test_every_link_in_a_page_leads_to_a_page() -> None:
    found = []
    for language in LANGUAGES:
        pages = read_folder(PAGES / language)
        for page in pages:
            for link in re.findall(r"\]\(([^)]*)\)", page.text):
                found.append(link)
                assert linked_page(link) in {one.name for one in pages}, f"{language}/{page.name}: {link}"
    assert found


def test_a_page_without_a_heading_is_refused() -> None:
    with pytest.raises(ValueError, match="no title"):
        help_pages.parse("orders", "Orders\n\n- Search")


def test_every_page_named_by_a_screen_exists_and_every_named_path_is_a_screen() -> None:
    names = {page.name for page in read_folder(PAGES / "zh")}
    assert {name for _, name in help_pages.SCREENS} <= names
    paths = [path.replace(":account_id", ACCOUNT).replace(":order_id", ACCOUNT) for path, _, _ in SCREENS]
    explained = {page_for(path) for path in paths} - {None}
    assert explained == {name for _, name in help_pages.SCREENS}


def test_every_screen_has_a_page_that_explains_it_and_no_page_lies_about() -> None:
    names = {page.name for page in read_folder(PAGES / "zh")}
    paths = [re.sub(r":\w+", ACCOUNT, path) for path, _, _ in SCREENS if not path.startswith("/help")]
    explained = {path: help_pages.explains(path) for path in paths}
    assert [path for path, name in explained.items() if name not in names] == []
    assert set(explained.values()) | {"shortcuts"} == names, "the list of keys leads to that one"


@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("/customers", "customers"),
        (f"/customers?id={ACCOUNT}", "customers"),
        (f"/customers/{ACCOUNT}", "customer"),
        (f"/order/new?account={ACCOUNT}&step=review", "new-order"),
        ("/customers/new", None),
        (f"/customers/{ACCOUNT}/edit", None),
        (f"/customers/{ACCOUNT}?new=activity", None),
        (f"/inbox?edit={ACCOUNT}", None),
        ("/", None),
        ("/help/customers", None),
    ],
)
def test_a_screen_has_its_page_and_a_form_has_no_way_out_that_would_lose_words(route: str, name: str | None) -> None:
    assert page_for(route) == name


def test_the_search_finds_titles_and_text_titles_first() -> None:
    zh, en = (read_folder(PAGES / language) for language in LANGUAGES)
    assert [page.name for page, _ in search(en, "")] == [page.name for page in en]
    found = search(en, "ORDERS")
    assert found[0][0].name == "orders" and len(found) > 1
    assert [page.name for page, _ in search(zh, "盘点")] == ["stock"]
    assert "盘点" in search(zh, "盘点")[0][1]
    assert [page.name for page, _ in search(en, "bank account")] == ["customer-form"]
    assert search(en, "camel") == []


def test_excerpts_carry_no_signs_of_markdown() -> None:
    for language in LANGUAGES:
        for page in read_folder(PAGES / language):
            assert not re.search(r"\*\*|\]\(|^- |^#", page.plain, re.MULTILINE), page.name


def test_the_browser_asks_the_site_once_for_all_pages_of_a_language(site: Path) -> None:
    platform = Site(site)

    async def twice() -> None:
        first = await load(platform, "en")
        platform.folder = None
        assert await load(platform, "en") is first
        assert first == read_folder(PAGES / "en")

    asyncio.run(twice())
    assert platform.asked == ["GET /help/en/index.json"]


@pytest.mark.parametrize("broken", ["offline", "missing", "damaged"])
def test_pages_that_cannot_be_had_are_said_to_be_unavailable(broken: str, site: Path, tmp_path: Path) -> None:
    (site / "help" / "zh" / help_pages.INDEX).write_text("<!doctype html>", encoding="utf-8")
    platform = Site({"offline": None, "missing": tmp_path / "nothing", "damaged": site}[broken])
    with pytest.raises(HelpUnavailable):
        asyncio.run(load(platform, "zh"))


def test_a_native_app_is_staged_with_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(tmp_path / "app", assets=True)
    monkeypatch.setenv("FLET_ASSETS_DIR", str(tmp_path / "app" / "assets"))
    window = Window(tmp_path / "data")
    assert asyncio.run(load(window.app.platform, "zh")) == read_folder(PAGES / "zh")


async def drawn(folder: Path, route: str, language: str, width: int, platform: Site | None = None) -> Window:
    """The window after the pages arrived."""
    window, _ = await open_window(folder, REP, language, width, dark=False)
    if platform is not None:
        platform.clock = window.app.platform.clock
        window.app.platform = platform
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    if route.startswith("/help"):
        await until(lambda: help_pages.known(window.app.platform, language) or (platform and platform.asked))
    await asyncio.sleep(0.3)
    return window


def controls(window: Window, kind: type) -> list[Any]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [control for view in views for control in inside(view) if isinstance(control, kind)]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_shows_every_page(tmp_path: Path, language: str, width: int) -> None:
    async def run() -> None:
        window = await drawn(tmp_path, "/help", language, width)
        shown = texts(window.page)
        assert all(page.title in shown for page in read_folder(PAGES / language))
        assert not window.app.errors.entries
        await window.app.detach_store()

    asyncio.run(run())


def test_a_page_is_shown_and_its_links_lead_to_pages(tmp_path: Path) -> None:
    async def run() -> None:
        window = await drawn(tmp_path, "/help/order?from=%2Forders%2F1", "en", 390)
        [markdown] = controls(window, ft.Markdown)
        assert "official number" in markdown.value and not markdown.value.startswith("#")
        went: list[str] = []
        window.page.navigate = went.append  # type: ignore[method-assign]
        markdown.on_tap_link(type("Tap", (), {"data": "inbox.md"}))
        markdown.on_tap_link(type("Tap", (), {"data": "https://example.com/"}))
        assert went == ["/help/inbox?from=%2Forders%2F1"]
        assert not window.app.errors.entries
        await window.app.detach_store()

    asyncio.run(run())


def test_what_cannot_be_had_is_said_with_a_way_to_try_again(tmp_path: Path, site: Path) -> None:
    async def run() -> None:
        platform = Site(None)
        window = await drawn(tmp_path / "device", "/help", "zh", 390, platform)
        assert "帮助暂时打不开" in texts(window.page)
        platform.folder = site
        again = next(one for one in controls(window, ft.FilledButton) if one.content == "再试一次")
        await again.on_click(None)
        await asyncio.sleep(0.3)
        assert "产品与库存" in texts(window.page) and "帮助暂时打不开" not in texts(window.page)
        await window.app.detach_store()

    asyncio.run(run())


def test_the_header_of_a_screen_opens_its_page(tmp_path: Path) -> None:
    async def run() -> None:
        window = await drawn(tmp_path, "/customers", "zh", 390)
        [button] = [one for one in controls(window, ft.IconButton) if one.tooltip == "打开帮助：客户"]
        went: list[str] = []
        window.page.navigate = went.append  # type: ignore[method-assign]
        await button.on_click(None)
        assert went == ["/help/customers?from=%2Fcustomers"]
        await window.app.detach_store()

    asyncio.run(run())
