"""Three real devices and the real authority with a network between them that loses, repeats and delays.

A *step* is (device, action, a, b): small numbers choose among what the device shows, so that any list of steps is a
story that can be told. ``check`` is the oracle: it looks at the server's tables directly, not at the feed.
"""

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.db.rows import EntityRows
from shared import protocol
from shared.access import Actor, all_entities_on_devices, buckets_of_actor, buckets_of_row, hidden_fields
from shared.catalog import ENTITIES
from shared.codec import Row, row_hash, values_to_wire
from shared.commands import execute
from shared.commands.work import Work
from shared.errors import CaravanError
from shared.numbers import format_decimal
from shared.rules.orders import content_hash
from sync.authority.batch import _decode_outcome
from tests.support.authority import SECRETS, TestAuthority, device_of, make_authority
from tests.support.company import COLLEAGUE, LAMP, MANAGER, ORG, REP, TENT, WAREHOUSE, Company, order_commands
from tests.support.devices import Phone, answer_to

Step = tuple[int, str, int, int]
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


class Rows:
    """Rows in memory, as a source for commands."""

    def __init__(self, rows: dict[tuple[str, str], Row]) -> None:
        self.rows = rows

    def get(self, entity: str, row_id: str) -> Row | None:
        return self.rows.get((entity, row_id))

    def children(self, entity: str, field: str, parent_id: str) -> list[Row]:
        return [row for (name, _), row in self.rows.items() if name == entity and row[field] == parent_id]


