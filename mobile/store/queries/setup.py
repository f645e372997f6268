"""Settings data: reference rows that a desk edits, whichever entity they are of."""

from typing import Any

from mobile.store.naming import table_name
from mobile.store.queries.base import Rows
from mobile.store.store import SqliteStore
from shared.catalog import ENTITIES
from shared.fields import Kind, Scope
from shared.protocol import Command

ORDER = (
    "stage",
    "lost_reason",
    "event",
    "lead_source",
    "product",
    "category",
    "price_list",
    "tax",
    "warehouse",
    "team",
    "organisation",
)
"""What is edited most stands first; an entity that is not named here comes after them."""
ELSEWHERE = frozenset({"user", "price"})
"""Edited on screens of their own."""


def entities(role: str) -> tuple[str, ...]:
    """Names of the entities that the role may edit as settings data, from the declarations."""
    found = [
        name
        for name, entity in ENTITIES.items()
        if entity.options.scope is Scope.ORGANISATION
        and role in entity.options.generic.get("patch", ())
        and entity.form_fields
        and name not in ELSEWHERE
    ]
    return tuple(sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)))


def rows(store: SqliteStore, entity: str, text: str = "") -> list[dict[str, Any]]:
    """All living rows in the order in which they are shown: what is not active any more comes last."""
    fields, title = ENTITIES[entity].fields, ENTITIES[entity].options.title
    order = [name for name in ("position", title) if name in fields]
    if "active" in fields:
        order.insert(0, "active DESC")
    found = store.select(entity, order_by=", ".join([*order, "id"]))
    wanted = text.strip().casefold()
    if not wanted:
        return found
    shown = [name for name, field in fields.items() if field.kind in (Kind.TEXT, Kind.CODE) and name != "org_id"]
    return [row for row in found if any(wanted in str(row[name]).casefold() for name in shown)]


def offered(store: SqliteStore, entity: str, kept: str | None = None) -> list[dict[str, Any]]:
    """The rows to choose from, in their order: those in use, and ``kept``, which was chosen while it still was."""
    return [row for row in rows(store, entity) if row.get("active", True) or row["id"] == kept]


def counts(store: SqliteStore, names: tuple[str, ...]) -> dict[str, int]:
    """How many living rows each entity has."""
    return {name: store.count(name) for name in names}


def references(store: SqliteStore, entity: str, row_id: str) -> int:
    """How many living rows that this device has point to the row; the server knows of all."""
    found = 0
    for other in ENTITIES.values():
        if not other.on_devices:
            continue
        for field in other.own_fields:
            if field.options.ref == entity:
                found += store.count(other.name, f"[{field.name}] = ? AND deleted_at IS NULL", (row_id,))
    return found


def reordered(found: list[dict[str, Any]], entity: str, index: int, step: int) -> list[Command]:
    """Commands that move a row up or down: positions are written anew wherever they differ from the place."""
    target = index + step
    if not 0 <= target < len(found):
        return []
    order = list(found)
    order[index], order[target] = order[target], order[index]
    return [
        Command(
            f"{entity}.patch",
            {"id": row["id"], "base": {"position": row["position"]}, "values": {"position": place}},
        )
        for place, row in enumerate(order)
        if row["position"] != place
    ]


def prices(store: SqliteStore, product_id: str) -> Rows:
    """Price lists in order of name with the product's price: ``id, name, name_en, price_id, amount`` (1/10,000)."""
    sql = f"""
    SELECT l.id, l.name, l.name_en, p.id AS price_id, p.amount
      FROM {table_name("price_list")} l
      LEFT JOIN {table_name("price")} p
        ON p.price_list_id = l.id AND p.product_id = ? AND p.deleted_at IS NULL
     WHERE l.deleted_at IS NULL ORDER BY l.is_default DESC, l.name, l.id"""
    return store.query(sql, (product_id,))
