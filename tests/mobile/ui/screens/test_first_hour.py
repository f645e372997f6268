"""The first hour on screen: ticked off by rows, kept on the device, hidden and brought back, never above the tiles."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile.state import first_hour
from mobile.ui import root
from mobile.ui.screens.first_hour import WAYS, way_to
from shared.protocol import Command
from shared.rules.first_hour import AT_ONCE, TASKS
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import ADMIN, MANAGER, ORG, REP


async def settled() -> None:
    """Lets effects run and the window draw again."""
    await asyncio.sleep(0.2)


async def shown(window: Window, route: str) -> str:
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    await settled()
    # Left screens end their questions to the server, which are tasks.
    assert [entry for entry in window.app.errors.entries if entry["where"] != "task"] == [], route
    return texts(window.page)


def as_demo(window: Window, *, demo: bool) -> None:
    store = window.app.open_store
    row = store.get("organisation", ORG)
    assert row is not None
    with store.transaction():
        store.put("organisation", {**row, "demo": demo}, 2)


def lead(window: Window, **values: Any) -> Command:
    return Command("lead.create", {"id": window.app.new_id(), "values": {"name": "周一", **values}})


def test_what_one_has_done_is_ticked_in_a_company_and_not_in_a_demo_whose_people_have_a_past(tmp_path: Path) -> None:
    async def found(folder: str, *, demo: bool) -> tuple[str, ...]:
        window, _ = await open_window(tmp_path / folder, REP, "zh", 390, dark=False)
        as_demo(window, demo=demo)
        await asyncio.sleep(0.01)
        first_hour.begin(window.app)
        before = first_hour.look(window.app, "/")
        window.app.act(lead(window))
        after = first_hour.look(window.app, "/")
        assert "lead" in after
        await window.app.detach_store()
        return before

    assert {"lead", "follow_up", "deal"} <= set(asyncio.run(found("company", demo=False)))
    assert asyncio.run(found("demo", demo=True)) == ()


def test_what_was_done_before_is_ticked_at_the_first_look_without_another_row(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        as_demo(window, demo=False)
        assert first_hour.load(window.app.open_store).opened_at == 0
        await shown(window, "/")
        assert {"lead", "follow_up", "deal"} <= set(first_hour.load(window.app.open_store).done)
        await window.app.detach_store()

    asyncio.run(run())


def test_an_order_counts_as_taken_offline_only_without_a_network(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        first_hour.begin(window.app)
        window.app.sync.online = True
        assert "offline_order" not in first_hour.look(window.app, "/")
        window.app.sync.online = False
        assert "offline_order" in first_hour.look(window.app, "/")
        await window.app.detach_store()

    asyncio.run(run())


def test_a_tick_stays_also_when_the_row_goes(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        as_demo(window, demo=True)
        first_hour.begin(window.app)
        await asyncio.sleep(0.01)
        captured = lead(window)
        window.app.act(captured)
        await shown(window, "/")
        assert "lead" in first_hour.load(window.app.open_store).done
        window.app.act(Command("lead.delete", {"id": captured.args["id"]}))
        page = await shown(window, "/first-hour")
        assert "第 2 步：采集一条线索，完成" in page
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("user_id", "language", "width"), [(REP, "zh", 390), (MANAGER, "en", 800), (ADMIN, "zh", 1440)]
)
def test_the_line_is_on_home_until_it_is_hidden_and_the_help_has_it_still(
    tmp_path: Path, user_id: str, language: str, width: int
) -> None:
    title = {"zh": "第一小时", "en": "First hour"}[language]

    async def run() -> None:
        window, _ = await open_window(tmp_path, user_id, language, width, dark=False)
        assert title in await shown(window, "/")
        first_hour.hide(window.app, True)
        assert title not in await shown(window, "/")
        page = await shown(window, "/help")
        asked = page.index({"zh": "没找到答案？", "en": "No answer here?"}[language])
        assert title in page[:asked]
        assert {"zh": "填写客户、联系人、跟进", "en": "Forms: customer, contact"}[language] in page[asked:]
        assert title in await shown(window, "/first-hour")
        first_hour.hide(window.app, False)
        assert title in await shown(window, "/")
        await window.app.detach_store()

    asyncio.run(run())


def test_the_line_is_gone_when_all_is_done_and_stands_below_the_five_ways(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        page = await shown(window, "/")
        for way in ("采集线索", "今日跟进", "新订单", "客户", "产品目录"):
            assert page.index(way) < page.index("第一小时"), way
        first_hour.note(window.app, *TASKS["rep"])
        assert "第一小时" not in await shown(window, "/")
        assert "都做过了" in await shown(window, "/first-hour")
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize("user_id", [REP, MANAGER, ADMIN])
def test_every_task_opens_a_screen_where_it_can_be_done(tmp_path: Path, user_id: str) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, user_id, "zh", 390, dark=False)
        role = window.app.actor.role
        assert set(WAYS) <= {key for keys in TASKS.values() for key in keys}
        ways = {key: way_to(window.app, key) for key in TASKS[role] if key not in AT_ONCE}
        assert [key for key, way in ways.items() if not way] == (["sheet"] if role == "rep" else [])
        for key, way in ways.items():
            page = await shown(window, way or "/")
            assert "没有可编辑" not in page and "不在这里" not in page and "没有这一页" not in page, key
        await window.app.detach_store()

    asyncio.run(run())


def test_the_sheet_and_a_search_are_noted_where_they_happen(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        await shown(window, "/customers")
        window.app.show_sync_sheet(True)
        await settled()
        window.session.get_page_patch()  # what is in the sheet draws itself as well
        await settled()
        assert "sheet" in first_hour.load(window.app.open_store).done
        assert "find" not in first_hour.load(window.app.open_store).done
        [field] = [one for view in _views(window) for one in inside(view) if isinstance(one, ft.TextField)]
        field.on_change(SimpleNamespace(control=SimpleNamespace(value="sy"), data="sy"))
        await settled()
        opens = [one for view in _views(window) for one in inside(view) if _opens(one)]
        assert opens
        window.page.navigate = lambda _: None  # type: ignore[method-assign]
        opens[0].on_click(None)
        assert "find" in first_hour.load(window.app.open_store).done
        await window.app.detach_store()

    asyncio.run(run())


def _views(window: Window) -> list[Any]:
    return window.page.views if isinstance(window.page.views, list) else [window.page.views]


def _opens(control: Any) -> bool:
    return (
        isinstance(control, ft.Container)
        and control.on_click is not None
        and bool(control.ink)
        and any(getattr(one, "value", None) == "山野户外" for one in inside(control))
    )
