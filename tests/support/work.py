"""What users do: each function chooses by small numbers among what a device shows and gives the commands for it.

The same functions feed the property test (``tests.support.world``) and the simulator (``tests.sim``).
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from mobile.state.basket import draws_of
from mobile.store.queries import leases
from shared.catalog import ENTITIES
from shared.codec import Row, values_to_wire
from shared.numbers import format_decimal
from shared.rules.leases import LATE_MS
from shared.rules.orders import content_hash
from tests.support.company import COLLEAGUE, LAMP, MANAGER, REP, TENT, WAREHOUSE, order_commands
from tests.support.devices import Phone

PEOPLE = (REP, MANAGER, COLLEAGUE)
PRODUCTS = (TENT, LAMP)
FIELDS: tuple[tuple[str, Callable[[int], Any]], ...] = (
    ("name", lambda n: f"客户 {n}"),
    ("city", lambda n: ("", "杭州", "广州")[n % 3]),
    ("notes", lambda n: f"note {n}"),
    ("tags", lambda n: [f"t{k}" for k in range(3) if n >> k & 1]),
    ("level", lambda n: "ABC"[n % 3]),
    ("custom", lambda n: {f"k{n % 2}": n}),
    ("account_class", lambda n: ("potential", "interested", "lost")[n % 3]),
)


Commands = list[tuple[str, dict[str, Any]]]


class Orders(Protocol):
    """Whoever numbers the orders of a story: their ids are derived from the number."""

    orders: int


def pick(phone: Phone, entity: str, number: int, where: str = "deleted_at IS NULL") -> Row | None:
    """One of the rows that the device shows."""
    rows = phone.store.select(entity, where)
    return rows[number % len(rows)] if rows else None


def create(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    return [("account.create", {"id": phone.engine.new_id(), "values": {"name": f"新 {a}", "city": "上海"}})]


def patch(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "account", a)
    if row is None:
        return []
    name, value = FIELDS[b % len(FIELDS)]
    values = {name: value(a)}
    base = values_to_wire(ENTITIES["account"], {name: row[name]})
    return [("account.patch", {"id": row["id"], "base": base, "values": values})]


def delete(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    entity = ("account", "contact", "activity")[b % 3]
    row = pick(phone, entity, a)
    return [(f"{entity}.delete", {"id": row["id"]})] if row else []


def restore(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    entity = ("account", "contact")[b % 2]
    row = pick(phone, entity, a, "deleted_at IS NOT NULL")
    return [(f"{entity}.restore", {"id": row["id"], "deleted_tx": row["deleted_tx"]})] if row else []


def child(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "account", a)
    if row is None:
        return []
    new = phone.engine.new_id()
    if b % 2:
        return [("contact.create", {"id": new, "values": {"account_id": row["id"], "name": f"王 {b}"}})]
    return [("activity.create", {"id": new, "values": {"account_id": row["id"], "body": f"谈 {b}"}})]


def edit_child(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    done = pick(phone, "activity", a)
    if b % 2 and done is not None:
        values = {"done_at": None if b > 4 else 1_795_000_000_000 + b}
        return [("activity.patch", {"id": done["id"], "base": {"done_at": done["done_at"]}, "values": values})]
    row = pick(phone, "contact", a)
    if row is None:
        return []
    base = {"position": row["position"]}
    return [("contact.patch", {"id": row["id"], "base": base, "values": {"position": f"职位 {b}"}})]


def order(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    account = pick(phone, "account", a)
    if account is None:
        return []
    world.orders += 1
    lines = [(PRODUCTS[b % 2], 1 + a % 3), *([(PRODUCTS[(b + 1) % 2], 1)] if b > 5 else [])]
    policy = ("backorder", "partial", "reject")[b % 3]
    return order_commands(*lines, name=f"order {world.orders}", account=account["id"], policy=policy)[1]


def firm_order(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    """An order as the app submits it, on what this device may promise."""
    commands = order(world, phone, a, b)
    if commands:
        lines = [{"id": args["id"], **_line(args["values"])} for name, args in commands if "line" in name]
        firm = leases.firm(phone.store, phone.actor.device_id, WAREHOUSE, phone.engine.server_now_ms)
        commands[-1][1]["draws"] = draws_of(lines, firm)
    return commands


def _line(values: dict[str, Any]) -> dict[str, Any]:
    return {"product_id": values["product_id"], "quantity": Decimal(values["quantity"])}


def grant(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    args = {
        "id": phone.engine.new_id(),
        "holder_id": PEOPLE[b % 3],
        "warehouse_id": WAREHOUSE,
        "product_id": PRODUCTS[a % 2],
        "quantity": str(1 + b % 4),
        "event_name": "广州展",
        "expires_at": phone.clock.now_ms() + (LATE_MS if a < 4 else 5 * LATE_MS),
    }
    return [("lease.grant", args)]


def on_lease(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    """The holder takes a lease, or gives it back."""
    row = pick(phone, "stock_lease", a, f"owner_id = '{phone.actor.user_id}' AND held_on IS NOT NULL")
    if row is None:
        return []
    return [("lease.return" if row["state"] == "active" and b == 0 else "lease.claim", {"lease_id": row["id"]})]


def extend(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "stock_lease", a, "held_on IS NOT NULL")
    if row is None:
        return []
    args = {"lease_id": row["id"], "expires_at": row["expires_at"] + a * 1_000, "quantity": str(b % 2)}
    return [("lease.extend", args)]


def reclaim(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "stock_lease", a, "held_on IS NOT NULL")
    return [("lease.reclaim", {"lease_id": row["id"]})] if row else []


def draft(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    account = pick(phone, "account", a)
    if account is None:
        return []
    world.orders += 1
    return order_commands((PRODUCTS[b % 2], 1 + a), name=f"order {world.orders}", account=account["id"])[1][:-1]


def edit_line(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "order_line", a, "deleted_at IS NULL AND state = 'draft'")
    if row is None:
        return []
    values = {"quantity": str(1 + b)}
    base = {"quantity": format_decimal(row["quantity"])}
    return [("order_line.patch", {"id": row["id"], "base": base, "values": values})]


def submit_draft(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "order", a, "deleted_at IS NULL AND state = 'draft'")
    if row is None:
        return []
    lines = [line for line in phone.store.children("order_line", "order_id", row["id"]) if not line["deleted_at"]]
    return [("order.submit", {"order_id": row["id"], "content_hash": content_hash(row, lines)})]


def cancel(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "order", a)
    return [("order.cancel", {"order_id": row["id"]})] if row else []


def receive(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    args = {"warehouse_id": WAREHOUSE, "product_id": PRODUCTS[b % 2], "quantity": str(1 + a)}
    return [("stock.receive", args)]


def count(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "stock_level", b)
    if row is None:
        return []
    args = {
        "warehouse_id": WAREHOUSE,
        "product_id": row["product_id"],
        "counted": str(a),
        "expected": format_decimal(row["on_hand"]),
    }
    return [("stock.count", args)]


def assign(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "account", a)
    return [("account.assign", {"id": row["id"], "owner_id": PEOPLE[b % 3]})] if row else []


def resolve(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "conflict", a, "kind = 'field'")
    subject = phone.store.get(row["entity"], row["row_id"]) if row else None
    if row is None or subject is None:
        return []
    names = row["field"].split(",")
    seen = values_to_wire(ENTITIES[row["entity"]], {name: subject[name] for name in names})
    return [("conflict.resolve", {"conflict_id": row["id"], "choice": ("mine", "theirs")[b % 2], "seen": seen})]


def dismiss(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "conflict", a, "state = 'open'")
    return [("conflict.dismiss", {"conflict_id": row["id"]})] if row else []


def settle_handover(world: Orders, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "quarantine_item", a, "state = 'open'")
    if row is None:
        return []
    if b == 7:
        return [("quarantine.dismiss", {"item_id": row["id"], "reason": "no"})]
    return [("quarantine.adopt", {"item_id": row["id"]})]


COMMANDS: dict[str, Callable[[Orders, Phone, int, int], Commands]] = {
    function.__name__: function
    for function in (
        create, patch, delete, restore, child, edit_child, order, draft, edit_line, submit_draft, cancel, receive,
        count, assign, resolve, dismiss, settle_handover, firm_order, grant, on_lease, extend, reclaim,
    )
}  # fmt: skip
