"""Every list that can be empty says so with a picture, a title, one line and one button."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from flet.controls.context import _context_page

from mobile.state.session import SessionInfo, SignedInOrg, SignedInUser
from mobile.ui import kit, root
from mobile.ui.routes import SCREENS
from shared.access import can_see
from shared.catalog import ENTITIES
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import ADMIN, MANAGER, NOW, ORG, REP, Company

THERE = frozenset({"organisation", "team", "user"})
"""All that an empty company has."""
EMPTY = {
    "/customers": REP,
    "/leads": REP,
    "/leads/close": REP,
    "/deals": REP,
    "/pipeline": MANAGER,
    "/catalogue": REP,
    "/orders": REP,
    "/order/new": REP,
    "/deals/new": REP,
    "/inbox": REP,
    "/inbox?show=handovers": MANAGER,
    "/stock": MANAGER,
    "/leases": REP,
    "/follow-ups": REP,
    "/follow-ups?late=3": MANAGER,
    "/feedback": REP,
    "/setup/stage": ADMIN,
    "/setup/product": MANAGER,
    "/dashboard/leads?state=new": MANAGER,
    "/dashboard/deals?state=won": MANAGER,
}
"""Route → who finds it empty."""
NO_LIST = frozenset({
    "/", "/dashboard", "/customers/new", "/customers/:account_id", "/customers/:account_id/edit", "/leads/new",
    "/leads/:lead_id", "/leads/:lead_id/edit", "/deals/:deal_id", "/orders/:order_id", "/users/new", "/users/:user_id",
    "/setup", "/setup/:entity/new", "/setup/:entity/:row_id", "/settings", "/feedback/new", "/feedback/:feedback_id",
    "/first-hour", "/help", "/help/:page",
})  # fmt: skip
"""Forms, pages of one record, and lists that are never empty."""
ASKS_THE_SERVER = frozenset({"/users", "/team", "/keys", "/log", "/log/:entity/:row_id", "/leads/assign"})
"""Lists of the server's, or of colleagues who are always there: other tests draw them."""


async def empty_window(folder: Path, user_id: str, *, complete: bool = True) -> Window:
    """A company of its people alone; ``complete``: the first sync has brought all there is."""
    window = Window(folder)
    window.wire.loop = asyncio.get_running_loop()
    _context_page.set(window.page)
    look, company = window.app.look, Company()
    look.language, look.width, look.mode = "zh", 390.0, "light"
    user = company.rows["user", user_id]
    info = SessionInfo(
        user=SignedInUser(user_id, user["name"], user["login"], user["role"], user["home_team_id"], "10"),
        org=SignedInOrg(ORG, "驼峰户外", "Asia/Shanghai", "CNY"), device_id="d", lease_until=NOW * 2,
    )  # fmt: skip
    window.app.start_exchange = lambda: None  # type: ignore[method-assign]
    root.prepare(window.page, window.app)
    look.width = 390.0
    await window.app.doors.open(info)
    store, actor = window.app.open_store, company.actor(user_id)
    with store.transaction():
        for (name, _), row in company.rows.items():
            if name in THERE and can_see(actor, ENTITIES[name], row):
                store.put(name, row, 1)
        if complete:
            store.set_meta("complete", "1")
    return window


def test_every_screen_is_known_as_a_list_or_as_none() -> None:
    paths = {path for path, _, _ in SCREENS}
    lists = {route.partition("?")[0] for route in EMPTY if not route.startswith("/setup/")} | {"/setup/:entity"}
    assert paths == lists | NO_LIST | ASKS_THE_SERVER


def watch(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What empty states are made of from now on."""
    made: list[dict[str, Any]] = []
    real = kit.empty_state

    def spy(title: str, line: str, **options: Any) -> Any:
        made.append({"title": title, "line": line, **options})
        return real(title, line, **options)

    monkeypatch.setattr(kit, "empty_state", spy)
    return made


def test_every_empty_list_has_a_picture_a_title_one_line_and_a_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = watch(monkeypatch)

    async def run() -> list[str]:
        lacking = []
        for number, (route, user_id) in enumerate(EMPTY.items()):
            window = await empty_window(tmp_path / str(number), user_id)
            made.clear()
            window.page.route = route
            root.show(window.page)
            window.session.get_page_patch()
            assert list(window.app.errors.entries) == [], route
            if not any(one.get("action") and one.get("on_action") and one["title"] and one["line"] for one in made):
                lacking.append(route)
            await window.app.detach_store()
        return lacking

    assert asyncio.run(run()) == []


def test_a_search_without_a_hit_offers_to_clear_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = watch(monkeypatch)

    async def run() -> None:
        window, _ = await open_window(tmp_path, REP, "zh", 390, dark=False)
        made.clear()
        window.page.route = "/orders?city=Atlantis"
        root.show(window.page)
        window.session.get_page_patch()
        [nothing] = made
        went: list[str] = []
        window.page.navigate = went.append  # type: ignore[method-assign]
        nothing["on_action"](None)
        assert (nothing["action"], went) == ("清除条件", ["/orders"])
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize("route", [
    "/customers", "/leads", "/leads/assign", "/deals", "/orders", "/inbox", "/follow-ups", "/follow-ups?late=3",
    "/leases", "/dashboard/leads?state=new", "/order/new", "/deals/new", "/inbox?show=handovers",
])  # fmt: skip
def test_while_a_first_sync_goes_on_no_list_says_that_it_has_nothing(tmp_path: Path, route: str) -> None:
    async def run() -> None:
        window = await empty_window(tmp_path, MANAGER, complete=False)
        window.page.route = route
        root.show(window.page)
        window.session.get_page_patch()
        await asyncio.sleep(0.1)
        said = texts(window.page)
        await window.app.detach_store()
        assert "正在下载你的资料" in said and not re.search("没有", said), said

    asyncio.run(run())
