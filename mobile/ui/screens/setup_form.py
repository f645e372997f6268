"""A row of settings data: the form of any entity, its prices when it is a product, and the way out of use."""

from decimal import Decimal
from typing import Any

import flet as ft

from mobile.store.queries import setup as queries
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import FormScreen
from mobile.ui.forms.model import FormModel
from mobile.ui.screens.actions import delete_with_undo, run_or_tell
from mobile.ui.screens.setup import label_of, missing
from shared.catalog import ENTITIES
from shared.errors import InvalidInput
from shared.ids import price_id
from shared.numbers import format_decimal, from_scaled
from shared.protocol import Command
from shared.validation import check_value

I = ft.Icons  # noqa: E741


@k.component
def SetupFormScreen() -> ft.Control:
    """``/setup/:entity/new`` and ``/setup/:entity/:row_id``."""
    app, given = use_app(), ft.use_route_params()
    entity, row_id = str(given["entity"]), str(given.get("row_id") or "")
    if entity not in queries.entities(app.actor.role):
        return missing()
    row = app.open_store.get(entity, row_id) if row_id else None
    if (row_id and row is None) or (
        not row_id and app.actor.role not in ENTITIES[entity].options.generic.get("create", ())
    ):
        return missing()
    return SetupForm(entity, row, key=row_id or f"new {entity}")


@k.component
def SetupForm(entity: str, row: dict[str, Any] | None) -> ft.Control:
    """The form."""
    page, app = ft.context.page, use_app()
    back = f"/setup/{entity}"
    amounts: dict[str, str] = ft.use_ref(lambda: _amounts(row)).current if entity == "product" else {}
    typed: dict[str, str] = ft.use_ref(dict).current
    name = k.local(row, ENTITIES[entity].options.title) if row else ""

    def saved(_: FormModel, commands: list[Command]) -> None:
        if commands:
            k.snack(page, k.t("screen.saved"))
        page.navigate(back)

    def adds(commands: list[Command]) -> list[Command]:
        product = row["id"] if row else commands[0].args["id"]
        return price_commands(product, amounts, typed) if entity == "product" else []

    def foot() -> ft.Control:
        parts = [Prices(amounts, typed)] if entity == "product" else []
        return k.col(*parts, *([OutOfUse(entity, row)] if row else []), gap=12)

    return FormScreen(
        lambda: FormModel(entity, app.actor, row, given=_place(entity, row)),
        name or k.t("setup.new", name=label_of(entity)),
        back,
        k.t("frame.save"),
        saved,
        subtitle=label_of(entity) if row else None,
        foot=foot,
        adds=adds,
        dirty=lambda: any(text.strip() != amounts[list_id] for list_id, text in typed.items()),
    )


def _place(entity: str, row: dict[str, Any] | None) -> dict[str, Any]:
    """A new row comes last."""
    if row is not None or "position" not in ENTITIES[entity].fields:
        return {}
    rows = queries.rows(use_app().open_store, entity)
    return {"position": max((one["position"] for one in rows), default=-1) + 1}


def _amounts(row: dict[str, Any] | None) -> dict[str, str]:
    """Price list → amount as text; empty where the product has none."""
    found = queries.prices(use_app().open_store, row["id"] if row else "")
    return {one["id"]: "" if one["amount"] is None else format_decimal(from_scaled(one["amount"])) for one in found}


def price_commands(product_id: str, amounts: dict[str, str], typed: dict[str, str]) -> list[Command]:
    """Commands for the amounts that were typed and differ. Raises ``CaravanError`` for what is no amount."""
    price = ENTITIES["price"]
    made = []
    for list_id, text in typed.items():
        text, before = text.strip(), amounts[list_id]
        if text == before:
            continue
        if not text:
            raise InvalidInput("required", field="amount", entity="price")
        amount = check_value(price, price.fields["amount"], text)
        row_id, wire = price_id(list_id, product_id), format_decimal(Decimal(amount))
        if before:
            made.append(Command("price.patch", {"id": row_id, "base": {"amount": before}, "values": {"amount": wire}}))
        else:
            values = {"price_list_id": list_id, "product_id": product_id, "amount": wire}
            made.append(Command("price.create", {"id": row_id, "values": values}))
    return made


@k.component
def Prices(amounts: dict[str, str], typed: dict[str, str]) -> ft.Control:
    """The product's price on each list; what is typed is kept in ``typed``."""
    lists = use_app().open_store.select("price_list", order_by="is_default DESC, name, id")

    def change(list_id: str) -> Any:
        def changed(event: Any) -> None:
            typed[list_id] = event.control.value

        return changed

    fields = [
        k.text_field(
            k.local(one, "name"),
            typed.get(one["id"], amounts.get(one["id"], "")),
            change(one["id"]),
            keyboard=ft.KeyboardType.NUMBER,
        )
        for one in lists
    ]
    return k.card(
        k.col(k.section_title(k.t("setup.prices")), k.caption(k.t("setup.prices.line"), lines=2), *fields, gap=12)
    )


@k.component
def OutOfUse(entity: str, row: dict[str, Any]) -> ft.Control:
    """Deleting what nothing points to, taking out of use what is needed by other rows."""
    page, app = ft.context.page, use_app()
    declared = ENTITIES[entity]
    used = queries.references(app.open_store, entity, row["id"])
    may_delete = app.actor.role in declared.options.generic.get("delete", ())
    name = k.local(row, declared.options.title)

    async def delete(_: object) -> None:
        yes = await k.ask(
            page, k.t("setup.delete", name=name), k.t("screen.delete.line"), k.t("screen.delete"), danger=True
        )
        if yes and delete_with_undo(page, app, entity, row["id"], saved=k.t("screen.deleted")):
            page.navigate(f"/setup/{entity}")

    def off(_: object) -> None:
        patch = {"id": row["id"], "base": {"active": True}, "values": {"active": False}}
        if run_or_tell(page, app, [Command(f"{entity}.patch", patch)], saved=k.t("setup.off.done", name=name)):
            k.settle(page)
            page.navigate(f"/setup/{entity}")

    if used:
        words = k.caption(k.t("setup.used", count=used), lines=2)
        if "active" not in declared.fields or not row["active"]:
            return words
        return k.col(words, k.button(k.t("setup.off"), off, icon=I.VISIBILITY_OFF_OUTLINED, kind="text"), stretch=False)
    if may_delete:
        return k.row(k.button(k.t("screen.delete"), delete, icon=I.DELETE_OUTLINE_ROUNDED, kind="text"))
    return ft.Container(height=0)
