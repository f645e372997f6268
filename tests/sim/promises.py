"""The oracle: what users were promised, kept apart from the engine and compared with the tables.

Nothing here reads what the engine remembers of itself, except where that is the promise (the outbox of a device).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import select

from server.db import tables
from server.db.engine import Tx
from server.security.audit import verify
from shared.catalog import ENTITIES
from shared.codec import row_hash
from shared.commands.quarantine import TOLD, impersonal, item_id, notice_id
from shared.ids import derived_id
from shared.numbers import from_scaled, parse_decimal
from shared.protocol import MAX_COMMANDS, Command, Transaction, decode_transaction
from tests.sim.device import SimDevice
from tests.sim.server import SimServer
from tests.support.company import ORG
from tests.support.oracle import FIRST_STOCK, Rows, check_view, held, server_rows, stock_faults, visible

ITEM = "quarantine_item"
SOON_MS = 5 * 86_400_000
"""Devices from before a restore may still come, by anybody's clock."""
FORKS_MAX = 5
"""In a row, of one device: its copies may fork in between, too."""


class BrokenPromise(AssertionError):
    """What must never happen has happened. ``kind`` is one of the words of the last line: lost, doubled, …"""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class Logged(msgspec.Struct):
    """What the server finally said of a transaction."""

    status: str
    outcome: bytes


