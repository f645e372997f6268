"""What must be true of devices and server, worked out without the engine: from the tables, not from the feed."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from server.db.engine import Database, Tx
from server.db.rows import AllRows
from server.security.crypto import Vault
from shared.access import Actor, all_entities_on_devices, buckets_of_actor, buckets_of_row, hidden_fields
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands import execute
from shared.commands.work import Key, Work
from shared.errors import CaravanError
from shared.protocol import decode_transaction
from shared.rules.history import month_bucket
from shared.rules.leases import LIVE, left
from tests.support.company import LAMP, TENT
from tests.support.devices import Phone

Rows = dict[Key, Row]
FIRST_STOCK = {TENT: 5, LAMP: 1}
"""Units of the small company before anything moved."""


class _Memory:
    """Rows in memory, as a source for commands."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def get(self, entity: str, row_id: str) -> Row | None:
        return self.rows.get((entity, row_id))

    def children(self, entity: str, field: str, parent_id: str) -> list[Row]:
        return [row for (name, _), row in self.rows.items() if name == entity and row[field] == parent_id]


async def server_rows(database: Database, org_id: str, vault: Vault) -> Rows:
    """All rows of the organisation, deleted ones too, from the server's tables."""
    tables = AllRows(vault)

    async def read(tx: Tx) -> Rows:
        return {
            (name, row["id"]): row for name in ENTITIES for row, _ in await tables[name].all(tx, org_id)
        }  # fmt: skip

    return await database.read(read)


def held(phone: Phone) -> Rows:
    """All rows that the device shows."""
    entities = [entity.name for entity in all_entities_on_devices()]
    return {(name, row["id"]): row for name in entities for row in phone.store.select(name, "1")}


def visible(actor: Actor, rows: Rows, months: Iterable[str] = ()) -> Rows:
    """What of the server's rows a device of the actor must show that asked for the months' history, hidden fields
    empty."""
    teams = tuple(sorted(row_id for (name, row_id), row in rows.items() if name == "team" and not row["deleted_at"]))
    current = buckets_of_actor(actor, teams)
    mine = {*current, *(month_bucket(bucket, month) for bucket in current for month in months)}
    hidden = {
        entity.name: {field: entity.fields[field].default for field in hidden_fields(entity, actor.role)}
        for entity in all_entities_on_devices()
    }
    return {
        (name, row_id): {**row, **hidden[name]}
        for (name, row_id), row in rows.items()
        if name in hidden and mine & set(buckets_of_row(ENTITIES[name], row))
    }


def replayed(phone: Phone) -> tuple[Rows, Rows, dict[str, str]]:
    """What the device shows; the server's version of each row with *all* waiting work run on it, in order; and the
    codes of the transactions that fail in that run. The rebase, which runs as little as it can, must give the same."""
    shown = held(phone)
    rows = dict(shown)
    for key in phone.store.shadows():
        _, row, _ = phone.store.shadow(*key)
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row
    doubtful = {}
    for entry in phone.store.outbox():
        transaction = decode_transaction(entry.payload)
        work = Work(
            _Memory(rows), phone.actor, authority=False, tx_id=transaction.id, now_ms=transaction.occurred_at,
            device_name=phone.engine.device_name,
        )  # fmt: skip
        try:
            execute(transaction, work)
        except CaravanError as error:
            doubtful[entry.tx_id] = error.code
        else:
            rows.update(work.written)
    return shown, rows, doubtful


def check_view(phone: Phone) -> None:
    """The device shows what running all waiting work again would show, and doubts what would fail."""
    shown, rows, doubtful = replayed(phone)
    assert rows == shown
    assert doubtful == {entry.tx_id: entry.doubtful for entry in phone.store.outbox() if entry.doubtful}


def stock_faults(rows: Rows, first: dict[str, int]) -> Iterable[str]:
    """Stock that does not add up: on hand is what there was first and all moves, reserved the sum of the claims, of
    which what is left of live leases is a part."""
    moved: Counter[str] = Counter()
    claimed: dict[str | None, list[Decimal]] = {}
    for (entity, _), row in rows.items():
        if entity == "stock_move":
            moved[row["stock_level_id"]] += row["quantity"]
        elif entity == "reservation":
            claimed.setdefault(row["stock_level_id"], []).append(row["reserved"])
            if not 0 <= row["leased"] <= row["reserved"]:
                yield f"leased {row['leased']} of {row['reserved']} reserved"
        elif entity == "stock_lease":
            claimed.setdefault(row["held_on"], []).append(left(row))
            if min(row["drawn"], row["returned"], left(row)) < 0 or bool(row["held_on"]) != (row["state"] in LIVE):
                yield f"lease {row['state']}: drawn {row['drawn']}, returned {row['returned']} of {row['quantity']}"
            if not row["held_on"] and left(row) > 0:
                yield f"lease {row['state']} with {left(row)} left"
    for (entity, row_id), level in rows.items():
        if entity != "stock_level":
            continue
        if level["on_hand"] != first.get(level["product_id"], 0) + moved[row_id] or level["on_hand"] < 0:
            yield f"on hand {level['on_hand']} of {row_id}: moves say {moved[row_id]}"
        if not 0 <= level["reserved"] <= level["on_hand"]:
            yield f"reserved {level['reserved']} of {level['on_hand']} in {row_id}"
        if level["reserved"] != sum(claimed.get(row_id, []), Decimal(0)):
            yield f"reserved {level['reserved']} in {row_id}, claims {claimed.get(row_id)}"
