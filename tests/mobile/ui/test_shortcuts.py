"""Keys on a keyboard: what they do on which screen, and when they rest."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.ui import kit as k
from mobile.ui import root, shortcuts
from mobile.ui.kit.keyboard import name_of
from mobile.ui.routes import SCREENS
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window
from tests.support.company import MANAGER, ORG, REP, TEAM
from tests.support.waiting import until


def press(window: Window, key: str, **held: bool) -> None:
    window.page.on_keyboard_event(SimpleNamespace(key=key, **held))


def fields(window: Window) -> list[ft.TextField]:
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    return [one for view in views for one in inside(view) if isinstance(one, ft.TextField)]


def at(tmp_path: Path, route: str, play: Callable[[Window, list[str]], Any], user_id: str = REP) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, user_id, "zh", 1440, dark=False)
        window.page.route = route
        root.show(window.page)
        window.session.get_page_patch()
        await asyncio.sleep(0.2)
        went: list[str] = []
        window.page.navigate = went.append  # type: ignore[method-assign,assignment]
        await play(window, went)
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"key": "N"}, "n"),
        ({"key": "Arrow Down"}, "down"),
        ({"key": "K", "ctrl": True}, "ctrl+k"),
        ({"key": "K", "meta": True}, "ctrl+k"),
        ({"key": "/", "shift": True}, "?"),
        ({"key": "?"}, "?"),
        ({"key": "Bracket Left"}, "["),
        ({"key": "N", "alt": True}, "alt+n"),
        ({"key": "K", "ctrl": True, "shift": True}, "ctrl+shift+k"),
        ({"key": "[", "ctrl": True, "alt": True}, "["),
    ],
)
def test_keys_have_one_name_wherever_they_come_from(event: dict[str, Any], name: str) -> None:
    assert name_of(SimpleNamespace(**event)) == name


def test_what_n_makes_is_an_address_of_the_app() -> None:
    known = {path for path, *_ in SCREENS}
    assert {made.partition("?")[0] for made, _ in shortcuts.NEW.values()} <= known


@pytest.mark.parametrize(
    ("route", "user_id", "goes"), [("/", REP, ["/leads/new"]), ("/", MANAGER, []), ("/orders", REP, ["/order/new"])]
)
def test_n_makes_what_the_screen_is_for(tmp_path: Path, route: str, user_id: str, goes: list[str]) -> None:
    async def play(window: Window, went: list[str]) -> None:
        press(window, "N")
        await asyncio.sleep(0.1)
        assert went == goes

    at(tmp_path, route, play, user_id)


def test_while_somebody_types_letters_are_letters(tmp_path: Path) -> None:
    async def play(window: Window, went: list[str]) -> None:
        field = fields(window)[0]
        field.on_focus(SimpleNamespace(control=field))
        press(window, "N")
        press(window, "J")
        await asyncio.sleep(0.1)
        assert went == []
        press(window, "K", ctrl=True)
        await until(lambda: went and went[0].startswith("/customers?find="), "the search comes from anywhere")
        field.on_blur(SimpleNamespace(control=field))
        press(window, "N")
        await until(lambda: went[1:] == ["/customers/new"], "the field was left")

    at(tmp_path, "/customers", play)


def test_the_search_takes_the_next_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    focused: list[ft.TextField] = []

    async def focus(field: ft.TextField) -> None:
        focused.append(field)

    async def play(window: Window, went: list[str]) -> None:
        await until(lambda: focused == fields(window)[:1], "the search has the focus")

    monkeypatch.setattr(ft.TextField, "focus", focus)
    at(tmp_path, "/customers?find=3", play)


def test_j_and_k_go_through_the_customers_beside_the_list(tmp_path: Path) -> None:
    async def play(window: Window, went: list[str]) -> None:
        ids = [derived_id("more", number) for number in range(2)]
        with window.app.open_store.transaction():
            for number, row_id in enumerate(ids):
                values = {"id": row_id, "org_id": ORG, "name": f"客户 {number}", "owner_id": REP, "team_id": TEAM}
                window.app.open_store.put("account", new_row(ENTITIES["account"], values), 1)
        await asyncio.sleep(0.2)
        window.session.get_page_patch()
        press(window, "J")
        second = went[-1]
        assert second.startswith("/customers?id=")
        window.page.route = second
        press(window, "Arrow Down")
        assert went[-1] != second
        window.page.route = went[-1]
        press(window, "K")
        assert went[-1] == second

    at(tmp_path, "/customers", play)


def test_escape_goes_back_and_rests_behind_a_dialog(tmp_path: Path) -> None:
    async def play(window: Window, went: list[str]) -> None:
        window.page.show_dialog(k.dialog("?", ft.Text("?"), []))
        press(window, "Escape")
        await asyncio.sleep(0.1)
        assert went == []
        window.page.pop_dialog()
        press(window, "Escape")
        await until(lambda: went == ["/settings"], "back to where help is opened")

    at(tmp_path, "/help", play)


def test_the_list_shows_what_does_something_here(tmp_path: Path) -> None:
    async def play(window: Window, went: list[str]) -> None:
        press(window, "?")
        await until(lambda: k.dialog_open(window.page), "the list")
        window.session.get_page_patch()
        (sheet,) = [one for one in window.page._dialogs.controls if isinstance(one, ft.BottomSheet)]
        words = [one.value for one in inside(sheet) if isinstance(one, ft.Text)]
        assert "这一页的快捷键" in words and "查找客户" in words and "下一个、上一个" in words
        assert "商机后退或推进一个阶段" not in words, "that is the board's"
        (more,) = [one for one in inside(sheet) if isinstance(one, ft.TextButton) and one.content == "全部快捷键"]
        await more.on_click(None)
        assert went == [shortcuts.HELP]

    at(tmp_path, "/customers", play)