class World:
    """The devices, the server, and what happened between them."""

    def __init__(self, folder: Path, authority: TestAuthority) -> None:
        self.authority = authority
        self.phones = [self._phone(folder, number, user_id) for number, user_id in enumerate(PEOPLE)]
        self.orders = 0
        self.issued: list[str] = []
        """Transactions that a device has taken on."""

    @classmethod
    async def make(cls, folder: Path, database: Database) -> "World":
        world = cls(folder, await make_authority(database))
        for phone in world.phones:
            await world.exchange(phone)
        return world

    @staticmethod
    def _phone(folder: Path, number: int, user_id: str) -> Phone:
        actor = Company().actor(user_id)
        who = Actor(user_id, ORG, actor.role, actor.team_id, device_of(user_id), actor.discount_limit)
        return Phone(folder / f"phone{number}.db", who, seed=number + 1)

    def close(self) -> None:
        for phone in self.phones:
            phone.close()

    async def tell(self, step: Step) -> None:
        """One step of the story. What the rules of the device refuse did not happen."""
        number, action, a, b = step
        phone = self.phones[number % len(self.phones)]
        if action in NETWORK:
            await NETWORK[action](self, phone, a, b)
            self.check_view(phone)
            return
        commands = COMMANDS[action](self, phone, a, b)
        if commands:
            try:
                self.issued.append(phone.engine.run(commands))
            except CaravanError:
                return

    # The network

    async def exchange(self, phone: Phone, a: int = 0, b: int = 0) -> None:
        """One that works; rows of the page in another order for every ``a``."""
        await self._ask(phone, shuffle=a)

    async def lose_request(self, phone: Phone, a: int, b: int) -> None:
        phone.engine.build_request()

    async def lose_answer(self, phone: Phone, a: int, b: int) -> None:
        await answer_to(self.authority, phone, phone.engine.build_request())

    async def repeat_request(self, phone: Phone, a: int, b: int) -> None:
        """The network delivers one request twice; the answer to the second comes back."""
        body = phone.engine.build_request()
        await answer_to(self.authority, phone, body)
        phone.engine.apply_response(await answer_to(self.authority, phone, body))

    async def repeat_answer(self, phone: Phone, a: int, b: int) -> None:
        body = await answer_to(self.authority, phone, phone.engine.build_request())
        phone.engine.apply_response(body)
        assert phone.engine.apply_response(body).ignored

    async def work_while_waiting(self, phone: Phone, a: int, b: int) -> None:
        """A command between the request and its answer."""
        body = await answer_to(self.authority, phone, phone.engine.build_request())
        await self.tell((self.phones.index(phone), "patch", a, b))
        phone.engine.apply_response(body)

    async def pull_only(self, phone: Phone, a: int, b: int) -> None:
        """The page arrives while everything waits in the outbox, as when the server cannot decide now."""
        request = protocol.decode_request(phone.engine.build_request())
        empty = protocol.encode(msgspec.structs.replace(request, txs=[]))
        phone.engine.apply_response(await answer_to(self.authority, phone, empty))

    async def restart(self, phone: Phone, a: int, b: int) -> None:
        phone.restart()

    async def small_pages(self, phone: Phone, a: int, b: int) -> None:
        phone.engine.limits.rows = 1 + a * 3
        phone.engine.limits.txs = phone.engine.limits.allowed = 1 + b

    async def _ask(self, phone: Phone, shuffle: int = 0) -> bool:
        response = protocol.decode_response(await answer_to(self.authority, phone, phone.engine.build_request()))
        if shuffle:
            mixed = random.Random(shuffle)
            puts, removes = list(response.puts), list(response.removes)
            mixed.shuffle(puts)
            mixed.shuffle(removes)
            response = msgspec.structs.replace(response, puts=puts, removes=removes)
        report = phone.engine.apply_response(protocol.encode(response))
        return report.more

    # After the faults

    async def heal(self, rounds_max: int = 10) -> None:
        """Everybody exchanges in turn; every outbox must be empty within ten rounds, and then all news delivered."""
        for phone in self.phones:
            phone.engine.limits.rows, phone.engine.limits.txs, phone.engine.limits.allowed = 250, 100, 100
        for _ in range(rounds_max):
            for phone in self.phones:
                await self._ask(phone)
            if not any(phone.store.outbox() for phone in self.phones):
                break
        assert [len(phone.store.outbox()) for phone in self.phones] == [0, 0, 0], "an outbox is stuck"
        for phone in self.phones:
            for _ in range(rounds_max):
                if not await self._ask(phone):
                    break
            assert phone.engine.status().complete

    def check_view(self, phone: Phone) -> None:
        """What the device shows is the server's version of each row with *all* waiting work run on it, in order:
        the rebase, which runs as little as it can, must give the same."""
        shown = self._held(phone)
        rows = dict(shown)
        for key in phone.store.shadows():
            _, row, _ = phone.store.shadow(*key)
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        doubtful = {}
        for entry in phone.store.outbox():
            transaction = protocol.decode_transaction(entry.payload)
            source = Rows(rows)
            work = Work(source, phone.actor, authority=False, tx_id=transaction.id, now_ms=transaction.occurred_at,
                        device_name=phone.engine.device_name)  # fmt: skip
            try:
                execute(transaction, work)
            except CaravanError as error:
                doubtful[entry.tx_id] = error.code
            else:
                rows.update(work.written)
        assert rows == shown
        assert doubtful == {entry.tx_id: entry.doubtful for entry in phone.store.outbox() if entry.doubtful}

    async def check(self) -> None:
        """Equal rows and equal hashes, stock that adds up, each transaction in the log exactly once."""
        rows = await self._server_rows()
        for phone in self.phones:
            assert phone.store.shadows() == []
            seen, visible = self._held(phone), self._visible(phone, rows)
            assert {key: row_hash(ENTITIES[key[0]], row) for key, row in seen.items()} == {
                key: row_hash(ENTITIES[key[0]], row) for key, row in visible.items()
            }
            assert seen == visible
        self._check_stock(rows)
        await self._check_log()

    async def _server_rows(self) -> dict[tuple[str, str], Row]:
        async def read(tx: Tx) -> dict[tuple[str, str], Row]:
            found = {}
            for entity in ENTITIES.values():
                for row, _ in await EntityRows(entity, SECRETS).all(tx, ORG):
                    found[entity.name, row["id"]] = row
            return found

        return await self.authority.database.read(read)

    @staticmethod
    def _held(phone: Phone) -> dict[tuple[str, str], Row]:
        entities = [entity.name for entity in all_entities_on_devices()]
        return {(name, row["id"]): row for name in entities for row in phone.store.select(name, "1")}

    @staticmethod
    def _visible(phone: Phone, rows: dict[tuple[str, str], Row]) -> dict[tuple[str, str], Row]:
        mine = set(buckets_of_actor(phone.actor))
        visible = {}
        for (name, row_id), row in rows.items():
            entity = ENTITIES[name]
            if mine & set(buckets_of_row(entity, row)):
                hidden = {field: entity.fields[field].default for field in hidden_fields(entity, phone.actor.role)}
                visible[name, row_id] = {**row, **hidden}
        return visible

    @staticmethod
    def _check_stock(rows: dict[tuple[str, str], Row]) -> None:
        moved: Counter[str] = Counter()
        claimed: dict[str, list[Decimal]] = {}
        for (entity, _), row in rows.items():
            if entity == "stock_move":
                moved[row["stock_level_id"]] += row["quantity"]
            elif entity == "reservation":
                claimed.setdefault(row["stock_level_id"], []).append(row["reserved"])
        for (entity, row_id), level in rows.items():
            if entity != "stock_level":
                continue
            first = {TENT: 5, LAMP: 1}[level["product_id"]]
            assert level["on_hand"] == first + moved[row_id] >= 0
            assert 0 <= level["reserved"] == sum(claimed.get(row_id, []), Decimal(0)) <= level["on_hand"]

    async def _check_log(self) -> None:
        async def read(tx: Tx) -> list[Any]:
            log = tables.tx_log.c
            asked = select(log.tx_id, log.status, log.outcome).where(log.org_id == ORG)
            return list((await tx.execute(asked)).all())

        logged = {tx_id: (status, outcome) for tx_id, status, outcome in await self.authority.database.read(read)}
        assert len(set(self.issued)) == len(self.issued) and set(self.issued) <= set(logged)
        told = {row["tx_id"]: row["status"] for phone in self.phones for row in phone.store.sent()}
        assert set(told) == set(self.issued)
        for tx_id, status in told.items():
            assert status in (logged[tx_id][0], "duplicate")
            assert _decode_outcome(logged[tx_id][1]).tx_id == tx_id


