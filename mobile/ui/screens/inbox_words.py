"""Commands and values in human words: everything that a refused change contained, line by line."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from mobile.store.queries import inbox
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.table import format_value
from mobile.ui.screens.order_parts import line_name, product_name
from mobile.ui.words import size_words
from shared.catalog import ENTITIES
from shared.entities.deals import MOVES
from shared.entities.record import COMMON
from shared.labels import entity_label, field_label
from shared.numbers import parse_decimal
from shared.rules.media import length_words

Line = tuple[str, str]
"""(label, value); the label alone is a heading."""
HIDDEN = frozenset(
    {"position", "price_list_id", "tax_rate", "order_id", "currency", "sku", "sha256", "media_type", "width", "height"}
)
"""Of no use to a person who reads what was refused."""
MEASURES = {"size": size_words, "seconds": length_words}
"""Of an attachment, as its row shows them."""


def value_words(entity: str, name: str, value: Any) -> str:
    """A value in wire form as people read it."""
    field = ENTITIES[entity].fields.get(name)
    if field is None:
        return str(value)
    if entity == "attachment" and name in MEASURES and isinstance(value, int):
        return MEASURES[name](value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {item}" for key, item in value.items() if item is not None) or "—"
    if field.is_decimal and isinstance(value, str):
        try:
            value = parse_decimal(value)
        except ValueError:
            return str(value)
    return format_value(entity, field, value)


def values_words(entity: str, values: Mapping[str, Any]) -> str:
    """Several values of one merge group, in one text."""
    if len(values) == 1:
        return value_words(entity, *next(iter(values.items())))
    language = k.look().language
    return "\n".join(
        f"{field_label(language, entity, name)}: {value_words(entity, name, value)}" for name, value in values.items()
    )


def describe(store: SqliteStore, commands: Sequence[Mapping[str, Any]]) -> list[Line]:
    """All commands of a transaction, each with what it carried."""
    lines: list[Line] = []
    for command in commands:
        lines += _describe(store, str(command["name"]), command.get("args") or {})
    return lines


def _describe(store: SqliteStore, name: str, args: Mapping[str, Any]) -> list[Line]:
    entity, _, action = name.partition(".")
    if name == "order_line.create":
        return [_order_line(store, args.get("values") or {})]
    if name in ("order.submit", "order.cancel"):
        return [(k.t(f"screen.did.{name}"), "")]
    if entity == "stock":
        return _stock(store, name, args)
    if entity == "lease":
        return _lease(store, name, args)
    if name in ("account.share", "account.unshare"):
        what, who = entity_label(k.look().language, entity), inbox.name_of(store, "user", args.get("user_id"))
        return [(k.t(f"screen.did.{name}", what=what, name=_title(store, entity, args), who=who), "")]
    if entity == "quarantine":
        return _handover(store, name, args)
    if name in MOVES:
        return _deal(store, name, args)
    if entity not in ENTITIES or action not in ("create", "patch", "delete", "restore", "assign"):
        return [(name, "")]
    title = k.t(f"screen.did.{action}", what=entity_label(k.look().language, entity), name=_title(store, entity, args))
    return [(title.rstrip(" :："), ""), *_fields(entity, action, args)]


def _deal(store: SqliteStore, name: str, args: Mapping[str, Any]) -> list[Line]:
    """A step of a deal: where to and why; of a new one what it carried."""
    stage = k.local(store.get("stage", str(args.get("stage_id"))) or {}, "name")
    heading = k.t(f"screen.did.{name}", name=_title(store, "opportunity", args), stage=stage)
    reason = k.local(store.get("lost_reason", str(args.get("reason_id"))) or {}, "name") or args.get("reason", "")
    said = " · ".join(filter(None, [reason, args.get("note", "")]))
    return [(heading, said), *_fields("opportunity", "create", args)]


def _fields(entity: str, action: str, args: Mapping[str, Any]) -> list[Line]:
    """The values that a command carries, each with what it was."""
    lines: list[Line] = []
    base = args.get("base") or {}
    for field, value in (args.get("values") or {}).items():
        if field in HIDDEN or field in COMMON or (action == "create" and value in ("", None, [])):
            continue
        words = value_words(entity, field, value)
        if action == "patch":
            words = f"{value_words(entity, field, base.get(field))} → {words}"
        lines.append((field_label(k.look().language, entity, field), words))
    return lines


def _handover(store: SqliteStore, name: str, args: Mapping[str, Any]) -> list[Line]:
    item = store.get("quarantine_item", str(args.get("item_id"))) or {}
    who = inbox.name_of(store, "user", item.get("author_id"))
    heading = (k.t(f"screen.did.{name}", name=who, reason=args.get("reason", "")), "")
    return [heading, *describe(store, inbox.commands_of(item.get("payload")))]


def _title(store: SqliteStore, entity: str, args: Mapping[str, Any]) -> str:
    title = ENTITIES[entity].options.title
    given = (args.get("values") or {}).get(title)
    return str(given or inbox.name_of(store, entity, args.get("id"), title) or "")


def ordered_name(store: SqliteStore, line: Mapping[str, Any]) -> str:
    """What a line with ``product_id`` or ``sku`` is called in the window's language; lines keep the Chinese name."""
    product = store.get("product", str(line.get("product_id"))) or next(
        iter(store.select("product", "sku = ?", (line.get("sku"),), limit=1)), {}
    )
    return line_name({**product, "name": line.get("name") or line.get("sku") or ""})


def in_our_language(store: SqliteStore, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """A refusal's ``params`` with the product, which the server names as the line does, in the window's language."""
    given = dict(params or {})
    return {**given, "name": ordered_name(store, given)} if given.get("sku") and given.get("name") else given


def _order_line(store: SqliteStore, values: Mapping[str, Any]) -> Line:
    price = k.format_money(_decimal(values.get("unit_price")), use_app().currency)
    words = f"{k.format_quantity(_decimal(values.get('quantity')))} × {price}"
    if _decimal(values.get("discount")):
        words += f" · −{k.format_quantity(_decimal(values.get('discount')))}%"
    return ordered_name(store, values), words


def _decimal(value: Any) -> Decimal:
    try:
        return parse_decimal(str(value or "0"))
    except ValueError:
        return Decimal(0)


def _lease(store: SqliteStore, name: str, args: Mapping[str, Any]) -> list[Line]:
    lease = store.get("stock_lease", str(args.get("lease_id") or args.get("id") or "")) or {}
    product = inbox.name_of(store, "product", args.get("product_id") or lease.get("product_id"))
    holder = inbox.name_of(store, "user", args.get("holder_id") or lease.get("owner_id"))
    lines: list[Line] = [(k.t(f"screen.did.{name}"), "")]
    if product:
        lines.append((product, str(args.get("quantity") or "")))
    return [*lines, (k.t("screen.lease.holder"), holder)] if holder else lines


def _stock(store: SqliteStore, name: str, args: Mapping[str, Any]) -> list[Line]:
    product = product_name(store.get("product", str(args.get("product_id"))) or {"name": "", "variant": ""})
    units = args.get("quantity") or args.get("counted") or ""
    lines: list[Line] = [(k.t(f"screen.did.{name}"), ""), (product, str(units))]
    if args.get("note"):
        lines.append((k.t("field.stock_move.note"), str(args["note"])))
    return lines
