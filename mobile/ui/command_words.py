"""Unsent work in human words: one line for each transaction of the outbox."""

from collections.abc import Mapping
from typing import Any

import flet as ft

from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from shared.catalog import ENTITIES
from shared.numbers import parse_decimal
from shared.rules.orders import display_number

I = ft.Icons  # noqa: E741
ICONS: dict[str, Any] = {
    "account": I.PERSON_ADD_ALT_1_ROUNDED,
    "contact": I.CONTACT_PHONE_OUTLINED,
    "activity": I.EDIT_NOTE_ROUNDED,
    "order": I.RECEIPT_LONG_ROUNDED,
    "order_line": I.RECEIPT_LONG_ROUNDED,
    "opportunity": I.FLAG_OUTLINED,
    "stock": I.INVENTORY_2_OUTLINED,
    "lease": I.LOCK_OUTLINE_ROUNDED,
    "conflict": I.CALL_SPLIT_ROUNDED,
    "device": I.PHONELINK_OFF_OUTLINED,
    "quarantine": I.ASSIGNMENT_TURNED_IN_OUTLINED,
    "feedback": I.FORUM_OUTLINED,
}
DEAL_STEPS = ("open", "move", "win", "lose", "cancel", "reopen")
LEADING = ("order.submit", "order.cancel", *(f"opportunity.{step}" for step in DEAL_STEPS))
"""What a transaction of many commands is about, when one of these is among them."""


def describe(store: SqliteStore, commands: list[dict[str, Any]]) -> tuple[Any, str]:
    """Icon and words of a transaction: *New customer Kunming Tuoling*, *Order TMP-7K2QX, ¥10,562.40*."""
    if not commands:
        return I.SYNC_ROUNDED, k.t("frame.act.other", entity="")
    chosen = next((command for command in commands if command["name"] in LEADING), commands[0])
    entity, _, action = chosen["name"].partition(".")
    icon = ICONS.get(entity, I.EDIT_OUTLINED)
    return icon, _words(store, entity, action, chosen["args"])


def _words(store: SqliteStore, entity: str, action: str, args: Mapping[str, Any]) -> str:
    if entity == "order" and action in ("submit", "cancel"):
        return _order(store, action, args)
    if entity == "stock":
        product = store.get("product", args["product_id"])
        count = k.format_quantity(parse_decimal(args["quantity" if action == "receive" else "counted"]))
        return k.t(f"frame.act.stock.{action}", product=k.local(product, "name") if product else "", count=count)
    if entity == "lease":
        lease = store.get("stock_lease", str(args.get("lease_id") or args["id"]))
        product = store.get("product", lease["product_id"]) if lease else None
        return k.t(f"frame.act.lease.{action}", product=k.local(product, "name") if product else "")
    if entity == "conflict":
        row = store.get("conflict", args["conflict_id"])
        return k.t("frame.act.conflict", title=row["title"] if row else "")
    if entity == "quarantine":
        row = store.get("quarantine_item", args["item_id"])
        return k.t(f"frame.act.quarantine.{action}", title=row["title"] if row else "")
    if entity == "device":
        return k.t("frame.act.device")
    if entity == "activity":
        return _activity(store, action, args)
    if entity == "opportunity" and action in DEAL_STEPS:
        return k.t(f"frame.act.opportunity.{action}", title=_title(store, entity, args))
    if action in ("share", "unshare"):
        return k.t(f"frame.act.{entity}.{action}", title=_title(store, entity, args))
    name = k.t(f"entity.{entity}") if entity in ENTITIES else entity
    if action in ("create", "patch", "delete", "restore", "assign"):
        return k.t(f"frame.act.{action}", entity=name, title=_title(store, entity, args))
    return k.t("frame.act.other", entity=name)


def _title(store: SqliteStore, entity: str, args: Mapping[str, Any]) -> str:
    if entity not in ENTITIES:
        return ""
    title = ENTITIES[entity].options.title
    row = store.get(entity, str(args.get("id", "")))
    return str((row or {}).get(title) or (args.get("values") or {}).get(title) or "")


def _order(store: SqliteStore, action: str, args: Mapping[str, Any]) -> str:
    row = store.get("order", args["order_id"])
    if row is None:
        return k.t(f"frame.act.order.{action}", number="", amount="")
    amount = k.format_money(row["total"], row["currency"])
    return k.t(f"frame.act.order.{action}", number=display_number(row), amount=amount)


def _activity(store: SqliteStore, action: str, args: Mapping[str, Any]) -> str:
    values = args.get("values") or {}
    row = store.get("activity", str(args.get("id", "")))
    account = store.get("account", str((row or values).get("account_id") or ""))
    name = account["name"] if account else ""
    if action == "create":
        return k.t("frame.act.activity.create", name=name)
    if set(values) == {"done_at"}:
        return k.t("frame.act.activity.done" if values["done_at"] else "frame.act.activity.undone", name=name)
    return k.t("frame.act.activity.change", name=name)
