"""The device's engine: runs commands on the replica, offers them to the server, brings in what the server says.

No clock, no randomness, no network and no disk of its own: all come in through ports. Every method is one plain
function with at most one local transaction; the app awaits only between them.
"""

from collections.abc import Callable, Iterable

import msgspec

from shared.access import Actor
from shared.commands import execute
from shared.commands.work import RowSource, Work
from shared.errors import CaravanError, StateConflict
from shared.ids import uuid7
from shared.protocol import BucketProgress, Transaction
from sync.device import awaited, caution, exchange, history, importing, outbox, restored
from sync.device.checks import Checks
from sync.device.keys import lists
from sync.device.rebase import write
from sync.device.reports import ArchivedTransaction, DeviceStatus, ExchangeReport, PendingTransaction, Stop
from sync.ports import Clock, Entropy, LocalStore, OutboxEntry

Callback = Callable[[], None]


class DeviceEngine:
    """One user's replica on one device.

    ``actor``: who acts now, read from the session. ``install_id``: of this replica, kept by the platform outside the
    database; ``on_install`` is told when the server asks for a new one. ``device_name``: shown in conflicts.
    """

    def __init__(
        self,
        store: LocalStore,
        clock: Clock,
        entropy: Entropy,
        actor: Callable[[], Actor],
        install_id: str,
        app_version: str,
        *,
        on_install: Callable[[str], None] | None = None,
        device_name: str = "",
    ) -> None:
        self.store = store
        self.clock = clock
        self.entropy = entropy
        self.actor = actor
        self.app_version = app_version
        self.device_name = device_name
        self.limits = exchange.Limits()
        self.sent = 0
        """Transactions in the last request."""
        self.exchange_id = ""
        """Of the last request."""
        self.checks = Checks(self)
        self._on_install = on_install
        self._queued: list[Callback] = []
        self._claim(install_id)

    # Local work

    def run(self, commands: outbox.Commands, *, occurred_at: int | None = None, beside: Callback | None = None) -> str:
        """Applies the commands to the replica and queues them, all or nothing; returns the transaction's id.

        Raises ``CaravanError`` and leaves nothing when the rules refuse. ``occurred_at``: UTC milliseconds, now if
        not given. ``beside`` writes into the same local transaction what must never be there without the commands.
        """
        now = self.clock.now_ms()
        tx_id = self.new_id()
        transaction = outbox.new_transaction(tx_id, now if occurred_at is None else occurred_at, commands)
        work = self.work(transaction)
        with self.store.transaction():
            execute(transaction, work)
            entry = OutboxEntry(
                position=0, tx_id=tx_id, payload=b"", payload_hash="", created_at=now,
                reads=lists(work.read_keys), writes=lists(work.write_keys),
            )  # fmt: skip
            after = outbox.earlier(entry, self.store.outbox())
            entry.payload = outbox.encode(msgspec.structs.replace(transaction, after=after))
            entry.payload_hash = outbox.payload_hash(entry.payload)
            write(self.store, work)
            self.store.outbox_add(entry)
            if beside is not None:
                beside()
        self.tell_queued()
        return tx_id

    def new_id(self) -> str:
        """A UUIDv7 for a new row."""
        return uuid7(self.clock.now_ms(), self.entropy.random_bytes(10))

    def work(self, transaction: Transaction, source: RowSource | None = None) -> Work:
        """The unit of work for a transaction on this device, over the replica or another source of rows."""
        return Work(
            source or self.store,
            self.actor(),
            authority=False,
            tx_id=transaction.id,
            now_ms=transaction.occurred_at,
            device_name=self.device_name,
        )

    def on_queued(self, callback: Callback) -> Callback:
        """Hears of every new transaction in the outbox, after its commit. Returns the function that ends it."""
        self._queued.append(callback)
        return lambda: self._queued.remove(callback) if callback in self._queued else None

    def tell_queued(self) -> None:
        """The outbox has grown, or something in it may go again."""
        for callback in list(self._queued):
            callback()

    # Exchange

    def build_request(self) -> bytes:
        """The next request, as bytes for ``Transport.exchange``. Stores its fresh exchange id first.

        Raises ``StateConflict`` ``sync_stopped`` while a person or a new sign-in is needed.
        """
        return exchange.build_request(self)

    def apply_response(self, body: bytes) -> ExchangeReport:
        """Applies the server's answer in one local transaction. Raises ``TransportError`` for an unreadable one."""
        return exchange.apply_response(self, body)

    def exchange_refused(self, error: CaravanError) -> exchange.Advice:
        """What to do after the server refused a whole exchange (4xx): ``again``, ``later`` or ``stopped``."""
        return exchange.refused(self, error)

    def upkeep(self) -> bool:
        """One slice of background work, at most about 50 ms; True while there is more."""
        return self.store.upkeep() or self.checks.slice()

    @property
    def stopped(self) -> Stop:
        """Why no exchange is made, empty when all is well."""
        return self.store.meta("stopped") or ""  # type: ignore[return-value]

    @property
    def install_id(self) -> str:
        """Under which the outbox is numbered."""
        return self.store.meta("install") or ""

    @property
    def cursor(self) -> str:
        """How far the replica is: what ``Transport.changed`` is asked with."""
        return self.store.meta("cursor") or ""

    @property
    def server_now_ms(self) -> int:
        """The server's clock as near as this device can tell (UTC ms): its own, less the skew measured at the last
        exchange, and never before that exchange."""
        last = int(self.store.meta("last_sync_ms") or 0)
        return max(self.clock.now_ms(), last) - int(self.store.meta("skew_ms") or 0)

    def stop(self, reason: Stop, code: str = "") -> None:
        """Ends exchanging until ``resume`` or ``start_fresh``; nothing is lost."""
        with self.store.transaction():
            self.store.set_meta("stopped", reason)
            self.store.set_meta("stopped_code", code or None)

    def resume(self) -> None:
        """After a new sign-in, an update, or when a person asks to try again. A replaced server stays one."""
        if self.stopped and self.stopped != "reset":
            with self.store.transaction():
                self.store.set_meta("stopped", None)
                self.store.set_meta("stopped_code", None)

    @property
    def history(self) -> history.History:
        """Months of history: of which there is some, and which this device has."""
        return history.read(self.store)

    def ask_history(self, count: int) -> tuple[str, ...]:
        """Wants the newest ``count`` missing months of history from the next exchange on; returns them."""
        return history.ask(self, count)

    def leave_history(self, months: Iterable[str]) -> None:
        """Gives months of history back: they leave this device with the next exchange; the server keeps them."""
        history.leave(self, months)

    # The outbox and its person

    def pending(self) -> list[PendingTransaction]:
        """The outbox in order."""
        waits = awaited.read(self.store)
        return [outbox.describe(entry, waits) for entry in self.store.outbox()]

    def status(self) -> DeviceStatus:
        """Counts, last sync, progress, and what is wrong."""
        entries = self.store.outbox()
        meta = self.store.meta
        last = meta("last_sync_ms")
        return DeviceStatus(
            unsent=len(entries),
            doubtful=sum(bool(entry.doubtful) for entry in entries),
            held=sum(bool(entry.held) for entry in entries),
            last_sync_ms=int(last) if last else None,
            complete=meta("complete") == "1",
            skew_ms=int(meta("skew_ms") or 0),
            progress=msgspec.json.decode(meta("progress") or "[]", type=list[BucketProgress]),
            stopped=self.stopped,
            stopped_code=meta("stopped_code") or "",
            undecided=meta("undecided") or "",
            dataset=meta("dataset") or "",
            install_id=self.install_id,
            question=caution.read(self.store),
            recovery=restored.read(self.store),
        )

    def accept_removals(self) -> None:
        """The person says that the rows in question may go."""
        caution.accept(self)

    def decline_removals(self) -> None:
        """Not now: the rows in question stay."""
        caution.decline(self)

    def noted_recovery(self) -> None:
        """The person has read that the server came back from a backup and that all is well again."""
        with self.store.transaction():
            restored.write(self.store, None)

    def export_outbox(self) -> bytes:
        """All unsent work as a JSON file (``outbox.export``); remembers what was handed out."""
        entries = self.store.outbox()
        actor = self.actor()
        about = {
            "exported_at": self.clock.now_ms(),
            "app_version": self.app_version,
            "user_id": actor.user_id,
            "org_id": actor.org_id,
            "dataset": self.store.meta("dataset") or "",
            "install_id": self.install_id,
        }
        body = outbox.export(entries, about)
        with self.store.transaction():
            self.store.set_meta("exported", outbox.export_hash(entries))
        return body

    def import_outbox(self, body: bytes, *, even_other_dataset: bool = False) -> importing.ImportReport:
        """Brings the unsent work of an exported file back into the outbox (``importing.bring_in``)."""
        return importing.bring_in(self, body, even_other_dataset=even_other_dataset)

    def archived(self) -> list[ArchivedTransaction]:
        """What was set aside and has no outcome, the newest last."""
        return importing.archived(self.store)

    def send_again(self, tx_id: str) -> None:
        """Moves a transaction from the archive back into the outbox (``importing.send_again``)."""
        importing.send_again(self, tx_id)

    def try_again(self, tx_id: str) -> None:
        """A person asks to send a held transaction once more."""
        with self.store.transaction():
            entry = self._entry(tx_id)
            entry.held = ""
            self.store.outbox_update(entry)
        self.tell_queued()

    def start_fresh(self, *, even_unexported: bool = False) -> None:
        """Empties the replica and begins again with the server's present data, when a person asked for it.

        Unsent work goes to the archive, bytes and all. Raises ``StateConflict`` ``outbox_not_exported`` while it was
        not exported as it is now, unless the person said so.
        """
        entries = self.store.outbox()
        exported = self.store.meta("exported") == outbox.export_hash(entries)
        if entries and not exported and not even_unexported:
            raise StateConflict("outbox_not_exported", count=len(entries))
        with self.store.transaction():
            for entry in entries:
                self.store.archive(entry, "start_fresh", self.clock.now_ms())
                self.store.outbox_remove(entry.tx_id)
            self.store.clear_rows()
            self.checks.cancel()
            for key in (*exchange.REPLICA_META, "exported"):
                self.store.set_meta(key, None)
        self.new_install()

    def _entry(self, tx_id: str) -> OutboxEntry:
        for entry in self.store.outbox():
            if entry.tx_id == tx_id:
                return entry
        raise StateConflict("not_waiting", tx_id=tx_id)

    # Installs

    def new_install(self) -> None:
        """Takes a new install id and numbers the outbox anew, keeping the transactions' ids.

        The platform is told first: after a crash in between, the mismatch is found at the next start.
        """
        self._claim(self.renew_install_id())

    def renew_install_id(self) -> str:
        """A new install id that the platform knows and the database does not yet."""
        install_id = self.new_id()
        if self._on_install is not None:
            self._on_install(install_id)
        return install_id

    def _claim(self, install_id: str) -> None:
        """A database that was numbered under another id is a copy, or the id was renewed: number anew."""
        updated = self.store.meta("app_version") != self.app_version
        if self.store.meta("install") == install_id and not updated:
            return
        with self.store.transaction():
            if self.store.meta("install") != install_id:
                exchange.renumber(self.store, install_id)
            if updated:
                self.store.set_meta("app_version", self.app_version)
                if self.stopped in ("upgrade", "reset"):
                    # An older app stops at what a newer one can handle; if it is still so, the server says so again.
                    self.store.set_meta("stopped", None)