Commands = list[tuple[str, dict[str, Any]]]


def pick(phone: Phone, entity: str, number: int, where: str = "deleted_at IS NULL") -> Row | None:
    """One of the rows that the device shows."""
    rows = phone.store.select(entity, where)
    return rows[number % len(rows)] if rows else None


def create(world: World, phone: Phone, a: int, b: int) -> Commands:
    return [("account.create", {"id": phone.engine.new_id(), "values": {"name": f"新 {a}", "city": "上海"}})]


def patch(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "account", a)
    if row is None:
        return []
    name, value = FIELDS[b % len(FIELDS)]
    values = {name: value(a)}
    base = values_to_wire(ENTITIES["account"], {name: row[name]})
    return [("account.patch", {"id": row["id"], "base": base, "values": values})]


def delete(world: World, phone: Phone, a: int, b: int) -> Commands:
    entity = ("account", "contact", "activity")[b % 3]
    row = pick(phone, entity, a)
    return [(f"{entity}.delete", {"id": row["id"]})] if row else []


def restore(world: World, phone: Phone, a: int, b: int) -> Commands:
    entity = ("account", "contact")[b % 2]
    row = pick(phone, entity, a, "deleted_at IS NOT NULL")
    return [(f"{entity}.restore", {"id": row["id"], "deleted_tx": row["deleted_tx"]})] if row else []


def child(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "account", a)
    if row is None:
        return []
    new = phone.engine.new_id()
    if b % 2:
        return [("contact.create", {"id": new, "values": {"account_id": row["id"], "name": f"王 {b}"}})]
    return [("activity.create", {"id": new, "values": {"account_id": row["id"], "body": f"谈 {b}"}})]


