"""Every working screen draws itself over a real store: both languages, three widths, light and dark, all roles."""

import asyncio
import dataclasses
import shutil
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import flet as ft
import pytest
from flet.components.component import Component
from flet.controls.context import _context_page

from mobile.state import basket as baskets
from mobile.state.attachments import TakenFile
from mobile.state.session import SessionInfo, SignedInOrg, SignedInUser
from mobile.ui import root
from shared.access import can_see
from shared.catalog import ENTITIES
from shared.ids import derived_id
from shared.protocol import Command
from shared.timezone import business_date
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.large_text import cut
from tests.mobile.ui.names import complaints
from tests.support.company import ACCOUNT, LAMP, MANAGER, NOW, ORG, REP, TEAM, TENT, WAREHOUSE, Company
from tests.support.deals import CONTACTED, DEAL, QUOTED, TALKING, lost, moved, opened, with_stages, won
from tests.support.files import GOOD, digest, png

TIME_ZONE = "Asia/Shanghai"
WON_DEAL, LOST_DEAL = derived_id("won deal"), derived_id("lost deal")
ROUTES = {
    "/customers": "山野户外",
    "/customers/new": "*",
    f"/customers/{ACCOUNT}": "山野户外",
    f"/customers/{ACCOUNT}?new=activity": "山野户外",
    f"/customers/{ACCOUNT}?new=contact": "山野户外",
    f"/customers/{ACCOUNT}/edit": "山野户外",
    f"/customers/{ACCOUNT}?people=share": "rep",
    f"/customers/{ACCOUNT}?people=assign": "*",
    f"/customers/{ACCOUNT}?file={{photo}}": "booth.png",
    f"/customers/{ACCOUNT}?file={{paper}}": "offer.pdf",
    f"/customers/{ACCOUNT}?file=none": "*",
    "/customers/none": "*",
    "/leads": "陈立群",
    "/leads/new": "深圳户外展",
    "/leads/close": "陈立群",
    "/leads/assign": "*",
    "/team": "*",
    "/leads/{lead}": "昆明驼铃",
    "/leads/{lead}/edit": "陈立群",
    "/leads/{lead}?file={card}": "card.png",
    "/leads/{customer}": "赵一",
    "/leads/none": "*",
    "/deals": "秋冬帐篷",
    "/deals?state=won": "赢来的",
    "/deals/new": "山野户外",
    f"/deals/new?account={ACCOUNT}": "山野户外",
    f"/deals/{DEAL}": "秋冬帐篷",
    f"/deals/{DEAL}?edit=1": "秋冬帐篷",
    f"/deals/{DEAL}?move={TALKING}": "秋冬帐篷",
    f"/deals/{DEAL}?lose=1": "秋冬帐篷",
    f"/deals/{DEAL}?cancel=1": "秋冬帐篷",
    f"/deals/{WON_DEAL}": "赢来的",
    f"/deals/{WON_DEAL}?reopen=1": "赢来的",
    f"/deals/{LOST_DEAL}": "丢掉的",
    "/deals/none": "*",
    "/pipeline": "秋冬帐篷",
    "/catalogue": "Tent",
    "/order/new": "山野户外",
    f"/order/new?account={ACCOUNT}": "Tent",
    f"/order/new?account={ACCOUNT}&step=review": "Tent",
    "/orders": "TMP-",
    "/orders/{order}": "TMP-",
    "/orders/none": "*",
    "/inbox": "山野户外",
    "/inbox?edit={refused}": "山野户外",
    "/inbox?show=handovers": "山野户外",
    "/stock": "Tent",
    f"/stock?product={LAMP}": "Lamp",
    "/leases": "Tent",
    "/": "Tent",
    "/dashboard": "¥",
    "/dashboard?period=week": "¥",
    "/dashboard?period=quarter": "¥",
    "/dashboard?period=year": "¥",
    "/log": "*",
    f"/log/account/{ACCOUNT}": "*",
    "/dashboard/leads?state=new&source=-&first=2020-01-01": "*",
    f"/dashboard/deals?state=ended&owner={REP}&stage=none": "*",
    "/orders?first=2020-01-01&last=2030-12-31&city=-&source=-&currency=CNY": "TMP-",
    f"/follow-ups?late=3&owner={REP}": "山野户外",
}
"""Route → a text that must be on the screen."""


def inside(control: Any) -> Iterator[Any]:
    """The control, what components made, and everything below."""
    yield control
    if isinstance(control, Component):
        for item in control._b if isinstance(control._b, list) else [control._b]:
            if item is not None:
                yield from inside(item)
        return
    for field in dataclasses.fields(control):
        value = None if field.name.startswith("_") else getattr(control, field.name, None)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ft.BaseControl):
                yield from inside(item)


