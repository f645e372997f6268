"""What a component began ends with it: listeners of the store, of the platform, and tasks."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.ui import kit as k
from mobile.ui import root
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import open_window
from tests.support.company import ACCOUNT, REP


def listeners(window: Window) -> tuple[int, int]:
    """Of the store and of the platform."""
    return len(window.app.open_store._callbacks), len(window.app.platform._events._callbacks)


async def go(window: Window, route: str) -> None:
    window.page.route = route
    window.page.on_route_change(SimpleNamespace(route=route))
    await asyncio.sleep(0.2)


async def started(folder: Path, route: str) -> Window:
    window, _ = await open_window(folder, REP, "zh", 390, dark=False)
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    await asyncio.sleep(0.2)
    return window


def test_only_the_kit_knows_flets_own_effect() -> None:
    folder = Path(root.__file__).parent
    found = [path for path in folder.rglob("*.py") if "ft.use_effect(" in path.read_text(encoding="utf-8")]
    assert found == [folder / "kit" / "effects.py"], "what it begins never ends: use k.use_effect"


def test_a_screen_that_was_drawn_again_leaves_no_listener_behind(tmp_path: Path) -> None:
    async def play() -> None:
        window = await started(tmp_path, "/help")
        before = listeners(window)
        await go(window, f"/customers/{ACCOUNT}")
        assert listeners(window)[0] > before[0]
        args = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}}
        window.app.act(("account.patch", args))
        await asyncio.sleep(0.2)
        await go(window, "/help")
        assert listeners(window) == before
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(play())


def test_the_reminders_stop_listening_when_their_person_leaves(tmp_path: Path) -> None:
    async def play() -> None:
        window = await started(tmp_path, "/help")
        own = len(window.app.platform._events._callbacks)
        window.app.sync.online = not window.app.sync.online  # the frame is drawn again
        window.app.look.width += 40
        await asyncio.sleep(0.2)
        window.app.session.phase = "sign_in"
        await asyncio.sleep(0.2)
        assert len(window.app.platform._events._callbacks) == own - 2, "of the reminders and of the keys"
        await window.app.detach_store()

    asyncio.run(play())


@pytest.mark.parametrize("waiting", [True, False])
def test_an_effect_ends_once_when_it_begins_again_and_when_it_goes(tmp_path: Path, waiting: bool) -> None:
    heard: list[str] = []
    turn: dict[str, Any] = {}

    @k.component
    def Part() -> ft.Control:
        number, turn["number"] = ft.use_state(1)
        _, turn["again"] = ft.use_state(0)

        def begin() -> Any:
            heard.append(f"begin {number}")
            return lambda: heard.append(f"end {number}")

        async def wait() -> None:
            heard.append(f"begin {number}")
            try:
                await asyncio.sleep(60)
            finally:
                heard.append(f"end {number}")

        k.use_effect(wait if waiting else begin, [number])
        return ft.Text(str(number))

    @ft.component
    def Whole() -> list[ft.View]:
        shown, turn["shown"] = ft.use_state(True)
        return [ft.View(route="/", controls=[Part()] if shown else [])]

    async def play() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        window.page.render_views(Whole)
        window.session.get_page_patch()
        await asyncio.sleep(0.1)
        for name, value in (("again", 1), ("again", 2), ("number", 2), ("again", 3), ("shown", False)):
            turn[name](value)
            await asyncio.sleep(0.1)
        await window.app.detach_store()

    asyncio.run(play())
    assert heard == ["begin 1", "end 1", "begin 2", "end 2"]
