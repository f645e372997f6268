"""Settings data on screen: one list and one form for every entity, in order, out of use, with prices."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from mobile.store.queries import setup
from mobile.ui import root
from mobile.ui.screens.setup_form import price_commands
from shared.errors import CaravanError
from shared.ids import derived_id, price_id
from shared.labels import entity_label
from shared.protocol import Command
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import ADMIN, LAMP, MANAGER, ORG, PRICES, REP, TENT, WAREHOUSE


async def seen(folder: Path, user_id: str, language: str, width: int, *routes: str) -> list[str]:
    window, _ = await open_window(folder, user_id, language, width, dark=width == 800)
    told = []
    for route in routes:
        window.page.route = route
        root.show(window.page)
        window.session.get_page_patch()
        told.append(texts(window.page))
        assert list(window.app.errors.entries) == [], route
    await window.app.detach_store()
    return told


@pytest.mark.parametrize(("language", "width"), [("zh", 360), ("en", 800), ("en", 1440)])
def test_an_administrator_edits_every_kind_in_one_way(tmp_path: Path, language: str, width: int) -> None:
    names = setup.entities("admin")
    assert {"stage", "lost_reason", "lead_source", "event", "product", "warehouse", "team", "organisation"} <= {*names}
    routes = ["/setup", *(f"/setup/{name}" for name in names), *(f"/setup/{name}/new" for name in names)]
    told = asyncio.run(seen(tmp_path, ADMIN, language, width, *routes))
    for name in names:
        assert entity_label(language, name) in told[0]
    assert "Tent" in told[1 + names.index("product")]


def test_what_a_role_may_not_edit_is_absent(tmp_path: Path) -> None:
    (home, listed, form) = asyncio.run(
        seen(tmp_path / "m", MANAGER, "zh", 360, "/setup", "/setup/team", "/setup/team/new")
    )
    assert "阶段" in home and "\n团队\n" not in home
    assert "没有可编辑" in listed and "没有可编辑" in form
    (rep,) = asyncio.run(seen(tmp_path / "r", REP, "zh", 360, "/setup"))
    assert "没有可编辑" in rep


def test_order_references_and_prices_follow_from_the_rows(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, ADMIN, "zh", 360, dark=False)
        app, store = window.app, window.app.open_store
        ids = [derived_id("reason", number) for number in range(3)]
        for number, row_id in enumerate(ids):
            values = {"name": f"我们的原因 {number}", "position": 1_000 + number * 10}
            app.act(Command("lost_reason.create", {"id": row_id, "values": values}))

        def shown(text: str = "") -> list[str]:
            return [row["id"] for row in setup.rows(store, "lost_reason", text) if row["id"] in ids]

        last = len(setup.rows(store, "lost_reason")) - 1
        app.act(*setup.reordered(setup.rows(store, "lost_reason"), "lost_reason", last, -1))
        assert shown() == [ids[0], ids[2], ids[1]]
        assert [row["position"] for row in setup.rows(store, "lost_reason")] == list(range(last + 1))
        assert setup.reordered(setup.rows(store, "lost_reason"), "lost_reason", 0, -1) == []
        app.act(Command("lost_reason.patch", {"id": ids[0], "base": {"active": True}, "values": {"active": False}}))
        assert shown() == [ids[2], ids[1], ids[0]] and shown("们的原因 1") == [ids[1]]
        assert setup.references(store, "lost_reason", ids[0]) == 0
        assert setup.references(store, "warehouse", WAREHOUSE) >= 2
        other = derived_id("list")
        app.act(Command("price_list.create", {"id": other, "values": {"name": "批发价"}}))
        before = {PRICES: "528", other: ""}
        app.act(*price_commands(TENT, before, {PRICES: "499.5", other: "400"}))
        found = {row["id"]: row["amount"] for row in setup.prices(store, TENT)}
        assert found == {PRICES: 4_995_000, other: 4_000_000}
        assert store.get("price", price_id(other, TENT))["amount"] == Decimal(400)
        assert price_commands(LAMP, before, {PRICES: "528"}) == []
        for wrong in ("", "free", "-1"):
            with pytest.raises(CaravanError):
                price_commands(TENT, before, {PRICES: wrong})
        assert app.open_store.get("organisation", ORG) is not None
        await app.detach_store()

    asyncio.run(run())
