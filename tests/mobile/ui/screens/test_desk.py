"""The desk as it is drawn: every number leads to exactly its rows, for managers and for a rep's own work."""

import asyncio
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import flet as ft
import pytest

from mobile.store.queries import desk, due, funnel
from mobile.store.queries.order_filter import from_address
from mobile.ui import root
from mobile.ui import routes as known
from mobile.ui.screens.desk_parts import FOOT_PX, NARROW_FOOT_PX
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, ORG, REP, TEAM

MINUTE_MS = 60_000


def sell(window: Window) -> None:
    """Confirmed orders of two reps, today and in the year before; leads, deals in two stages, overdue follow-ups."""
    app = window.app
    now, day_ms = app.now_ms(), 86_400_000

    def put(entity: str, key: object, **values: Any) -> str:
        row_id = derived_id(entity, key)
        full = {"id": row_id, "org_id": ORG, "team_id": TEAM, "created_at": now - MINUTE_MS, **values}
        app.open_store.put(entity, new_row(ENTITIES[entity], full), 1)
        return row_id

    with app.open_store.transaction():
        city = put("account", "city", name="深圳客户", city="深圳", source="website", owner_id=REP)
        for number in range(8):
            put("order", number, account_id=city if number % 2 else ACCOUNT, owner_id=REP if number < 5 else COLLEAGUE,
                state="confirmed", total=Decimal(1000 + number), currency="CNY",
                ordered_at=now - MINUTE_MS - (370 * day_ms if number == 7 else 0))  # fmt: skip
        source = put("lead_source", 1, name="展会")
        for number in range(5):
            put("lead", number, name=f"人 {number}", owner_id=REP, source_id=source if number else None,
                state="converted" if number == 4 else "new")  # fmt: skip
        stages = [put("stage", number, name=f"阶段 {number}", position=number, kind=kind)
                  for number, kind in enumerate(("open", "open", "won", "lost"))]  # fmt: skip
        for number, state in enumerate(("open", "open", "won", "lost", "won")):
            put("opportunity", number, account_id=ACCOUNT, title="帐篷", stage_id=stages[number % 2], owner_id=REP,
                state=state, amount=Decimal(500), closed_at=None if state == "open" else now - MINUTE_MS)  # fmt: skip


async def pressed(folder: Path, user_id: str, route: str, width: int) -> tuple[Window, dict[str, str]]:
    """Where each thing with a name on the screen leads, by its name."""
    window, _ = await open_window(folder, user_id, "zh", width, dark=False)
    sell(window)
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    went: list[str] = []
    window.page.navigate = went.append  # type: ignore[method-assign]
    leads: dict[str, str] = {}
    views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
    for view in views:
        for one in inside(view):
            if isinstance(one, ft.Semantics) and one.label and isinstance(one.content, ft.Container):
                if one.content.on_click is None:
                    continue
                went.clear()
                one.content.on_click(None)
                if went:
                    leads[one.label] = went[-1]
    return window, leads


def check(window: Window, label: str, address: str) -> bool:
    """Whether the rows at the address are as many as the name says; False for what is no number of rows."""
    path, parameters = urlsplit(address).path, dict(parse_qsl(urlsplit(address).query))
    store, zone = window.app.open_store, window.app.time_zone
    said = [int(found.replace(",", "")) for found in re.findall(r"(?<![\d.¥])\d[\d,]*(?![\d.%])", label)]
    if path == "/orders" and parameters:
        found = desk.totals(store, from_address(parameters), zone)
        amount = re.search(r"¥([\d,]+)(?!\.\d* [万亿])", label)
        assert found["orders"] > 0, label
        if "张订单" in label:
            assert found["orders"] in said, label
        if amount and "同期" not in label:
            assert Decimal(amount[1].replace(",", "")) == found["total"], label
        return True
    if path.startswith("/dashboard/"):
        count = funnel.count(store, funnel.from_address(path.rpartition("/")[2], parameters), zone)  # type: ignore[arg-type]
        if "赢率" not in label and "同期" not in label:
            assert count in said, label
        return True
    if path == "/follow-ups" and "late" in parameters:
        day = window.app.today().toordinal() - int(parameters["late"]) - 1
        until = type(window.app.today()).fromordinal(day).isoformat()
        assert len(due.due(store, until=until, owner_id=parameters.get("owner"))) in said, label
        return True
    return False


@pytest.mark.parametrize(("user_id", "route", "width"), [
    (MANAGER, "/", 1440), (MANAGER, "/?period=year", 390), (MANAGER, "/?period=quarter", 800), (REP, "/dashboard", 390),
])  # fmt: skip
def test_every_number_leads_to_as_many_rows_as_it_says(tmp_path: Path, user_id: str, route: str, width: int) -> None:
    async def run() -> None:
        window, leads = await pressed(tmp_path, user_id, route, width)
        numbers = [label for label, address in leads.items() if check(window, label, address)]
        wanted = ["成交：¥", "新线索：", "赢率：", "逾期跟进：1", "深圳：¥", "打开阶段 0阶段的商机：1 个",
                  "打开来自展会的线索：4 条，已转换 1 条", "1 项超过 3 天"]  # fmt: skip
        if user_id == MANAGER:
            wanted += [f"rep {REP[:4]}：¥", f"rep {COLLEAGUE[:4]}：¥", "的逾期跟进：1 项"]
        for words in wanted:
            assert any(words in label for label in numbers), (words, numbers)
        paths = {path for path, _, _ in known.SCREENS}
        assert {urlsplit(address).path for address in leads.values()} <= paths | {"/leads/new"}
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(run())


def test_what_counts_as_escalated_is_the_organisations_setting(tmp_path: Path) -> None:
    async def run() -> None:
        window, leads = await pressed(tmp_path, MANAGER, "/", 390)
        [late] = [label for label in leads if "1 项超过" in label]
        assert late.startswith("1 项超过 3 天") and "late=3" in leads[late]
        store = window.app.open_store
        for days, said in ((0, "1 项超过 0 天"), (90, "1 项超过 90 天"), (10_000, "没有超过 10000 天")):
            row = store.get("organisation", ORG)
            assert row is not None
            with store.transaction():
                store.put("organisation", {**row, "escalate_days": days}, 9)
            root.show(window.page)
            window.session.get_page_patch()
            assert said in texts(window.page)
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize(("width", "foot"), [(390, NARROW_FOOT_PX), (1440, FOOT_PX)])
def test_half_a_phone_has_room_for_what_stands_below_a_number(tmp_path: Path, width: int, foot: int) -> None:
    async def run() -> None:
        window, _ = await pressed(tmp_path, MANAGER, "/?period=year", width)
        views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
        rows = [one for view in views for one in inside(view) if isinstance(one, ft.Row) and one.controls]
        feet = [row for row in rows if getattr(row.controls[0], "height", None) == foot]
        assert len(feet) >= 2
        if width == 390:
            (rate,) = [row for row in feet if "共结束" in said_in(row)]
            (line,) = [one for one in inside(rate) if isinstance(one, ft.Text) and "共结束" in one.value]
            assert line.max_lines == 2
        await window.app.detach_store()

    def said_in(row: ft.Row) -> str:
        return " ".join(one.value for one in inside(row) if isinstance(one, ft.Text))

    asyncio.run(run())
