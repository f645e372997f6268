"""The authority as one object: store, executor, exchange and news over one database. One for each process."""

from collections.abc import Awaitable, Callable, Iterable

from sqlalchemy import select

from server.db.engine import Database, Tx
from server.db.store import SqlStore, SqlUnit
from server.db.tables import head
from server.security.crypto import Vault
from shared import SCHEMA_VERSION
from shared.codec import Row
from shared.errors import CaravanError
from shared.ids import uuid7
from shared.protocol import Command, HandinAnswer, HandinRequest, SyncRequest, SyncResponse, Transaction, encode
from sync.authority.chain import GENESIS
from sync.authority.exchange import Caller, Exchange
from sync.authority.executor import Executor
from sync.authority.handin import hand_in
from sync.authority.jobs import Job, Outcome, Sent
from sync.authority.ports import Commit, Unit
from sync.authority.system import SystemWrite, write_rows
from sync.ports import Clock, Entropy

Listener = Callable[[Commit], None]


class Authority:
    """Answers exchanges, runs the server's own commands, and writes the server's own rows."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self.database = database
        self.clock = clock
        self.entropy = entropy
        self._listeners: list[Listener] = []
        self.store = SqlStore(database, vault)
        self.executor = Executor(self.store, entropy, self.tell)
        self._exchange = Exchange(self.executor, self.store, clock)

    def listen(self, listener: Listener) -> None:
        """Has ``listener`` called after each commit of this process; it must be quick and not raise."""
        self._listeners.append(listener)

    def tell(self, commit: Commit) -> None:
        """Tells the listeners of a commit; once for each, after it."""
        for listener in self._listeners:
            listener(commit)

    async def exchange(self, caller: Caller, request: SyncRequest) -> SyncResponse:
        """One exchange with a device; raises as ``sync.authority.exchange.Exchange.answer`` does."""
        return await self._exchange.answer(caller, request)

    async def hand_in(self, caller: Caller, request: HandinRequest, code: str) -> HandinAnswer:
        """What a shut-out device hands in (``sync.authority.handin``)."""
        return await hand_in(self.executor, caller, request, code, self.clock.now_ms())

    async def changed(self, caller: Caller, since: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a pull after the cursor would bring something, and which buckets should wake the caller."""
        return await self._exchange.changed(caller, since)

    async def run(self, caller: Caller, commands: list[Command], *, tx_id: str | None = None) -> Outcome:
        """Runs commands in the caller's name, without an install: for the API and the command line.

        Raises ``CaravanError`` with the problem of a refusal (which is logged and in the author's inbox).
        """
        now_ms = self.clock.now_ms()
        tx = Transaction(tx_id or self.new_id(), SCHEMA_VERSION, now_ms, commands)
        sent = Sent(0, encode(tx), tx)
        job = await self.executor.run(Job(caller.user_id, caller.org_id, caller.device_id, now_ms, [sent]))
        if job.status != "ok":
            raise CaravanError("device_revoked", status=403)
        outcome = job.outcomes[0]
        if outcome.problem is not None:
            raise CaravanError(outcome.problem.code, field=outcome.problem.field, status=422, **outcome.problem.params)
        return outcome

    async def create_organisation(
        self, org_id: str, rows: Iterable[tuple[str, Row]], *, user_id: str = "", dataset_id: str | None = None
    ) -> None:
        """Makes an organisation: its head, and its first rows (complete ones, in any order) in one commit each."""
        values = {
            "org_id": org_id,
            "seq": 0,
            "chain_count": 0,
            "chain_head": GENESIS,
            "access_version": 1,
            "dataset_id": dataset_id or self.new_id(),
            "epoch": 1,
        }

        async def create(tx: Tx) -> None:
            if (await tx.execute(select(head.c.seq).where(head.c.org_id == org_id))).first() is None:
                await tx.execute(head.insert(), values)

        await self.database.run_tx(create)
        await self.write_rows(org_id, list(rows), name="system.create", user_id=user_id)

    async def write_rows(
        self,
        org_id: str,
        rows: list[tuple[str, Row]],
        *,
        name: str,
        user_id: str = "",
        device_id: str = "",
        tx_id: str | None = None,
    ) -> None:
        """Stores complete rows as they are, in one commit, with feed and log: for what no command makes."""
        write = SystemWrite(tx_id or self.new_id(), name, user_id, self.clock.now_ms(), rows, device_id)

        async def prepared(_unit: Unit) -> SystemWrite:
            return write

        await self.write(org_id, prepared)

    async def write(self, org_id: str, prepare: Callable[[SqlUnit], Awaitable[SystemWrite | None]]) -> None:
        """Like ``write_rows``, for rows that depend on what is stored: ``prepare`` reads them under the lock, and gives
        None when there is nothing to write."""

        async def flush(unit: SqlUnit) -> Commit | None:
            write = await prepare(unit)
            return await write_rows(unit, write, self.entropy.random_bytes) if write is not None else None

        commit = await self.store.write(org_id, flush)
        if commit is not None:
            self.tell(commit)

    def new_id(self) -> str:
        """A UUIDv7 of now."""
        return uuid7(self.clock.now_ms(), self.entropy.random_bytes(10))

    async def close(self) -> None:
        """Waits for what is under way; the database stays open."""
        await self.executor.close()
