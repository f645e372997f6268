"""Who leaves a form is asked where something was typed that is not saved, and nowhere else, whichever way they go."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.ui import root
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window
from tests.support.company import ACCOUNT, ADMIN, MANAGER, REP, TENT
from tests.support.deals import DEAL

SETTLING_S = 0.05
"""Until what was drawn or tapped has had its effects."""
RUNNING: set[asyncio.Future[None]] = set()


class Case:
    """A form on the screen, and a client that goes wherever it is sent."""

    def __init__(self, window: Window, route: str) -> None:
        self.window, self.page = window, window.page
        self.asked: list[ft.AlertDialog] = []
        self.went: list[str] = []
        self.follows = True
        self.page.show_dialog = self.asked.append  # type: ignore[method-assign,assignment]
        self.page.pop_dialog = lambda: None  # type: ignore[method-assign,assignment,return-value]
        self.page.navigate = self.navigate  # type: ignore[method-assign]
        self.page.push_route = self.push_route  # type: ignore[method-assign]
        self.page.route = route

    def navigate(self, route: str, **_: Any) -> None:
        self.went.append(route)
        if self.follows:
            self.changes_to(route)

    async def push_route(self, route: str, **_: Any) -> None:
        self.changes_to(route)

    def changes_to(self, route: str) -> None:
        """As the client tells it: its own back, or where it was sent."""
        self.page.route = route
        self.page.on_route_change(SimpleNamespace(route=route))

    def controls(self, kind: type) -> list[Any]:
        views = self.page.views if isinstance(self.page.views, list) else [self.page.views]
        return [part for view in views for part in inside(view) if isinstance(part, kind)]

    def types(self, label: str) -> None:
        """Into the last field of the label."""
        field = [one for one in self.controls(ft.TextField) if label in str(one.label)][-1]
        field.on_change(SimpleNamespace(control=SimpleNamespace(value="12")))

    async def answers(self, index: int) -> None:
        """*Cancel* (0) or *leave* (1)."""
        self.asked.pop().actions[index].on_click(None)
        await asyncio.sleep(SETTLING_S)


async def arrow(case: Case) -> None:
    (back,) = [one for one in case.controls(ft.IconButton) if one.tooltip == "返回"]
    await begin(back.on_click(None))


async def cancel(case: Case) -> None:
    (button,) = [one for one in case.controls(ft.OutlinedButton) if one.content == "取消"]
    await begin(button.on_click(None))


async def panel(case: Case) -> None:
    """The first entry of the side panel."""
    entry = next(
        one for one in case.controls(ft.Container)
        if one.on_click is not None and any(getattr(part, "value", "") == "首页" for part in inside(one))
    )  # fmt: skip
    await begin(entry.on_click(None))


async def browser(case: Case) -> None:
    case.changes_to("/orders")
    await asyncio.sleep(SETTLING_S)


async def begin(work: Awaitable[None]) -> None:
    """A handler that may wait for an answer."""
    RUNNING.add(asyncio.ensure_future(work))
    await asyncio.sleep(SETTLING_S)


async def opened(folder: Path, user_id: str, route: str, width: int = 390) -> Case:
    window, _ = await open_window(folder, user_id, "zh", width, dark=False)
    case = Case(window, route)
    root.show(window.page)
    window.session.get_page_patch()
    await asyncio.sleep(SETTLING_S)
    return case


async def closed(case: Case) -> None:
    assert case.window.app.errors.entries == []
    await case.window.app.detach_store()


@pytest.mark.parametrize(
    ("user_id", "route", "field"),
    [
        (ADMIN, f"/setup/product/{TENT}", "价"),
        (ADMIN, "/setup/stage/new", "名称"),
        (ADMIN, "/users/new", "用户名"),
        (MANAGER, f"/stock?product={TENT}", "到货数量"),
        (REP, "/customers/new", "客户名称"),
        (REP, f"/customers/{ACCOUNT}?new=activity", "内容"),
        (REP, f"/customers/{ACCOUNT}?new=contact", "姓名"),
        (REP, f"/deals/new?account={ACCOUNT}", "商机名称"),
        (REP, f"/deals/{DEAL}?lose=1", "说明"),
        (REP, f"/deals/{DEAL}?cancel=1", "原因"),
    ],
)
def test_the_arrow_asks_for_what_was_typed_and_only_then(tmp_path: Path, user_id: str, route: str, field: str) -> None:
    async def play() -> None:
        case = await opened(tmp_path, user_id, route)
        case.follows = False
        await arrow(case)
        assert case.asked == [] and len(case.went) == 1, "nothing was typed"
        case.follows = True
        case.went.clear()
        case.types(field)
        await asyncio.sleep(SETTLING_S)
        await arrow(case)
        assert len(case.asked) == 1 and case.went == []
        await case.answers(0)
        assert case.went == [] and case.page.route == route
        await arrow(case)
        await case.answers(1)
        assert len(case.went) == 1 and case.page.route == case.went[0]
        await closed(case)

    asyncio.run(play())


@pytest.mark.parametrize("way", [cancel, panel, browser])
def test_no_way_out_forgets_to_ask(tmp_path: Path, way: Callable[[Case], Awaitable[None]]) -> None:
    async def play() -> None:
        case = await opened(tmp_path, REP, "/customers/new", 1440)
        case.types("客户名称")
        await way(case)
        await way(case)
        assert len(case.asked) == 1, "asked once, however often somebody taps"
        assert case.page.route == "/customers/new", "the address is that of the form"
        await case.answers(0)
        assert case.page.route == "/customers/new" and case.controls(ft.TextField)
        await way(case)
        await case.answers(1)
        assert case.page.route != "/customers/new"
        await asyncio.sleep(SETTLING_S)
        case.changes_to("/orders")
        await asyncio.sleep(SETTLING_S)
        assert case.asked == [], "a form that was left holds nobody back"
        await closed(case)

    asyncio.run(play())


def test_what_was_saved_needs_no_question(tmp_path: Path) -> None:
    async def play() -> None:
        case = await opened(tmp_path, REP, "/customers/new")
        case.types("客户名称")
        (save,) = [one for one in case.controls(ft.FilledButton) if one.content == "保存客户"]
        save.on_click(None)
        await asyncio.sleep(SETTLING_S)
        assert case.asked == [] or all(isinstance(one, ft.SnackBar) for one in case.asked)
        (made,) = case.went
        assert made == case.page.route and made.startswith("/customers/")
        await closed(case)

    asyncio.run(play())


def test_the_note_of_an_order_is_kept_with_every_letter(tmp_path: Path) -> None:
    async def play() -> None:
        route = f"/order/new?account={ACCOUNT}&step=review"
        case = await opened(tmp_path, REP, route)
        case.types("备注")
        await asyncio.sleep(SETTLING_S)
        await arrow(case)
        assert case.asked == []
        case.changes_to(route)
        await asyncio.sleep(SETTLING_S)
        assert "12" in [one.value for one in case.controls(ft.TextField)]
        await closed(case)

    asyncio.run(play())
