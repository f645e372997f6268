"""The real authority over a real database with the small company in it, and phones that only speak the wire."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from server.db.authority import Authority
from server.db.engine import Database
from server.security.crypto import Vault
from shared import SCHEMA_VERSION, protocol
from shared.ids import derived_id, uuid7
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, NOW, ORG, REP, STRANGER, Company
from tests.support.devices import HandClock, SeededEntropy

DATASET = derived_id("dataset")
SECRETS = Vault({b"testkey1": b"k" * 32}, b"testkey1")


class Caller(msgspec.Struct, frozen=True):
    """Who asks, as a session would say."""

    user_id: str
    org_id: str = ORG
    device_id: str = ""


def device_of(user_id: str) -> str:
    """The registered device of a user of the small company."""
    return derived_id("device", user_id)


def caller(user_id: str) -> Caller:
    """A user of the small company on the registered device."""
    return Caller(user_id, ORG, device_of(user_id))


class TestAuthority(Authority):
    """``exchange(user, request)`` also takes a user id for a caller."""

    __test__ = False

    async def exchange(self, user: Caller | str, request: protocol.SyncRequest) -> protocol.SyncResponse:
        return await super().exchange(caller(user) if isinstance(user, str) else user, request)


async def make_authority(database: Database, *, seed: bool = True, vault: Vault = SECRETS) -> TestAuthority:
    """The authority, with the small company (``tests.support.company``) and a device for each user when ``seed``."""
    made = TestAuthority(database, vault, HandClock(NOW), SeededEntropy(7))
    if seed:
        company = Company()
        for user_id in (REP, COLLEAGUE, MANAGER, ADMIN, STRANGER):
            company.add("device", device_of(user_id), name=f"phone {user_id[:4]}", owner_id=user_id)
        rows = [(entity, row) for (entity, _), row in company.rows.items()]
        await made.create_organisation(ORG, rows, user_id=ADMIN, dataset_id=DATASET)
    return made


def open_vault(folder: Path) -> Vault:
    """A vault with a key file of its own."""
    return Vault.open(folder / "keys")


class Wire:
    """A client that knows the wire format and keeps what it receives; no outbox, no rebase."""

    def __init__(self, authority: Authority, user_id: str, seed: int = 1) -> None:
        self.authority = authority
        self.user_id = user_id
        self.caller = caller(user_id)
        self.entropy = SeededEntropy(seed + int(user_id[:8], 16))  # two users never draw the same ids
        self.install_id = self.new_id()
        self.nonce = ""
        self.cursor = ""
        self.dataset = ""
        self.seq = 0
        self.tried: list[str] = []
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.revs: dict[tuple[str, str], int] = {}
        self.buckets: dict[tuple[str, str], list[str]] = {}

    def new_id(self) -> str:
        return uuid7(self.authority.clock.now_ms(), self.entropy.random_bytes(10))

    def tx(
        self,
        *commands: tuple[str, dict[str, Any]],
        after: Sequence[str] = (),
        at: int | None = None,
        schema: int = SCHEMA_VERSION,
        tx_id: str | None = None,
    ) -> protocol.Transaction:
        """A transaction of commands, not yet sent."""
        listed = [protocol.Command(name, args) for name, args in commands]
        occurred_at = self.authority.clock.now_ms() if at is None else at
        return protocol.Transaction(tx_id or self.new_id(), schema, occurred_at, listed, list(after))

    def envelope(self, tx: protocol.Transaction, seq: int | None = None) -> protocol.SentTransaction:
        """The transaction with the install's next number."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        return protocol.SentTransaction(seq, msgspec.Raw(protocol.encode(tx)))

    def request(self, *txs: protocol.SentTransaction, **changes: Any) -> protocol.SyncRequest:
        """The next request; its exchange id counts as tried from now on."""
        exchange_id = self.new_id()
        self.tried.append(exchange_id)
        values = {
            "protocol": protocol.PROTOCOL_VERSION,
            "schema": SCHEMA_VERSION,
            "app_version": "0.1.0",
            "install_id": self.install_id,
            "exchange_id": exchange_id,
            "nonce": self.nonce,
            "tried": list(self.tried),
            "dataset": self.dataset,
            "cursor": self.cursor,
            "txs": list(txs),
        }
        return protocol.SyncRequest(**{**values, **changes})

    async def send(self, request: protocol.SyncRequest) -> protocol.SyncResponse:
        """Sends the request over the wire format and takes the answer in."""
        response = await self.lose(request)
        if response.status == "ok":
            self.take(response)
        return response

    async def lose(self, request: protocol.SyncRequest) -> protocol.SyncResponse:
        """Sends the request; the answer is looked at and then lost."""
        sent = protocol.decode_request(protocol.encode(request))
        return protocol.decode_response(protocol.encode(await self.authority.exchange(self.caller, sent)))

    def take(self, response: protocol.SyncResponse) -> None:
        """Applies an answer as a device does: versions that are not newer are skipped."""
        self.nonce, self.cursor, self.dataset, self.tried = response.nonce, response.cursor, response.dataset, []
        for bucket in response.drops:
            for key in [key for key, buckets in self.buckets.items() if bucket in buckets]:
                self.buckets[key].remove(bucket)
                if not self.buckets[key]:
                    self._forget(key)
        for outcome in response.outcomes:
            self._apply(outcome.puts, outcome.removes)
        self._apply(response.puts, response.removes)

    def _apply(self, puts: list[protocol.Put], removes: list[protocol.Remove]) -> None:
        for put in puts:
            key = (put.entity, put.id)
            if put.rev >= self.revs.get(key, 0):
                self.buckets[key] = list(put.buckets)
            if put.rev > self.revs.get(key, 0):
                self.rows[key], self.revs[key] = msgspec.json.decode(put.row), put.rev
        for remove in removes:
            if remove.rev >= self.revs.get((remove.entity, remove.id), 0):
                self._forget((remove.entity, remove.id))

    def _forget(self, key: tuple[str, str]) -> None:
        self.rows.pop(key, None)
        self.revs.pop(key, None)
        self.buckets.pop(key, None)

    async def push(self, *commands: tuple[str, dict[str, Any]], **options: Any) -> protocol.Outcome:
        """One transaction in one exchange; its outcome."""
        response = await self.send(self.request(self.envelope(self.tx(*commands, **options))))
        return response.outcomes[0]

    async def pull(self, page_rows: int = 1_000) -> int:
        """Pulls until there is no more; returns the number of pages."""
        pages = 0
        while True:
            response = await self.send(self.request(page_rows=page_rows))
            pages += 1
            if not response.more:
                return pages

    def all(self, entity: str) -> list[dict[str, Any]]:
        """The rows of an entity that have arrived."""
        return [row for (name, _), row in self.rows.items() if name == entity]