def texts(page: ft.Page) -> str:
    found = []
    for view in page.views if isinstance(page.views, list) else [page.views]:
        for control in inside(view):
            for name in ("value", "label", "title", "content", "semantics_label", "tooltip"):
                value = getattr(control, name, None)
                if isinstance(value, str):
                    found.append(value)
    return "\n".join(found)


_made: dict[tuple[str, str], tuple[Path, dict[str, str]]] = {}
"""Data folder and ids by user and day: the work is done once, and copied."""
_folder = tempfile.TemporaryDirectory(prefix="caravan-screens-")


async def open_window(
    folder: Path, user_id: str, language: str, width: int, *, dark: bool
) -> tuple[Window, dict[str, str]]:
    """The app of a user with work of all kinds on the device, and the ids of some of it by name."""
    made = user_id, business_date(time.time_ns() // 1_000_000, TIME_ZONE).isoformat()
    if made not in _made:
        place = Path(_folder.name) / str(len(_made))
        window = await _open(place, user_id, "zh", 360, dark=False)
        _fill(window, user_id)
        _made[made] = place, _work(window, user_id)
        await window.app.detach_store()
    place, ids = _made[made]
    shutil.copytree(place, folder, dirs_exist_ok=True)
    return await _open(folder, user_id, language, width, dark=dark), dict(ids)


async def _open(folder: Path, user_id: str, language: str, width: int, *, dark: bool) -> Window:
    window = Window(folder)
    window.wire.loop = asyncio.get_running_loop()
    _context_page.set(window.page)
    look = window.app.look
    look.language, look.width, look.mode = language, float(width), "dark" if dark else "light"
    user = Company().rows["user", user_id]
    info = SessionInfo(
        user=SignedInUser(user_id, user["name"], user["login"], user["role"], user["home_team_id"], "10"),
        org=SignedInOrg(ORG, "驼峰户外", TIME_ZONE, "CNY"), device_id="d", lease_until=NOW * 2,
    )  # fmt: skip
    app = window.app
    app.start_exchange = lambda: None  # type: ignore[method-assign]
    root.prepare(window.page, app)
    look.width = float(width)
    await app.doors.open(info)
    return window


def _fill(window: Window, user_id: str) -> None:
    """The small company, as the user sees it."""
    company = with_stages(Company())
    store, actor = window.app.open_store, company.actor(user_id)
    with store.transaction():
        for (name, _), row in company.rows.items():
            if ENTITIES[name].on_devices and can_see(actor, ENTITIES[name], row):
                store.put(name, row, 1)
        store.set_meta("complete", "1")


def _work(window: Window, user_id: str) -> dict[str, str]:
    """An order, a basket, a follow-up, and one inbox row of each kind."""
    app, store = window.app, window.app.open_store
    basket = baskets.load(store, ACCOUNT, app.new_id)
    for product_id, units in ((TENT, 2), (LAMP, 3)):
        basket.set_quantity(product_id, Decimal(units))
    commands = baskets.submit_commands(store, basket, app.actor, "CNY", app.new_id)
    app.act(*commands)
    again = baskets.load(store, ACCOUNT, app.new_id)
    again.set_quantity(TENT, Decimal(1))
    baskets.save(store, again, app.now_ms())
    due = {"account_id": ACCOUNT, "channel": "call", "body": "谈了", "due_on": "2020-01-01"}
    follow_up = app.new_id()
    app.act(Command("activity.create", {"id": follow_up, "values": due}))
    photo, paper = _files(window, follow_up)
    leads = _leads_of(window)
    _deals(window)
    refused = app.new_id()
    patch = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}}
    order = [{"name": one.name, "args": one.args} for one in commands]
    short = [{"line_id": "l", "sku": "LAMP", "name": "Lamp", "wanted": "3", "taken": "1", "short": "2"}]
    rows = [
        {"id": refused, "kind": "rejection", "code": "required", "field": "city", "title": "山野户外",
         "payload": [{"name": "account.patch", "args": patch}]},
        {"id": app.new_id(), "kind": "rejection", "code": "out_of_stock", "payload": order,
         "params": {"number": "TMP-1", "lines": short}},
        {"id": app.new_id(), "kind": "shortage", "code": "backordered", "row_id": basket.order_id, "title": "SO-1",
         "params": {"number": "SO-1", "lines": short}},
        {"id": app.new_id(), "kind": "field", "entity": "account", "row_id": ACCOUNT, "field": "phone",
         "title": "山野户外",
         "base": {"phone": ""}, "mine": {"phone": "1"}, "theirs": {"phone": "2"}, "code": "field_conflict",
         "mine_at": NOW, "theirs_at": NOW, "theirs_by": MANAGER},
    ]  # fmt: skip
    rows.append({"id": app.new_id(), "kind": "lease", "code": "lease_taken_back", "title": "Tent",
                 "params": {"name": "Tent", "sku": "TENT", "event": "广州展", "units": "2"}})  # fmt: skip
    _leases(window, user_id)
    rows.append({"id": app.new_id(), "kind": "rejection", "code": "handed_over", "title": "山野户外",
                 "payload": [{"name": "account.patch", "args": patch}]})  # fmt: skip
    _handed_over(window, patch, order)
    with store.transaction():
        for row in rows:
            full = {name: field.default for name, field in ENTITIES["conflict"].fields.items()}
            filled = {"org_id": ORG, "owner_id": user_id, "tx_id": app.new_id(), "created_at": NOW, "updated_at": NOW,
                      "stamps": {}, "custom": {}, **row}  # fmt: skip
            store.put("conflict", {**full, **filled}, 1)
    return {"order": basket.order_id, "refused": refused, "photo": photo, "paper": paper, **leads}


