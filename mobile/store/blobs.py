"""The bytes of attachments in the user's own database: what was made here and is not sent yet, and a cache.

In the same file as the rows, because then there is one lock, one hand-over between tabs, one kind of durability, and
nothing of a user's outside of his database (measured in mobile/README.md). In pieces, so that no statement touches more
than a piece.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from mobile.store.naming import table_name
from mobile.store.store import SqliteStore
from shared.commands.attachments import claims
from shared.commands.quarantine import ADOPTED, HANDED_OVER
from shared.errors import LimitExceeded

PIECE_BYTES = 256 * 1_024
CACHE_BYTES = 100_000_000
"""Of what the server has too. What only this device has is never counted and never dropped to make room."""
OWN_BYTES = 400_000_000
"""Of what waits to be sent: the next file is refused with words, because a database that has grown too far to open
loses more than one photo."""
ORPHANS_MS = 30 * 86_400_000
HELD = "files"
"""Kind of the drafts that name the staged files of a form that is not saved yet."""
TYPED = "form"
"""Kind of the drafts of what was typed into a form."""
TO_THE_DESK = (*HANDED_OVER.values(), ADOPTED)
"""Codes of the notices about work that a manager has, or has done: its content is wanted, and no row here names it."""
_ROWS = table_name("attachment")
_SEEN = "SELECT 1 FROM blob WHERE sha256 = p.sha256"
_UNSENT = f"SELECT 1 FROM [{_ROWS}] AS a WHERE a.sha256 = b.sha256 AND a.stored_at IS NULL AND a.deleted_at IS NULL"


class Waiting(msgspec.Struct, frozen=True):
    """An attachment whose bytes are here and not on the server. ``ready``: the server knows its row."""

    id: str
    sha256: str
    size: int
    file_name: str
    ready: bool
    problem: str
    """Code of the refusal; empty while it may be sent."""
    handed_over: bool = False
    """Of work that went to a manager: ``id`` is that of the attachment that it would make."""


class Held(msgspec.Struct, frozen=True):
    """Content that may be nowhere else."""

    sha256: str
    size: int
    wanted: bool
    """Named by a living row, or by work that waits, was refused or set aside; otherwise it was removed here."""


class BlobShelf:
    """The two tables of bytes. Whatever writes opens its own local transaction, but for ``publish``.

    Content is here when ``blob`` has its row; pieces without one are *staged*. Those that a draft names (``HELD``) stay
    for the form that they belong to.
    """

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self._sql = store.connection
        self._staged: set[str] = set()
        """Content that somebody here is about to publish, or may yet."""

    def staging(self, sha256: str, content: bytes, *, own: bool) -> Iterator[None]:
        """Stores content piece by piece, each in a local transaction of its own; nobody sees them before ``publish``.
        The caller lets others run in between: the flush of twenty megabytes would hold everybody up for a second.

        Raises ``LimitExceeded`` ``device_storage_full`` when there is no room; then nothing is left of it.
        """
        waiting = self._bytes("b.own") + self._staged_bytes(sha256) if own else 0
        if waiting + len(content) > OWN_BYTES:
            raise LimitExceeded("device_storage_full")
        self._staged.add(sha256)
        for place in range(0, len(content) if not self.has(sha256) else 0, PIECE_BYTES):
            try:
                with self.store.transaction():
                    self._piece(sha256, content, place)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL:
                    raise
                self._staged.discard(sha256)
                self.sweep_staged()
                raise LimitExceeded("device_storage_full") from error
            yield

    def _piece(self, sha256: str, content: bytes, place: int) -> None:
        piece = content[place : place + PIECE_BYTES]
        write = "INSERT OR REPLACE INTO blob_piece (sha256, n, data) VALUES (?, ?, ?)"
        self._sql.execute(write, (sha256, place // PIECE_BYTES, piece))

    def publish(self, sha256: str, content: bytes, at: int, *, own: bool, thumb: bytes | None = None) -> None:
        """Makes staged content the device's. ``own``: made here, kept until the server has it.

        Inside the caller's transaction, so that it is there together with its row, or not at all.
        """
        self.store._touch("_blob")
        run = self._sql.execute
        if self.has(sha256):
            run("UPDATE blob SET own = max(own, ?), used_at = ?, problem = '' WHERE sha256 = ?", (own, at, sha256))
            return
        staged = run("SELECT coalesce(sum(length(data)), 0) FROM blob_piece WHERE sha256 = ?", (sha256,)).fetchone()[0]
        if staged != len(content):  # somebody changed his mind about the same content meanwhile
            for place in range(0, len(content), PIECE_BYTES):
                self._piece(sha256, content, place)
        columns = "(sha256, size, own, problem, thumb, added_at, used_at)"
        run(f"INSERT INTO blob {columns} VALUES (?, ?, ?, '', ?, ?, ?)", (sha256, len(content), own, thumb, at, at))

    def keep(self, sha256: str, content: bytes, at: int, *, own: bool, thumb: bytes | None = None) -> None:
        """``staging`` and ``publish`` at once. Raises as ``staging`` does."""
        for _ in self.staging(sha256, content, own=own):
            pass
        self.keep_staged(sha256, content, at, own=own, thumb=thumb)

    def keep_staged(self, sha256: str, content: bytes, at: int, *, own: bool, thumb: bytes | None = None) -> None:
        """``publish`` in a transaction of its own, for content whose row is here already."""
        with self.store.transaction():
            self.publish(sha256, content, at, own=own, thumb=thumb)
            if not own:
                self._make_room(sha256)

    def staged(self, sha256: str) -> bytes:
        """Content that a form holds, staged or published; shorter when not all of it is here. From now on somebody may
        publish it again."""
        self._staged.add(sha256)
        rows = self._sql.execute("SELECT data FROM blob_piece WHERE sha256 = ? ORDER BY n", (sha256,))
        return b"".join(row[0] for row in rows)

    def _staged_bytes(self, but: str) -> int:
        sql = f"SELECT coalesce(sum(length(data)), 0) FROM blob_piece AS p WHERE sha256 <> ? AND NOT EXISTS ({_SEEN})"
        return int(self._sql.execute(sql, (but,)).fetchone()[0])

    def sweep_staged(self) -> None:
        """Drops pieces that a crash, or a change of mind, left behind; in short transactions."""
        left = f"SELECT DISTINCT sha256 FROM blob_piece AS p WHERE NOT EXISTS ({_SEEN})"
        for (sha256,) in self._sql.execute(left).fetchall():
            if sha256 not in self._staged and not self._held(sha256):
                for (piece,) in self._sql.execute("SELECT id FROM blob_piece WHERE sha256 = ?", (sha256,)).fetchall():
                    with self.store.transaction():
                        self._sql.execute("DELETE FROM blob_piece WHERE id = ?", (piece,))

    def _make_room(self, newest: str) -> None:
        """The cache stays within its bound: the longest unused go first."""
        cached = (
            f"SELECT b.sha256, b.size FROM blob AS b WHERE NOT (b.own AND EXISTS ({_UNSENT})) ORDER BY b.used_at DESC"
        )
        total, drop = 0, []
        for sha256, size in self._sql.execute(cached).fetchall():
            total += size
            if total > CACHE_BYTES and sha256 != newest and not self._only_here(sha256):
                drop.append((sha256,))
        self._drop(drop)

    def _only_here(self, sha256: str) -> bool:
        """Whether these bytes may be nowhere else: own, and no row says that the server has them."""
        stored = f"SELECT 1 FROM [{_ROWS}] WHERE sha256 = ? AND stored_at IS NOT NULL"
        own = self._sql.execute("SELECT own FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
        only = bool(own and own[0]) and self._sql.execute(stored, (sha256,)).fetchone() is None
        return only or self._held(sha256)

    def _held(self, sha256: str) -> bool:
        """Whether a form that is not saved yet has it."""
        named = "SELECT 1 FROM draft WHERE kind = ? AND instr(body, ?)"
        return self._sql.execute(named, (HELD, sha256)).fetchone() is not None

    def _drop(self, keys: list[tuple[str]]) -> None:
        self._sql.executemany("DELETE FROM blob_piece WHERE sha256 = ?", keys)
        self._sql.executemany("DELETE FROM blob WHERE sha256 = ?", keys)

    def has(self, sha256: str) -> bool:
        """Whether the whole content is here."""
        return self._sql.execute("SELECT 1 FROM blob WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def read(self, sha256: str, offset: int, length: int) -> bytes:
        """A part of the content; shorter at the end."""
        first, last = offset // PIECE_BYTES, (offset + max(length, 1) - 1) // PIECE_BYTES
        sql = "SELECT data FROM blob_piece WHERE sha256 = ? AND n BETWEEN ? AND ? ORDER BY n"
        joined = b"".join(row[0] for row in self._sql.execute(sql, (sha256, first, last)))
        start = offset - first * PIECE_BYTES
        return joined[start : start + length]

    def whole(self, sha256: str, at: int) -> bytes | None:
        """The content, None when it is not here; noted as used."""
        found = self._sql.execute("SELECT size FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
        if found is None:
            return None
        with self.store.transaction():
            self._sql.execute("UPDATE blob SET used_at = ? WHERE sha256 = ?", (at, sha256))
        return self.read(sha256, 0, found[0])

    def thumb(self, sha256: str) -> bytes | None:
        """A small picture of it, where there is one."""
        found = self._sql.execute("SELECT thumb FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
        return found[0] if found else None

    def waiting(self, user_id: str) -> list[Waiting]:
        """What this user's device still has to send, the oldest first; at last what belongs to handed-over work."""
        sql = f"""
            SELECT a.id, a.sha256, a.size, a.file_name, a.rev > 0 AS ready, b.problem
            FROM [{_ROWS}] AS a JOIN blob AS b ON b.sha256 = a.sha256
            WHERE a.stored_at IS NULL AND a.deleted_at IS NULL AND a.created_by = ? ORDER BY a.created_at, a.id"""
        found = [Waiting(**{**row, "ready": bool(row["ready"])}) for row in self.store.query(sql, (user_id,))]
        known = {item.sha256 for item in found}
        return found + [item for item in self._handed_over(user_id) if item.sha256 not in known]

    def _handed_over(self, user_id: str) -> list[Waiting]:
        codes = ", ".join("?" * len(TO_THE_DESK))
        notices = self.store.select("conflict", f"code IN ({codes}) AND owner_id = ?", (*TO_THE_DESK, user_id))
        sql = "SELECT size FROM blob WHERE sha256 = ? AND own AND problem = ''"
        found: dict[str, Waiting] = {}
        for said in (claim for row in notices for claim in claims(row["payload"])):
            here = self._sql.execute(sql, (said.sha256,)).fetchone()
            if here is not None:
                found[said.sha256] = Waiting(said.row_id, said.sha256, here[0], said.file_name, True, "", True)
        return list(found.values())

    def set_problem(self, sha256: str, code: str) -> None:
        """Notes why the server does not take it; empty to try again."""
        with self.store.transaction():
            self.store._touch("_blob")
            self._sql.execute("UPDATE blob SET problem = ? WHERE sha256 = ?", (code, sha256))

    def only_here(self) -> list[Held]:
        """Own content that the server may lack, the oldest first: no row says that it is there, or work that has not
        become rows names it (whose rows will want it too, also when another row's content is the same). What was
        removed here is among it: the server may not have heard of that, or never will."""
        living = f"SELECT 1 FROM [{_ROWS}] WHERE sha256 = b.sha256 AND deleted_at IS NULL"
        stored = f"SELECT 1 FROM [{_ROWS}] WHERE sha256 = b.sha256 AND stored_at IS NOT NULL"
        sql = f"""SELECT b.sha256, b.size, EXISTS ({living}), EXISTS ({stored}) FROM blob AS b
            WHERE b.own ORDER BY b.added_at, b.sha256"""
        rows = [(*row, self._named(row[0])) for row in self._sql.execute(sql).fetchall()]
        return [
            Held(sha256, size, bool(lives) or named) for sha256, size, lives, there, named in rows if named or not there
        ]

    def handed_in(self, sha256: str) -> None:
        """The server has the content, and no row here waits for it: these bytes are not the only ones any more."""
        with self.store.transaction():
            self.store._touch("_blob")
            self._sql.execute("UPDATE blob SET own = 0 WHERE sha256 = ?", (sha256,))

    def forget(self, sha256: str) -> None:
        """Drops staged content that will not be published."""
        self._staged.discard(sha256)
        self.sweep_staged()

    def sweep(self, now: int) -> None:
        """Drops own content whose attachment was removed a month ago, or never came to be (a crash in between), and
        what forms have held, and what was typed into them, for a month.

        Content that waiting, refused or set-aside work names stays, however old. Staged content that nobody here is
        about to publish goes at once.
        """
        old = "SELECT id FROM draft WHERE kind IN (?, ?) AND updated_at < ?"
        for (draft_id,) in self._sql.execute(old, (HELD, TYPED, now - ORPHANS_MS)).fetchall():
            with self.store.transaction():
                self.store.delete_draft(draft_id)
        self.sweep_staged()
        living = f"SELECT 1 FROM [{_ROWS}] WHERE sha256 = b.sha256 AND deleted_at IS NULL"
        sql = f"SELECT b.sha256 FROM blob AS b WHERE b.own AND b.added_at < ? AND NOT EXISTS ({living})"
        keys = self._sql.execute(sql, (now - ORPHANS_MS,)).fetchall()
        keys = [row for row in keys if not self._named(row[0]) and not self._held(row[0])]
        if keys:
            with self.store.transaction():
                self.store._touch("_blob")
                self._drop(keys)

    def _named(self, sha256: str) -> bool:
        conflict = table_name("conflict")
        codes = ", ".join(f"'{code}'" for code in TO_THE_DESK)
        places = (
            ("outbox", "payload", "1"),
            ("archive", "payload", "1"),
            (f"[{conflict}]", "payload", f"(state = 'open' OR code IN ({codes}))"),
        )
        return any(
            self._sql.execute(
                f"SELECT 1 FROM {table} WHERE {where} AND instr(CAST({column} AS TEXT), ?)", (sha256,)
            ).fetchone()
            for table, column, where in places
        )

    def usage(self) -> dict[str, Any]:
        """``own`` and ``cached`` bytes."""
        own = self._bytes("b.own")
        return {"own": own, "cached": self._bytes("1") - own}

    def _bytes(self, where: str) -> int:
        sql = f"SELECT coalesce(sum(b.size), 0) FROM blob AS b WHERE {where}"
        if where == "b.own":
            sql += f" AND EXISTS ({_UNSENT})"
        return int(self._sql.execute(sql).fetchone()[0])
