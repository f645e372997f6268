"""The engine's own books in the local file: outbox, sent log, archive, meta, drafts, local error log."""

import sqlite3
from abc import ABC, abstractmethod
from typing import Any

import msgspec

from shared.errors import Problem
from sync.ports import Again, OutboxEntry

ERRORS_KEPT = 500
DETAIL_LENGTH = 8_000
_COLUMNS = "position, tx_id, payload, payload_hash, seq, reads, writes, doubtful, held, created_at, again"


class Books(ABC):
    """The part of the store that is not the user's rows."""

    connection: sqlite3.Connection
    _outbox_cache: list[OutboxEntry] | None = None
    """Every local change asks for the outbox; only this store writes it."""

    @abstractmethod
    def _touch(self, name: str) -> None:
        """Notes that the open transaction changes the books named."""

    # Outbox

    def outbox(self) -> list[OutboxEntry]:
        """All transactions without a final outcome, in order."""
        if self._outbox_cache is None:
            rows = self.connection.execute(f"SELECT {_COLUMNS} FROM outbox ORDER BY position").fetchall()
            self._outbox_cache = [_entry(row) for row in rows]
        return list(self._outbox_cache)

    def _forget_outbox_cache(self) -> None:
        self._outbox_cache = None

    def outbox_size(self) -> int:
        """How many there are."""
        return int(self.connection.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def outbox_add(self, entry: OutboxEntry) -> None:
        """Appends; ``entry.position`` is given here."""
        self._touch("_outbox")
        columns = _COLUMNS.removeprefix("position, ")
        sql = f"INSERT INTO outbox ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        cursor = self.connection.execute(sql, _values(entry))
        entry.position = int(cursor.lastrowid or 0)
        if self._outbox_cache is not None:
            self._outbox_cache.append(entry)

    def outbox_put_back(self, entry: OutboxEntry) -> None:
        """Adds at the entry's own position: where it had been before."""
        self._touch("_outbox")
        sql = f"INSERT INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self.connection.execute(sql, (entry.position, *_values(entry)))
        self._forget_outbox_cache()

    def outbox_update(self, entry: OutboxEntry) -> None:
        """Stores what may change: number, keys, doubt, hold. The payload never does."""
        self._touch("_outbox")
        sql = "UPDATE outbox SET seq = ?, reads = ?, writes = ?, doubtful = ?, held = ? WHERE tx_id = ?"
        keys = (_text(entry.reads), _text(entry.writes))
        self.connection.execute(sql, (entry.seq, *keys, entry.doubtful, entry.held, entry.tx_id))
        if not any(kept is entry for kept in self._outbox_cache or ()):
            self._forget_outbox_cache()

    def outbox_remove(self, tx_id: str) -> None:
        """The transaction has its outcome, or was set aside by a person."""
        self._touch("_outbox")
        self.connection.execute("DELETE FROM outbox WHERE tx_id = ?", (tx_id,))
        if self._outbox_cache is not None:
            self._outbox_cache = [entry for entry in self._outbox_cache if entry.tx_id != tx_id]

    # Sent log and archive

    def log_sent(
        self, entry: OutboxEntry, install_id: str, status: str, problem: str | None, at: int, *, dataset: str = "",
        stamp: int = 0, given: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Keeps an answered transaction until the server has it in a verified backup."""
        self._touch("_sent")
        row = (
            entry.tx_id, entry.payload, entry.payload_hash, install_id, entry.seq, status, problem, at,
            entry.position, _text(entry.reads), _text(entry.writes), dataset, stamp,
            msgspec.json.encode(given or {}).decode(),
        )  # fmt: skip
        sql = f"INSERT OR REPLACE INTO sent_log ({_SENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self.connection.execute(sql, row)

    def sent(self) -> list[dict[str, Any]]:
        """The sent log: ``tx_id, install_id, seq, status, problem, answered_at``, the newest last."""
        names = ("tx_id", "install_id", "seq", "status", "problem", "answered_at")
        sql = f"SELECT {', '.join(names)} FROM sent_log ORDER BY answered_at, seq"
        return [dict(zip(names, row, strict=True)) for row in self.connection.execute(sql).fetchall()]

    def answered(self, dataset: str) -> list[tuple[str, bytes]]:
        """Ids and bytes of the dataset's answered transactions (of all, when it is empty), the newest last."""
        sql = "SELECT tx_id, payload FROM sent_log WHERE ? IN ('', dataset) OR dataset = '' ORDER BY answered_at, seq"
        return list(self.connection.execute(sql, (dataset,)).fetchall())

    def prune_sent(self, install_id: str, safe_seq: int) -> None:
        """Forgets what the install had answered up to ``safe_seq``."""
        self._touch("_sent")
        self.connection.execute("DELETE FROM sent_log WHERE install_id = ? AND seq <= ?", (install_id, safe_seq))

    def has_sent_before(self, dataset: str, stamp: int) -> bool:
        """Whether the log holds work of the dataset that was answered before the stamp (0, unknown, aside)."""
        sql = "SELECT 1 FROM sent_log WHERE dataset = ? AND stamp > 0 AND stamp < ? LIMIT 1"
        return self.connection.execute(sql, (dataset, stamp)).fetchone() is not None

    def prune_sent_until(self, stamp: int) -> None:
        """Forgets what was answered before the stamp, under whichever install. 0 is unknown and stays, and so does
        what was answered at it: a change without effect, after the backup, is answered at the backup's own ``seq``."""
        self._touch("_sent")
        self.connection.execute("DELETE FROM sent_log WHERE stamp > 0 AND stamp < ?", (stamp,))

    def take_sent(self, dataset: str) -> list[OutboxEntry]:
        """Takes the dataset's answered transactions out of the log, in order, each with ``again``.

        Entries of older versions of the app name no dataset: they belong to the only one there was, and stood before
        all others.
        """
        self._touch("_sent")
        names = "position, tx_id, payload, payload_hash, reads, writes, answered_at, problem, given, status"
        order = "position IS NOT NULL, position, answered_at, seq"
        sql = f"SELECT {names} FROM sent_log WHERE dataset IN (?, '') ORDER BY {order}"
        rows = self.connection.execute(sql, (dataset,)).fetchall()
        self.connection.execute("DELETE FROM sent_log WHERE dataset IN (?, '')", (dataset,))
        unplaced = sum(row[0] is None for row in rows)
        return [_answered(row, number - unplaced) for number, row in enumerate(rows)]

    def archive(self, entry: OutboxEntry, reason: str, at: int) -> None:
        """Sets a transaction aside for good; the bytes stay."""
        self._touch("_archive")
        sql = "INSERT OR REPLACE INTO archive VALUES (?, ?, ?, ?, ?)"
        self.connection.execute(sql, (entry.tx_id, entry.payload, entry.payload_hash, reason, at))

    def archived(self) -> list[dict[str, Any]]:
        """What was set aside: ``tx_id, payload, payload_hash, reason, archived_at``."""
        names = ("tx_id", "payload", "payload_hash", "reason", "archived_at")
        sql = f"SELECT {', '.join(names)} FROM archive ORDER BY archived_at, tx_id"
        return [dict(zip(names, row, strict=True)) for row in self.connection.execute(sql).fetchall()]

    def was_sent(self, tx_id: str) -> bool:
        """Whether the sent log has an answer to it."""
        return self.connection.execute("SELECT 1 FROM sent_log WHERE tx_id = ?", (tx_id,)).fetchone() is not None

    def unarchive(self, tx_id: str) -> None:
        """The transaction waits in the outbox again."""
        self._touch("_archive")
        self.connection.execute("DELETE FROM archive WHERE tx_id = ?", (tx_id,))

    # Removals that wait for the end of a pull, or for a person's word

    def removals(self) -> list[tuple[str, str, int, bytes | None]]:
        """(entity, id, revision, put or None), in order."""
        return self.connection.execute("SELECT entity, id, rev, put FROM removal ORDER BY entity, id").fetchall()

    def keep_removals(self, removals: list[tuple[str, str, int, bytes | None]]) -> None:
        """Adds them; a row's later removal takes the place of the earlier one."""
        self._touch("_removal")
        keep = "INSERT OR REPLACE INTO removal (entity, id, rev, put) VALUES (?, ?, ?, ?)"
        self.connection.executemany(keep, removals)

    def forget_removals(self, keys: list[tuple[str, str]]) -> None:
        """They were applied, or the rows came back."""
        self._touch("_removal")
        self.connection.executemany("DELETE FROM removal WHERE entity = ? AND id = ?", keys)

    # Meta

    def meta(self, key: str) -> str | None:
        """A value of the engine's own, by name."""
        found = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def filed(self) -> list[tuple[str, str, int]]:
        """(entity, id, revision) of rows that are history and that unsent work stands on, in order."""
        return self.connection.execute("SELECT entity, id, rev FROM filed ORDER BY entity, id").fetchall()

    def keep_filed(self, filed: list[tuple[str, str, int]]) -> None:
        """Adds them."""
        self._touch("_removal")
        self.connection.executemany("INSERT OR REPLACE INTO filed (entity, id, rev) VALUES (?, ?, ?)", filed)

    def forget_filed(self, keys: list[tuple[str, str]]) -> None:
        """They went, or came back."""
        self._touch("_removal")
        self.connection.executemany("DELETE FROM filed WHERE entity = ? AND id = ?", keys)

    def set_meta(self, key: str, value: str | None) -> None:
        """Stores the value; None forgets it. Lists that tell from when they count hear of ``_history`` only."""
        self._touch("_history" if key.startswith("history_") else "_meta")
        if value is None:
            self.connection.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            self.connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    # Drafts: what is being put together and is nobody's business yet (the basket). Never in the outbox.

    def draft(self, draft_id: str) -> dict[str, Any] | None:
        """The draft's content, as it was saved."""
        found = self.connection.execute("SELECT body FROM draft WHERE id = ?", (draft_id,)).fetchone()
        return None if found is None else msgspec.json.decode(found[0])

    def drafts(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """(id, content) of all drafts of a kind, the latest first."""
        sql = "SELECT id, body FROM draft WHERE kind = ? ORDER BY updated_at DESC, id"
        return [(row_id, msgspec.json.decode(body)) for row_id, body in self.connection.execute(sql, (kind,))]

    def save_draft(self, draft_id: str, kind: str, body: dict[str, Any], at: int) -> None:
        """Stores JSON-able content under an id."""
        self._touch("_draft")
        text = msgspec.json.encode(body).decode()
        self.connection.execute("INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", (draft_id, kind, text, at))

    def delete_draft(self, draft_id: str) -> None:
        """The draft became an order, or was thrown away."""
        self._touch("_draft")
        self.connection.execute("DELETE FROM draft WHERE id = ?", (draft_id,))

    # Local error log: what went wrong here, to be shown and shared by the user. Never sent by itself.

    def log_error(self, at: int, code: str, detail: str) -> None:
        """Adds an entry; the newest are kept."""
        self._touch("_errors")
        sql = "INSERT INTO error_log (at, code, detail) VALUES (?, ?, ?)"
        cursor = self.connection.execute(sql, (at, code, detail[:DETAIL_LENGTH]))
        self.connection.execute("DELETE FROM error_log WHERE n <= ?", ((cursor.lastrowid or 0) - ERRORS_KEPT,))

    def errors(self, limit: int = 100) -> list[dict[str, Any]]:
        """``at, code, detail``, the newest first."""
        sql = "SELECT at, code, detail FROM error_log ORDER BY n DESC LIMIT ?"
        rows = self.connection.execute(sql, (limit,)).fetchall()
        return [{"at": at, "code": code, "detail": detail} for at, code, detail in rows]


_SENT = (
    "tx_id, payload, payload_hash, install_id, seq, status, problem, answered_at, position, reads, writes, dataset, "
    "stamp, given"
)


def _answered(row: tuple[Any, ...], unplaced: int) -> OutboxEntry:
    position, tx_id, payload, payload_hash, reads, writes, answered_at, problem, given, status = row
    refused = msgspec.json.decode(problem, type=Problem) if status == "rejected" and problem else None
    return OutboxEntry(
        position=unplaced if position is None else position, tx_id=tx_id, payload=payload, payload_hash=payload_hash,
        reads=msgspec.json.decode(reads), writes=msgspec.json.decode(writes), created_at=answered_at,
        again=Again(msgspec.json.decode(given), refused),
    )  # fmt: skip


def _text(keys: list[list[str]]) -> str:
    return msgspec.json.encode(keys).decode()


def _values(entry: OutboxEntry) -> tuple[Any, ...]:
    return (
        entry.tx_id, entry.payload, entry.payload_hash, entry.seq, _text(entry.reads), _text(entry.writes),
        entry.doubtful, entry.held, entry.created_at,
        None if entry.again is None else msgspec.json.encode(entry.again).decode(),
    )  # fmt: skip


def _entry(row: tuple[Any, ...]) -> OutboxEntry:
    position, tx_id, payload, payload_hash, seq, reads, writes, doubtful, held, created_at, again = row
    return OutboxEntry(
        position=position, tx_id=tx_id, payload=payload, payload_hash=payload_hash, seq=seq,
        reads=msgspec.json.decode(reads), writes=msgspec.json.decode(writes), doubtful=doubtful, held=held,
        created_at=created_at, again=None if again is None else msgspec.json.decode(again, type=Again),
    )  # fmt: skip