class Promises:
    """Keeps what users were told, and checks it after each step and at the end."""

    def __init__(self, server: SimServer) -> None:
        self.server = server
        self.acknowledged: dict[str, Transaction] = {}
        """Every transaction that some user saw queued."""
        self.not_found: set[str] = set()
        """Refused for a row that was not there, before any restore or after it."""
        self.unwound: set[str] = set()
        """Gone with a device that was put back in time, unless it had been sent."""
        self.wiped: set[str] = set()
        """Handed in by devices that then emptied themselves: they cannot offer it again after a restore."""
        self.numbers: dict[str, str] = {}
        """Official order number → order."""
        self.seen_n = 0
        self.statuses: dict[str, str] = {}
        self.forks = 0
        self.restores = 0
        self.restored_at = 0
        """By the server's clock."""

    # While it goes on

    def queued(self, device: SimDevice, tx_id: str) -> None:
        """The user was told that it is queued."""
        device.acknowledged.add(tx_id)
        entry = next((entry for entry in device.store.outbox() if entry.tx_id == tx_id), None)
        if entry is None:
            raise BrokenPromise("lost", f"{tx_id} was acknowledged on {device.name} and is not in its outbox")
        self.acknowledged[tx_id] = decode_transaction(entry.payload)

    def reopened(self, device: SimDevice) -> None:
        """After a kill: all acknowledged work is there; what was committed without being acknowledged shows now."""
        if device.torn is not None and (said := device.integrity()) != "ok":
            raise BrokenPromise("defect", f"after the power cut the file of {device.name} is damaged: {said}")
        device.torn = None
        self.kept(device)
        for entry in device.store.outbox():
            if entry.tx_id not in device.acknowledged:
                self.queued(device, entry.tx_id)

    def kept(self, device: SimDevice) -> None:
        """A device still has each acknowledged transaction: waiting, answered or set aside."""
        missing = device.acknowledged - device.known() - self.statuses.keys()
        if missing:
            raise BrokenPromise("lost", f"{device.name} has forgotten {sorted(missing)}")

    def handed_in(self, device: SimDevice) -> None:
        """The device is going to empty itself: the server has all that was acknowledged on it."""
        self.committed()
        missing = device.acknowledged - self.statuses.keys() - self.unwound
        if missing:
            raise BrokenPromise("lost", f"{device.name} empties itself, and nobody has {sorted(missing)}")
        self.wiped |= device.acknowledged
        device.acknowledged = set()

    def forked(self, device: SimDevice) -> None:
        """A device was told that there are two of it: once helps."""
        self.forks += 1
        device.forks_in_a_row += 1
        if device.forks_in_a_row > FORKS_MAX:
            raise BrokenPromise("stuck", f"{device.name} is told to fork over and over")
        if not device.copied:
            raise BrokenPromise("false_alarm", f"{device.name} was never copied and was told to fork")

    def put_back(self) -> None:
        """The server came back from a backup: its log begins where that ended. Numbers stay given for ever."""
        self.restores += 1
        self.restored_at = self.server.clock.now_ms()
        self.unwound |= self.wiped
        self.seen_n = 0
        self.statuses = {}
        self.committed()

    def committed(self) -> None:
        """After each commit of the server: stock adds up, numbers are unique, final words stay final."""
        self.server.run(self.server.plain.read(self._look))

    async def _look(self, tx: Tx) -> None:
        await self._stock(tx)
        await self._numbers(tx)
        new = "SELECT n, tx_id, status, code FROM tx_log WHERE n > $1 ORDER BY n"
        for n, tx_id, status, code in await _all(tx, new, self.seen_n):
            if code == "internal_error":
                raise BrokenPromise("defect", f"the server could not decide or store {tx_id}")
            if n != self.seen_n + 1 or tx_id in self.statuses:
                raise BrokenPromise("doubled", f"log entry {n} of {tx_id} after {self.seen_n}")
            self.seen_n = n
            self.statuses[tx_id] = status
            if code == "not_found":
                # One that was refused before the restore, too, is refused again.
                if tx_id not in self.not_found and abs(self.server.clock.now_ms() - self.restored_at) < SOON_MS:
                    await self._was_there(tx, tx_id)
                self.not_found.add(tx_id)

    async def _was_there(self, tx: Tx, tx_id: str) -> None:
        """Soon after a restore nothing is refused for a row that nobody has brought back yet: its device may."""
        outcome, install_id = (await _all(tx, "SELECT outcome, install_id FROM tx_log WHERE tx_id = $1", tx_id))[0]
        about = msgspec.json.decode(bytes(outcome))["problem"]["params"]
        found = await _all(tx, f"SELECT 1 FROM e_{about['entity']} WHERE id = $1", about["id"])
        if not found and install_id:  # the server's own commands wait for nobody
            raise BrokenPromise("lost", f"{tx_id} was refused for {about}, which may still come")

    async def _stock(self, tx: Tx) -> None:
        levels = await _all(tx, "SELECT id, product_id, on_hand, reserved FROM e_stock_level")
        moved = await _sums(tx, "SELECT stock_level_id, sum(quantity) FROM e_stock_move GROUP BY 1")
        claimed = await _sums(tx, "SELECT stock_level_id, sum(reserved) FROM e_reservation GROUP BY 1")
        left = "sum(quantity - drawn - returned)"
        lent = await _sums(tx, f"SELECT held_on, {left} FROM e_stock_lease WHERE held_on IS NOT NULL GROUP BY 1")
        for level_id, product_id, on_hand, reserved in levels:
            first = FIRST_STOCK.get(product_id, 0) * 10_000
            if on_hand != first + moved.get(level_id, 0):
                raise BrokenPromise("stock", f"{level_id}: on hand {from_scaled(on_hand)}, moves say otherwise")
            if not 0 <= reserved <= on_hand or reserved != claimed.get(level_id, 0) + lent.get(level_id, 0):
                raise BrokenPromise("stock", f"{level_id}: reserved {reserved} of {on_hand}, claims say otherwise")

    async def _numbers(self, tx: Tx) -> None:
        found = await _all(tx, "SELECT number, id FROM e_order WHERE number <> ''")
        given = Counter(number for number, _ in found)
        for number, order_id in found:
            if given[number] > 1 or self.numbers.setdefault(number, order_id) != order_id:
                raise BrokenPromise("doubled", f"order number {number} was given twice")
        counted = (await _all(tx, "SELECT sum(value) FROM e_counter"))[0][0]
        if int(counted or 0) != len(found) and not self.restores:
            raise BrokenPromise("doubled", f"{counted} order numbers were drawn for {len(found)} orders")

    # At the end

    def settle(self, devices: Iterable[SimDevice]) -> None:
        """After all faults are healed: nothing is missing, nothing is there twice, everybody sees the same."""
        devices = list(devices)
        self.committed()
        rows = self.server.run(server_rows(self.server.plain, ORG, self.server.vault))
        logged = self._read_log()
        aside = {tx_id for device in devices for tx_id in device.archived()}
        for tx_id in sorted(self.acknowledged):
            if tx_id not in logged and tx_id not in aside and tx_id not in self.unwound:
                raise BrokenPromise("lost", f"{tx_id} was acknowledged and has no outcome")
        self._effects(logged, rows)
        for device in devices:
            self._told(device, logged)
            self._shows(device, rows)
        faults = list(stock_faults(rows, FIRST_STOCK))
        if faults:
            raise BrokenPromise("stock", faults[0])
        self._chain()

    def _chain(self) -> None:
        """The log is one chain, as the heads heard after each commit say."""
        report = self.server.run(verify(self.server.plain, self.server.heads, self.server.vault))
        if not report.ok or not report.heads_checked:
            raise BrokenPromise("chain", f"{report.findings[:1]} after {report.heads_checked} heads")

    def _read_log(self) -> dict[str, Logged]:
        async def read(tx: Tx) -> list[Any]:
            log = tables.tx_log.c
            asked = select(log.tx_id, log.status, log.outcome).where(log.org_id == ORG)
            return list((await tx.execute(asked)).all())

        found = self.server.run(self.server.plain.read(read))
        return {tx_id: Logged(status, bytes(outcome)) for tx_id, status, outcome in found}

    def _effects(self, logged: dict[str, Logged], rows: Rows) -> None:
        """Each accepted creation is there, each receipt and count moved stock once, nothing refused left a trace."""
        adopted = {row["tx_id"] for (entity, _), row in rows.items() if entity == ITEM and row["state"] == "adopted"}
        wanted: set[str] = set()
        for tx_id, transaction in sorted(self.acknowledged.items()):
            entry = logged.get(tx_id)
            if entry is None:
                continue
            if entry.status == "rejected":
                self._refusal(tx_id, transaction, rows, adopted)
                continue
            for index, command in enumerate(transaction.commands):
                entity, _, action = command.name.partition(".")
                if action == "create" and (entity, command.args["id"]) not in rows:
                    raise BrokenPromise("lost", f"{entity} {command.args['id']} was accepted and is not there")
                if entity == "stock":
                    wanted.add(self._moved(tx_id, index, command, rows))
                if command.name == "quarantine.adopt":
                    wanted |= self._adopted(tx_id, index, command, rows)
            if entry.status == "merged":
                self._losing_values(tx_id, entry, rows)
        extra = {row_id for entity, row_id in rows if entity == "stock_move"} - wanted
        if extra:
            raise BrokenPromise("doubled", f"stock moves that nobody asked for: {sorted(extra)}")

    def _adopted(self, tx_id: str, index: int, command: Command, rows: Rows) -> set[str]:
        """Stock moves of work that a manager has taken over: its commands count as the manager's own."""
        payload = rows[ITEM, command.args["item_id"]]["payload"]
        commands = impersonal(payload)
        for other in commands:
            entity, _, action = other.name.partition(".")
            if action == "create" and (entity, other.args["id"]) not in rows:
                raise BrokenPromise("lost", f"{entity} {other.args['id']} was taken over and is not there")
        first = (index + 1) * MAX_COMMANDS
        return {
            self._moved(tx_id, first + offset, other, rows)
            for offset, other in enumerate(commands) if other.name.startswith("stock.")
        }  # fmt: skip

    @staticmethod
    def _moved(tx_id: str, index: int, command: Command, rows: Rows) -> str:
        """The id of the one move that the command makes."""
        move_id = derived_id(tx_id, index, 1)
        move = rows.get(("stock_move", move_id))
        if move is None:
            raise BrokenPromise("lost", f"{tx_id} was accepted and moved no stock")
        if command.name == "stock.receive" and move["quantity"] != parse_decimal(command.args["quantity"]):
            raise BrokenPromise("doubled", f"{tx_id} received {command.args['quantity']}, booked {move['quantity']}")
        return move_id

    @staticmethod
    def _refusal(tx_id: str, transaction: Transaction, rows: Rows, adopted: set[str]) -> None:
        row = rows.get(("conflict", notice_id(tx_id)))
        sent = [{"name": command.name, "args": command.args} for command in transaction.commands]
        if row is None or row["payload"] != sent:
            raise BrokenPromise("lost", f"the refused {tx_id} is not in the inbox as it was sent")
        if row["code"] in TOLD and (ITEM, item_id(tx_id)) not in rows:
            raise BrokenPromise("lost", f"{tx_id} is said to be handed over, and no manager has it")
        for command in transaction.commands:
            entity, _, action = command.name.partition(".")
            if action == "create" and (entity, command.args["id"]) in rows and tx_id not in adopted:
                raise BrokenPromise("doubled", f"the refused {tx_id} left {entity} {command.args['id']}")

    @staticmethod
    def _losing_values(tx_id: str, entry: Logged, rows: Rows) -> None:
        conflicts = msgspec.json.decode(entry.outcome)["conflicts"]
        for conflict_id in conflicts:
            if ("conflict", conflict_id) not in rows:
                raise BrokenPromise("lost", f"the losing value of {tx_id} is in no inbox")

    def _told(self, device: SimDevice, logged: dict[str, Logged]) -> None:
        for tx_id, status in device.told().items():
            final = logged[tx_id].status if tx_id in logged else "missing"
            if status != final and not (status == "duplicate" and final in ("accepted", "merged")):
                raise BrokenPromise("lost", f"{device.name} was told {status} of {tx_id}, the log says {final}")

    def _shows(self, device: SimDevice, rows: Rows) -> None:
        """Equal rows by equal hashes, without a trace of unsent work."""
        if device.store.shadows():
            raise BrokenPromise("diverged", f"{device.name} keeps shadows without unsent work")
        shown = held(device)
        due = visible(device.actor, rows, device.engine.history.wanted)
        if shown == due:
            return
        hashes = {key: row_hash(ENTITIES[key[0]], row) for key, row in due.items()}
        wrong = [
            key for key in sorted({*shown, *due})
            if key not in shown or key not in due or row_hash(ENTITIES[key[0]], shown[key]) != hashes[key]
        ]  # fmt: skip
        where = "missing" if wrong[0] not in shown else "too many" if wrong[0] not in due else "different"
        raise BrokenPromise("diverged", f"{device.name}: {len(wrong)} rows, first {wrong[0]} ({where})")

    def view(self, device: SimDevice) -> None:
        """What is shown is the server's version with all unsent work run on it (while the role stayed the same, and
        the rows that it runs on are the server's)."""
        if device.own_view and not device.damaged and not any(entry.again for entry in device.store.outbox()):
            try:
                check_view(device)
            except AssertionError as error:
                raise BrokenPromise("view", f"{device.name} shows something else than its unsent work makes") from error


async def _all(tx: Tx, sql: str, *values: Any) -> list[Any]:
    """The records of a statement with ``$1``, in the driver's own words: asked after each commit."""
    result = await tx.driver(sql if tx.dialect == "postgresql" else sql.replace("$1", "?"), values)
    return list(result.all())


async def _sums(tx: Tx, sql: str) -> dict[str, int]:
    return {key: int(value) for key, value in await _all(tx, sql)}
