"""Three real devices and the real authority with a network between them that loses, repeats and delays.

A *step* is (device, action, a, b): small numbers choose among what the device shows, so that any list of steps is a
story that can be told. ``check`` is the oracle: it looks at the server's tables directly, not at the feed.
"""

import random
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from shared import protocol
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import row_hash
from shared.errors import CaravanError
from sync.authority.batch import _decode_outcome
from tests.support.authority import SECRETS, TestAuthority, device_of, make_authority
from tests.support.company import ORG, Company
from tests.support.devices import Phone, answer_to
from tests.support.oracle import FIRST_STOCK, check_view, held, server_rows, stock_faults, visible
from tests.support.work import COMMANDS, PEOPLE

Step = tuple[int, str, int, int]


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
            check_view(phone)
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

    async def check(self) -> None:
        """Equal rows and equal hashes, stock that adds up, each transaction in the log exactly once."""
        rows = await server_rows(self.authority.database, ORG, SECRETS)
        for phone in self.phones:
            assert phone.store.shadows() == []
            seen, due = held(phone), visible(phone.actor, rows)
            assert {key: row_hash(ENTITIES[key[0]], row) for key, row in seen.items()} == {
                key: row_hash(ENTITIES[key[0]], row) for key, row in due.items()
            }
            assert seen == due
        assert list(stock_faults(rows, FIRST_STOCK)) == []
        await self._check_log()

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


NETWORK: dict[str, Any] = {
    name: getattr(World, name)
    for name in (
        "exchange", "lose_request", "lose_answer", "repeat_request", "repeat_answer", "work_while_waiting", "pull_only",
        "restart", "small_pages",
    )
}  # fmt: skip
