"""What is done with a deal from its page and from the board: moved, won, sent on to a form, made into an order."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state import basket as baskets
from mobile.state.app import App
from mobile.store.queries import deals
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.routes import with_query
from mobile.ui.screens.actions import run_or_tell
from shared.codec import Row
from shared.protocol import Command
from shared.rules.deals import missing_fields

I = ft.Icons  # noqa: E741


def address(deal_id: str, **parameters: str) -> str:
    """The page of a deal; with ``edit``, ``move``, ``win``, ``lose``, ``cancel`` or ``reopen`` the form for that, and
    ``back`` is where one came from."""
    return with_query(f"/deals/{deal_id}", **{name: value for name, value in parameters.items() if value})


def move(page: ft.Page, app: App, deal_id: str, stage: Row, back: str = "") -> None:
    """Moves an open deal into an open stage, at once where nothing is missing, otherwise through the form that asks."""
    row = app.open_store.get("opportunity", deal_id)
    if row is None or row["state"] != "open" or row["stage_id"] == stage["id"]:
        return
    if missing_fields(row, stage):
        page.navigate(address(deal_id, move=stage["id"], back=back))
        return
    before = app.open_store.get("stage", row["stage_id"])

    def undo(_: Any) -> None:
        if before is not None:
            run_or_tell(page, app, [step("move", deal_id, before["id"], stage["id"])])

    if run_or_tell(page, app, [step("move", deal_id, stage["id"], row["stage_id"])]):
        said = k.t("deals.moved", stage=k.local(stage, "name"))
        k.snack(page, said, action=k.t("frame.undo"), on_action=undo)


def step(action: str, deal_id: str, stage_id: str, seen_stage_id: str, **more: str) -> Command:
    """The command of a step with the stage that the author sees."""
    seen = {"id": deal_id, "stage_id": stage_id, "seen_stage_id": seen_stage_id}
    return Command(f"opportunity.{action}", {**seen, **more})


async def win(page: ft.Page, app: App, deal_id: str, back: str = "") -> None:
    """Asks, then wins the deal and offers to write its order."""
    store = app.open_store
    row, ends = store.get("opportunity", deal_id), deals.stages(store, "won")
    if row is None or row["state"] != "open":
        return
    if not ends:
        k.snack(page, k.t("deals.no_end"), status="bad")
        return
    if missing_fields(row, ends[0]):
        page.navigate(address(deal_id, move=ends[0]["id"], back=back))
        return
    question = k.t("deals.win.ask", name=row["title"]), k.t("deals.win.line")
    if not await k.ask(page, *question, k.t("deals.win")):
        return
    if run_or_tell(page, app, [step("win", deal_id, ends[0]["id"], row["stage_id"])]):
        k.snack(
            page,
            k.t("deals.won"),
            action=k.t("screen.action.order"),
            on_action=lambda _: new_order(page, app, deal_id),
        )


def new_order(page: ft.Page, app: App, deal_id: str) -> None:
    """Opens the customer's basket as the order of this deal."""
    from mobile.ui.screens.order_new import order_address

    row = app.open_store.get("opportunity", deal_id)
    if row is None:
        return
    basket = baskets.load(app.open_store, row["account_id"], app.new_id)
    basket.opportunity_id = deal_id
    baskets.save(app.open_store, basket, app.now_ms())
    page.navigate(order_address(row["account_id"]))


@k.component
def DealMenu(deal_id: str, back: str, on_close: Callable[[], Any]) -> ft.Control:
    """All that can be done with a deal, for the sheet on phones and for cards of the board."""
    page, app = ft.context.page, use_app()
    row = app.open_store.get("opportunity", deal_id)
    if row is None:
        return k.soft(k.t("deals.gone"))
    tiles: list[ft.Control] = []

    def add(icon: Any, words: str, then: Callable[[], Any]) -> None:
        def chosen(_: Any) -> None:
            on_close()
            then()

        tiles.append(k.tile(words, leading=k.icon_avatar(icon), height=56, on_click=chosen, name=words))

    def form(**parameters: str) -> Callable[[], None]:
        return lambda: page.navigate(address(deal_id, back=back, **parameters))

    if row["state"] == "open":
        for stage in deals.stages(app.open_store, "open"):
            if stage["id"] != row["stage_id"]:
                words = k.t("deals.move_to", stage=k.local(stage, "name"))
                add(I.ARROW_FORWARD_ROUNDED, words, lambda stage=stage: move(page, app, deal_id, stage, back))
        add(I.EMOJI_EVENTS_OUTLINED, k.t("deals.win"), lambda: page.run_task(win, page, app, deal_id, back))
        add(I.TRENDING_DOWN_ROUNDED, k.t("deals.lose"), form(lose="1"))
        add(I.CANCEL_OUTLINED, k.t("deals.cancel"), form(cancel="1"))
        add(I.EDIT_OUTLINED, k.t("deals.edit"), form(edit="1"))
    else:
        add(I.EDIT_OUTLINED, k.t("deals.edit_note"), form(edit="1"))
        add(I.RESTART_ALT_ROUNDED, k.t("deals.reopen"), form(reopen="1"))
    add(I.ADD_SHOPPING_CART_ROUNDED, k.t("deals.order"), lambda: new_order(page, app, deal_id))
    return k.col(k.section_title(row["title"], 18), k.gap(12), k.list_card(*tiles))