def _deals(window: Window) -> None:
    """A deal that was moved and has an expected close in the past, one that was won, one that was lost."""
    steps = (
        opened(expected_close="2020-01-01", probability="35", note="先看样品"),
        moved(QUOTED, CONTACTED),
        opened(WON_DEAL, title="赢来的", amount="12000.50"),
        won(CONTACTED, WON_DEAL),
        opened(LOST_DEAL, title="丢掉的"),
        lost(CONTACTED, LOST_DEAL, note="报低 8%"),
    )
    for step in steps:
        window.app.act(Command(*step))


def _files(window: Window, follow_up: str) -> tuple[str, str]:
    """A photo on the follow-up and a document of the customer."""
    app = window.app
    photo = TakenFile("booth.png", "image/png", png(4, 4), digest(png(4, 4)), 4, 4, png(2, 2))
    content = GOOD["application/pdf"]
    paper = TakenFile("offer.pdf", "application/pdf", content, digest(content))
    commands = [
        *app.attachments.commands([photo], account_id=ACCOUNT, activity_id=follow_up),
        *app.attachments.commands([paper], account_id=ACCOUNT),
    ]
    for file in (photo, paper):
        for _ in app.attachments.shelf.staging(file.sha256, file.data, own=True):
            pass
    app.act(*commands, beside=lambda: app.attachments.publish([photo, paper]))
    return commands[0].args["id"], commands[1].args["id"]


def _leads_of(window: Window) -> dict[str, str]:
    """A show that runs today, a lead with a photo that may be known already, one that became a customer."""
    app = window.app
    today, event, ids = app.today().isoformat(), app.new_id(), {name: app.new_id() for name in ("lead", "customer")}
    rows: dict[str, dict[str, Any]] = {
        "event": {"id": event, "name": "深圳户外展", "starts_on": today, "ends_on": today,
                  "qualifiers": "*想要什么 / Wants: 帐篷 / Tents, 灯具 / Lamps"},
        "lead_source": {"id": app.new_id(), "name": "展会"},
    }  # fmt: skip
    with app.open_store.transaction():
        for name, row in rows.items():
            blank = {field.name: field.default for field in ENTITIES[name].fields.values()}
            app.open_store.put(name, {**blank, "org_id": ORG, "stamps": {}, "custom": {}, **row}, 1)
    known = {"name": "陈立群", "phone": "138 2660 4471", "company": "昆明驼铃山野旅行用品店", "event_id": event,
             "next_step": "发报价", "next_step_on": today}  # fmt: skip
    other = {"name": "赵一", "phone": "138 2660 4471", "note": "要样品", "answers": ["想要什么:帐篷"], "consent": True}
    app.act(
        ("lead.create", {"id": ids["lead"], "values": known}),
        ("lead.create", {"id": ids["customer"], "values": other}),
        ("lead.convert", {"id": ids["customer"]}),
    )
    card = TakenFile("card.png", "image/png", png(5, 3), digest(png(5, 3)), 5, 3, png(2, 2))
    commands = app.attachments.commands([card], lead_id=ids["lead"])
    for _ in app.attachments.shelf.staging(card.sha256, card.data, own=True):
        pass
    app.act(*commands, beside=lambda: app.attachments.publish([card]))
    return {**ids, "card": commands[0].args["id"]}


