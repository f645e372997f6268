"""What the users of the simulation do: the stories' commands and those that only make sense in number."""

import random
from collections.abc import Callable
from typing import Any

from shared.catalog import ENTITIES
from shared.codec import values_to_wire
from shared.errors import CaravanError
from tests.sim.device import SimDevice
from tests.sim.network import FILTERED
from tests.support.work import COMMANDS, Commands, Orders, pick

LONG = "讨论了展位、样品和交货期。" * 300


def long_note(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    """A text that two people can make too long for its field together."""
    row = pick(device, "account", a)
    if row is None:
        return []
    values = {"notes": f"{LONG}{b}"}
    return [("account.patch", {"id": row["id"], "base": {"notes": row["notes"]}, "values": values})]


def several_fields(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    """One patch of fields with different merge rules."""
    row = pick(device, "account", a)
    if row is None:
        return []
    values: dict[str, Any] = {
        "city": ("北京", "成都")[b % 2], "tags": [f"t{b % 4}", "展会"], "custom": {**row["custom"], f"k{a % 3}": b},
        "notes": f"{row['notes'][:200]} {b}".strip(), "phone": f"1380000{b:04d}",
    }  # fmt: skip
    base = values_to_wire(ENTITIES["account"], {name: row[name] for name in values})
    return [("account.patch", {"id": row["id"], "base": base, "values": values})]


def filtered_text(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    """A follow-up that a filter on the way may not let through."""
    row = pick(device, "account", a)
    if row is None:
        return []
    values = {"account_id": row["id"], "body": f"{FILTERED} {b}"}
    return [("activity.create", {"id": device.engine.new_id(), "values": values})]


def bank_account(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    """A restricted field: only some roles have it on their devices."""
    row = pick(device, "account", a)
    if row is None:
        return []
    base = {"bank_account": row["bank_account"]}
    return [("account.patch", {"id": row["id"], "base": base, "values": {"bank_account": f"6222{a}{b}"}})]


def terms(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    """Price and discount of a line: a merge group."""
    row = pick(device, "order_line", a, "deleted_at IS NULL AND state = 'draft'")
    if row is None:
        return []
    base = values_to_wire(ENTITIES["order_line"], {name: row[name] for name in ("unit_price", "discount")})
    values = {"unit_price": base["unit_price"], "discount": str(b % 12)}
    return [("order_line.patch", {"id": row["id"], "base": base, "values": values})]


def order_policy(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    row = pick(device, "order", a, "deleted_at IS NULL AND state = 'draft'")
    if row is None:
        return []
    values = {"shortage_policy": ("backorder", "partial", "reject")[b % 3]}
    base = {"shortage_policy": row["shortage_policy"]}
    return [("order.patch", {"id": row["id"], "base": base, "values": values})]


def drop_draft(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    entity = ("order", "order_line")[b % 2]
    row = pick(device, entity, a, "deleted_at IS NULL AND state = 'draft'")
    return [(f"{entity}.delete", {"id": row["id"]})] if row else []


def restore_order(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    row = pick(device, "order", a, "deleted_at IS NOT NULL")
    return [("order.restore", {"id": row["id"], "deleted_tx": row["deleted_tx"]})] if row else []


def resolve_merged(sim: Orders, device: SimDevice, a: int, b: int) -> Commands:
    """A person takes neither side."""
    row = pick(device, "conflict", a, "kind = 'field'")
    subject = device.store.get(row["entity"], row["row_id"]) if row else None
    if row is None or subject is None:
        return []
    names = row["field"].split(",")
    seen = values_to_wire(ENTITIES[row["entity"]], {name: subject[name] for name in names})
    values = row["mine"] if b % 2 else row["theirs"]
    return [
        ("conflict.resolve", {"conflict_id": row["id"], "choice": "merged", "seen": seen, "values": values})
    ]  # fmt: skip


MORE: dict[str, Callable[[Any, SimDevice, int, int], Commands]] = {
    function.__name__: function
    for function in (
        long_note, several_fields, filtered_text, bank_account, terms, order_policy, drop_draft, restore_order,
        resolve_merged,
    )
}  # fmt: skip
EVERYTHING: dict[str, Callable[[Any, Any, int, int], Commands]] = {**COMMANDS, **MORE}
PROFILES: dict[str, dict[str, int]] = {
    "mixed": dict.fromkeys(EVERYTHING, 4),
    "orders": {
        "order": 10, "draft": 4, "edit_line": 3, "terms": 2, "submit_draft": 5, "cancel": 5, "receive": 4, "count": 3,
        "create": 1, "patch": 1, "order_policy": 2, "drop_draft": 1, "restore_order": 1, "dismiss": 1,
    },
    "fields": {
        "patch": 12, "several_fields": 5, "filtered_text": 1, "long_note": 1, "bank_account": 2, "edit_child": 5,
        "resolve": 6, "resolve_merged": 2, "create": 1, "child": 2, "dismiss": 1,
    },
    "family": {
        "create": 5, "delete": 5, "restore": 5, "child": 8, "edit_child": 4, "patch": 3, "assign": 6, "order": 2,
    },
    "stock": {
        "receive": 6, "count": 6, "order": 10, "cancel": 5, "submit_draft": 2, "draft": 2, "grant": 4, "on_lease": 4,
        "firm_order": 6, "extend": 1, "reclaim": 2,
    },
}  # fmt: skip
"""How often each command is drawn, by what the people of a seed mostly do."""


class Workload:
    """Draws commands by the weights of one profile."""

    def __init__(self, chance: random.Random, profile: str = "") -> None:
        self._chance = chance
        chosen = chance.choice(sorted(PROFILES))
        weights = PROFILES[profile or chosen]
        self._names = sorted(weights)
        self._weights = [weights[name] for name in self._names]

    def draw(self, sim: Orders, device: SimDevice) -> tuple[str, Commands]:
        """Commands of one transaction, none when there is nothing to do them to; now and then several at once."""
        names = self._chance.choices(self._names, self._weights, k=1 if self._chance.random() < 0.85 else 2)
        commands: Commands = []
        for name in names:
            a, b = self._chance.randrange(8), self._chance.randrange(8)
            commands += EVERYTHING[name](sim, device, a, b)
        return "+".join(names), commands


def run(device: SimDevice, commands: Commands) -> str | None:
    """The transaction's id; None when the device's rules refuse it."""
    try:
        return device.engine.run(commands)
    except CaravanError:
        return None
