"""The deals of a customer, on the customer's page."""

from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.routes import with_query
from mobile.ui.screens.deal_parts import deal_row

I = ft.Icons  # noqa: E741


def deals_tab(page: ft.Page, account_id: str, rows: list[dict[str, Any]]) -> list[ft.Control]:
    """Open ones first; a button for a new one."""

    def new(_: Any) -> None:
        page.navigate(with_query("/deals/new", account=account_id, back=f"/customers/{account_id}"))

    if not rows:
        blank = k.t("deals.none"), k.t("deals.none.customer")
        return [k.empty_state(*blank, icon=I.FLAG_OUTLINED, action=k.t("deals.new"), on_action=new)]
    today = use_app().today()
    tiles = [deal_row(row, today, lambda row_id: page.navigate(f"/deals/{row_id}"), customer=False) for row in rows]
    return [
        k.list_card(*tiles, inset=16),
        k.gap(12),
        k.button(k.t("deals.new"), new, icon=I.ADD_ROUNDED, kind="tonal"),
    ]
