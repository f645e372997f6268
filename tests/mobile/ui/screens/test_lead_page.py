"""A lead becomes a customer with a deal, also where the first stage asks for something that no lead knows."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.store.queries import deals
from mobile.ui import root
from mobile.ui.screens.deal_forms import DealOfLead
from shared.codec import Row
from shared.commands.leads import became
from shared.protocol import Command
from tests.mobile.ui.conftest import Window
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.mobile.ui.screens.test_lead_new import find
from tests.support.company import REP


async def show(window: Window, route: str) -> list[str]:
    """Shows the route; the addresses that it leads to from now on."""
    went: list[str] = []
    window.page.navigate = went.append  # type: ignore[method-assign,assignment]
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    return went


def first_stage_asks(app: App, *fields: str) -> Row:
    store = app.open_store
    (stage,) = deals.stages(store, "open")[:1]
    with store.transaction():
        store.put("stage", {**stage, "required_fields": list(fields)}, 2)
    return stage


def amount_field(page: ft.Page) -> Any:
    for view in page.views if isinstance(page.views, list) else [page.views]:
        for control in inside(view):
            if isinstance(control, ft.TextField) and "金额" in str(control.label):
                return control
    raise AssertionError("no field for the amount")


async def story(folder: Path) -> None:
    window, ids = await open_window(folder, REP, "zh", 390, dark=False)
    app, store, lead_id = window.app, window.app.open_store, ids["lead"]
    stage = first_stage_asks(app, "amount", "contact_id")
    went = await show(window, f"/leads/{lead_id}")
    find(window.page, ft.FilledButton, "转客户并建商机").on_click(None)
    account_id = became(ids["customer"], "account")  # that customer has the same number
    assert went == [f"/deals/new?lead={lead_id}&back=%2Fcustomers%2F{account_id}"]
    went = await show(window, went[0])
    assert "昆明驼铃山野旅行用品店" in texts(window.page), "the title is the lead's company"
    save = find(window.page, ft.FilledButton, "保存商机")
    save.on_click(None)
    assert went == [] and store.get("opportunity", became(lead_id, "opportunity")) is None, "the amount is asked for"
    field = amount_field(window.page)
    field.on_change(type("Event", (), {"control": type("Field", (), {"value": "1200"})}))
    save.on_click(None)
    deal, lead = store.get("opportunity", became(lead_id, "opportunity")), store.get("lead", lead_id)
    assert deal is not None and lead is not None
    assert went == [f"/deals/{deal['id']}"] and lead["opportunity_id"] == deal["id"]
    assert (deal["account_id"], deal["stage_id"], str(deal["amount"])) == (account_id, stage["id"], "1200")
    assert (deal["lead_id"], deal["event_id"], deal["contact_id"]) == (lead_id, lead["event_id"], lead["contact_id"])
    assert app.errors.entries == []
    await app.detach_store()


def test_customer_and_deal_leads_to_the_form_where_the_first_stage_asks(tmp_path: Path) -> None:
    asyncio.run(story(tmp_path))


def test_the_form_asks_nothing_that_the_lead_says(tmp_path: Path) -> None:
    async def play() -> None:
        window, ids = await open_window(tmp_path, REP, "zh", 390, dark=False)
        app = window.app
        app.act(Command("lead.convert", {"id": ids["lead"]}))
        lead = app.open_store.get("lead", ids["lead"])
        assert lead is not None
        asked = {field.name for field in DealOfLead(app.actor, lead, "stage").fields}
        assert "source_id" in asked and not asked & {"event_id", "contact_id"}
        await app.detach_store()

    asyncio.run(play())