def _leases(window: Window, user_id: str) -> None:
    """Show stock in every state: on this device, offered, over by the clock, elsewhere, ended."""
    app, store = window.app, window.app.open_store
    day = 86_400_000
    made = (("active", "d", 2 * day), ("offered", None, day), ("active", "d", -day), ("active", "other", day // 2),
            ("reclaimed", "d", day), ("claiming", None, day), ("active", "revoked", day))  # fmt: skip
    blank = {name: field.default for name, field in ENTITIES["stock_lease"].fields.items()}
    with store.transaction():
        for state, device_id, until in made:
            filled = {"id": app.new_id(), "org_id": ORG, "owner_id": user_id, "team_id": TEAM, "product_id": TENT,
                      "warehouse_id": WAREHOUSE, "stock_level_id": "s", "event_name": "广州展", "state": state,
                      "quantity": Decimal(3), "drawn": Decimal(1), "expires_at": app.now_ms() + until,
                      "device_id": device_id, "device_name": "phone", "created_at": NOW, "updated_at": NOW,
                      "device_gone_at": NOW if device_id == "revoked" else None,
                      "stamps": {}, "custom": {}}  # fmt: skip
            store.put("stock_lease", {**blank, **filled}, 1)


def _handed_over(window: Window, patch: dict[str, Any], order: list[dict[str, Any]]) -> None:
    """Work of the rep on the manager's desk: two open pieces and a dismissed one."""
    app, store = window.app, window.app.open_store
    made = ({"reason": "scope", "payload": [{"name": "account.patch", "args": patch}]},
            {"reason": "device", "payload": order},
            {"reason": "dependency", "state": "dismissed", "note": "重复", "settled_at": NOW, "settled_by": MANAGER,
             "payload": order})  # fmt: skip
    blank = {name: field.default for name, field in ENTITIES["quarantine_item"].fields.items()}
    with store.transaction():
        for item in made if app.actor.role != "rep" else ():
            filled = {"id": app.new_id(), "org_id": ORG, "team_id": TEAM, "tx_id": app.new_id(), "author_id": REP,
                      "device_name": "phone", "occurred_at": NOW, "account_id": ACCOUNT, "created_at": NOW,
                      "updated_at": NOW, "stamps": {}, "custom": {}, **item}  # fmt: skip
            store.put("quarantine_item", {**blank, **filled}, 1)


async def _draw(
    folder: Path, user_id: str, language: str, width: int, *, dark: bool
) -> dict[str, tuple[str, list[Any], list[str]]]:
    """Text of every route, its errors (what failed, what text at 130 % would be cut off), and wrong names."""
    seen = {}
    for number, route in enumerate(ROUTES):
        window, ids = await open_window(folder / str(number), user_id, language, width, dark=dark)
        window.page.route = route.format(**ids)
        root.show(window.page)
        window.session.get_page_patch()  # what a client gets when it registers: every component draws itself
        views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
        wrong = [words for view in views for words in complaints(view)]
        too_low = [words for view in views for words in cut(inside(view))]
        seen[route] = texts(window.page), [*window.app.errors.entries, *too_low], wrong
        await window.app.detach_store()
    return seen


@cache
def drawn(user_id: str, language: str, width: int, dark: bool) -> dict[str, tuple[str, list[Any], list[str]]]:
    """Text, errors and wrong names of every route."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_draw(Path(folder), user_id, language, width, dark=dark))


@pytest.mark.parametrize(("user_id", "language", "width", "dark"), [
    (REP, "zh", 360, False), (REP, "en", 360, True), (MANAGER, "zh", 800, True), (REP, "en", 800, False),
    (MANAGER, "en", 1440, True), (REP, "zh", 1440, False),
])  # fmt: skip
def test_every_screen_draws_itself(user_id: str, language: str, width: int, dark: bool) -> None:
    seen = drawn(user_id, language, width, dark)
    assert {route: wrong for route, (_, _, wrong) in seen.items() if wrong} == {}, "names that a screen reader reads"
    for route, wanted in ROUTES.items():
        text, errors, _ = seen[route]
        assert errors == [], route
        assert len(text) > 20, route
        if wanted != "*":
            assert wanted.lower() in text.lower(), route


def test_the_same_screens_speak_both_languages() -> None:
    chinese, english = drawn(REP, "zh", 360, False), drawn(REP, "en", 360, True)
    for route in ROUTES:
        assert chinese[route][0] != english[route][0], route