def edit_child(world: World, phone: Phone, a: int, b: int) -> Commands:
    done = pick(phone, "activity", a)
    if b % 2 and done is not None:
        values = {"done_at": None if b > 4 else 1_795_000_000_000 + b}
        return [("activity.patch", {"id": done["id"], "base": {"done_at": done["done_at"]}, "values": values})]
    row = pick(phone, "contact", a)
    if row is None:
        return []
    base = {"position": row["position"]}
    return [("contact.patch", {"id": row["id"], "base": base, "values": {"position": f"职位 {b}"}})]


def order(world: World, phone: Phone, a: int, b: int) -> Commands:
    account = pick(phone, "account", a)
    if account is None:
        return []
    world.orders += 1
    lines = [(PRODUCTS[b % 2], 1 + a % 3), *([(PRODUCTS[(b + 1) % 2], 1)] if b > 5 else [])]
    policy = ("backorder", "partial", "reject")[b % 3]
    return order_commands(*lines, name=f"order {world.orders}", account=account["id"], policy=policy)[1]


def draft(world: World, phone: Phone, a: int, b: int) -> Commands:
    account = pick(phone, "account", a)
    if account is None:
        return []
    world.orders += 1
    return order_commands((PRODUCTS[b % 2], 1 + a), name=f"order {world.orders}", account=account["id"])[1][:-1]


def edit_line(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "order_line", a, "deleted_at IS NULL AND state = 'draft'")
    if row is None:
        return []
    values = {"quantity": str(1 + b)}
    base = {"quantity": format_decimal(row["quantity"])}
    return [("order_line.patch", {"id": row["id"], "base": base, "values": values})]


def submit_draft(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "order", a, "deleted_at IS NULL AND state = 'draft'")
    if row is None:
        return []
    lines = [line for line in phone.store.children("order_line", "order_id", row["id"]) if not line["deleted_at"]]
    return [("order.submit", {"order_id": row["id"], "content_hash": content_hash(row, lines)})]


def cancel(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "order", a)
    return [("order.cancel", {"order_id": row["id"]})] if row else []


def receive(world: World, phone: Phone, a: int, b: int) -> Commands:
    args = {"warehouse_id": WAREHOUSE, "product_id": PRODUCTS[b % 2], "quantity": str(1 + a)}
    return [("stock.receive", args)]


def count(world: World, phone: Phone, a: int, b: int) -> Commands:
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


def assign(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "account", a)
    return [("account.assign", {"id": row["id"], "owner_id": PEOPLE[b % 3]})] if row else []


def resolve(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "conflict", a, "kind = 'field'")
    subject = phone.store.get(row["entity"], row["row_id"]) if row else None
    if row is None or subject is None:
        return []
    names = row["field"].split(",")
    seen = values_to_wire(ENTITIES[row["entity"]], {name: subject[name] for name in names})
    return [("conflict.resolve", {"conflict_id": row["id"], "choice": ("mine", "theirs")[b % 2], "seen": seen})]


def dismiss(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "conflict", a, "state = 'open'")
    return [("conflict.dismiss", {"conflict_id": row["id"]})] if row else []


def settle_handover(world: World, phone: Phone, a: int, b: int) -> Commands:
    row = pick(phone, "quarantine_item", a, "state = 'open'")
    if row is None:
        return []
    return [("quarantine.dismiss", {"item_id": row["id"], "reason": "no"}) if b == 7 else
            ("quarantine.adopt", {"item_id": row["id"]})]  # fmt: skip


COMMANDS: dict[str, Callable[[World, Phone, int, int], Commands]] = {
    function.__name__: function
    for function in (
        create, patch, delete, restore, child, edit_child, order, draft, edit_line, submit_draft, cancel, receive,
        count, assign, resolve, dismiss, settle_handover,
    )
}  # fmt: skip
NETWORK: dict[str, Any] = {
    name: getattr(World, name)
    for name in (
        "exchange", "lose_request", "lose_answer", "repeat_request", "repeat_answer", "work_while_waiting", "pull_only",
        "restart", "small_pages",
    )
}  # fmt: skip
