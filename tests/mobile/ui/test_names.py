"""The check of accessible names finds what it is for, and lets pass what is right."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.ui import kit as k
from mobile.ui import root
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.names import Node, complaints
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.support.company import ADMIN, REP, TENT
from tests.support.deals import DEAL

I = ft.Icons  # noqa: E741


def nothing(_: Any) -> None:
    """A handler."""


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: ft.Container(ft.Icon(I.ADD), on_click=nothing), "a Container has no name"),
        (lambda: ft.Container(ft.Text("加"), on_click=nothing), "'加' can be tapped and is not announced as a button"),
        (lambda: ft.IconButton(I.ADD, tooltip="加", on_click=nothing), "a IconButton has no name"),
        (lambda: ft.TextField(), "a TextField has no name"),
        (lambda: ft.TextField("山野", hint_text="姓名"), "a TextField has no name"),
        (lambda: k.button("frame.save", nothing), "a FilledButton is called 'frame.save'"),
        (lambda: k.button("删除 {name}", nothing), "a FilledButton is called '删除 {name}'"),
        (
            lambda: k.row(k.icon_button(I.ADD, "打开", nothing), k.icon_button(I.EDIT, "打开", nothing)),
            "'打开' is there twice in one row",
        ),
        (lambda: k.tappable(k.icon_button(I.ADD, "加", nothing), nothing), "several controls are merged into '加'"),
    ],
)
def test_what_is_wrong_is_found(window: Window, make: Callable[[], ft.Control], complaint: str) -> None:
    assert complaint in complaints(make())


def test_what_is_right_passes(window: Window) -> None:
    rows = [
        k.tile(name, leading=k.avatar(name), on_click=nothing, action=k.icon_button(I.CHECK, f"完成 {name}", nothing))
        for name in ("山野", "雪线")
    ]
    parts = [
        k.list_card(*rows), k.chip("全部", True, nothing), k.switch_row("声音", True, nothing),
        ft.TextField(label="电话"), ft.TextField(hint_text="姓名"),
    ]  # fmt: skip
    assert complaints(k.col(*parts)) == []
    # One below the other the same words may stand in each line.
    assert complaints(k.row(k.col(k.button("打开", nothing), k.button("打开", nothing)), k.col(*parts))) == []


ADMIN_ROUTES = (
    "/users", "/users/new", f"/users/{REP}", "/keys", "/setup", "/setup/product", f"/setup/product/{TENT}",
    "/setup/stage/new", "/settings", "/help", "/help/leads", "/feedback", "/feedback/new?from=/orders", "/first-hour",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_screens_of_administrators_and_sheets_name_every_control(tmp_path: Path, language: str) -> None:
    async def play() -> None:
        window = await opened(tmp_path / "admin", ADMIN, language, "/help")
        for route in ADMIN_ROUTES:
            await go(window, route)
            assert wrong(window) == [], route
        await window.app.detach_store()
        for route, words in SHEETS[language]:
            window = await opened(tmp_path / words, REP, language, route)
            control = next(one for one in buttons(window) if words in one.name)
            control.controls()[0].control.on_click(None)
            await asyncio.sleep(0.1)
            window.session.get_page_patch()  # what is in the sheet draws itself as well
            assert Node(window.page._dialogs).controls(), f"{words} on {route} opens nothing"
            assert wrong(window) == [], words
            await window.app.detach_store()

    asyncio.run(play())


SHEETS = {
    "zh": (("/follow-ups", "推迟"), (f"/deals/{DEAL}", "更多"), ("/orders", "同步状态")),
    "en": (("/follow-ups", "Put off"), (f"/deals/{DEAL}", "More"), ("/orders", "Sync")),
}
"""Where a sheet is opened, and by what."""


async def opened(folder: Path, user_id: str, language: str, route: str) -> Window:
    window, _ = await open_window(folder, user_id, language, 390, dark=False)
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    await asyncio.sleep(0.05)
    return window


async def go(window: Window, route: str) -> None:
    window.page.route = route
    window.page.on_route_change(SimpleNamespace(route=route))
    await asyncio.sleep(0.05)
    window.session.get_page_patch()


def wrong(window: Window) -> list[str]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [words for part in (*views, window.page._dialogs) for words in complaints(part)]


def buttons(window: Window) -> list[Node]:
    """What is merged into one control each."""
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [one for view in views for one in merged(Node(view))]


def merged(node: Node) -> list[Node]:
    own = [node] if isinstance(node.control, ft.MergeSemantics) else []
    return [*own, *(one for part in node.inside for one in merged(part))]
