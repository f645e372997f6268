"""The audit chain's outside copy, and the check that nobody has touched the log.

After each commit the head of the chain is appended to a file beside the database. Whoever changes the database alone,
even with a freshly computed chain, contradicts the file. A crash between commit and append leaves the file a little
behind, which is no finding; a file that is *ahead* of the database is one (entries were cut off, or an older backup
was put back).
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import structlog
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.security.crypto import SealError, Vault, is_sealed_bytes
from sync.authority.chain import GENESIS, entry_hash, fingerprint
from sync.authority.ports import Commit, LogEntry

log = structlog.get_logger("caravan.audit")

CHUNK = 2_000
TORN = "torn"
MAX_FINDINGS = 100


class HeadsFile:
    """Appends chain heads outside of the database and syncs the disk.

    A line is ``<org id> <dataset id> <n> <hash hex>``. Many commits in a short time share one line: each head vouches
    for all entries before it. A line that a crash cut short is followed by ``torn``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._latest: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._writing: asyncio.Task[None] | None = None
        self.error: str | None = None
        """Why the last write failed."""

    def heard(self, commit: Commit) -> None:
        """A listener of the authority."""
        head = commit.head
        if head.chain_count:
            self._latest[(head.org_id, head.dataset_id)] = (head.chain_count, head.chain_head)
            if self._writing is None:
                self._writing = asyncio.get_running_loop().create_task(self._write())

    async def flush(self) -> None:
        """Waits until everything heard is on the disk."""
        while self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        try:
            while self._latest:
                heads, self._latest = self._latest, {}
                try:
                    await asyncio.to_thread(self._append, heads)
                    self.error = None
                except OSError as error:
                    self.error = error.strerror or type(error).__name__
                    # The database has committed already: the next line vouches for these entries, too.
                    log.error("audit heads cannot be written", error=error.strerror)
        finally:
            self._writing = None

    def _append(self, heads: dict[tuple[str, str], tuple[int, bytes]]) -> None:
        lines = "".join(f"{org} {dataset} {count} {value.hex()}\n" for (org, dataset), (count, value) in heads.items())
        # O_APPEND: several workers write whole lines one after another.
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                lines = f"\n{TORN}\n{lines}"
            os.write(descriptor, lines.encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with the log. ``kind``: edited, missing, reordered, truncated, heads_file."""

    org_id: str
    n: int
    kind: str
    detail: str


class Report(msgspec.Struct):
    """The result of a verification."""

    entries: int = 0
    organisations: int = 0
    heads_checked: int = 0
    replaced: int = 0
    """Datasets that the heads file knows and that are not in the database any more (a demo that was made anew)."""
    findings: list[Finding] = []

    @property
    def ok(self) -> bool:
        return not self.findings

    def add(self, org_id: str, n: int, kind: str, detail: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(org_id, n, kind, detail))


async def verify(database: Database, heads_file: Path, vault: Vault | None = None) -> Report:
    """Recomputes every organisation's chain and compares it with its head row and the file outside.

    With a ``vault`` sealed payloads are compared with their fingerprints as well.
    """
    report = Report()
    outside = _read_heads(heads_file, report)

    async def read(tx: Tx) -> list[Any]:
        return list((await tx.execute(select(tables.head).order_by(tables.head.c.org_id))).all())

    for head in await database.read(read):
        report.organisations += 1
        known = outside.pop((head.org_id, head.dataset_id), {})
        await _verify_chain(database, head, known, vault, report)
    report.replaced = len(outside)
    return report


def _read_heads(path: Path, report: Report) -> dict[tuple[str, str], dict[int, bytes]]:
    """Heads by organisation and dataset, and by number."""
    found: dict[tuple[str, str], dict[int, bytes]] = {}
    lines = path.read_text("ascii", errors="replace").split("\n") if path.exists() else []
    for number, line in enumerate(lines, 1):
        following = lines[number] if number < len(lines) else TORN
        if not line or TORN in (line, following):
            continue
        try:
            org_id, dataset_id, count, value = line.split()
            known = found.setdefault((org_id, dataset_id), {})
            if known.setdefault(int(count), bytes.fromhex(value)) != bytes.fromhex(value):
                report.add(org_id, int(count), "heads_file", "two different hashes for one entry")
        except ValueError:
            report.add("", 0, "heads_file", f"line {number} cannot be read")
    return found


async def _verify_chain(
    database: Database, head: Any, outside: dict[int, bytes], vault: Vault | None, report: Report
) -> None:
    expected, previous = 0, GENESIS
    async for record in _entries(database, head.org_id, head.chain_count):
        expected += 1
        report.entries += 1
        if record.n != expected:
            report.add(head.org_id, expected, "missing", f"the entry before {record.n} is not there")
            expected, previous = record.n, bytes(record.prev_hash)
        previous = _verify_entry(head.org_id, record, previous, outside, vault, report)
    if expected < head.chain_count:
        report.add(head.org_id, head.chain_count, "truncated", f"the log ends at {expected}")
    elif previous != bytes(head.chain_head):
        report.add(head.org_id, expected, "edited", "the head of the chain is another one")
    for count in sorted(outside):
        if count > head.chain_count:
            report.add(head.org_id, count, "truncated", "the heads file knows an entry that is not in the database")


def _verify_entry(
    org_id: str, record: Any, previous: bytes, outside: dict[int, bytes], vault: Vault | None, report: Report
) -> bytes:
    entry = entry_of_record(record)
    if entry.prev_hash != previous:
        report.add(org_id, entry.n, "reordered", "it does not follow on the entry before it")
    if entry_hash(org_id, entry) != entry.hash:
        report.add(org_id, entry.n, "edited", "its hash does not fit what it says")
    if record.payload is not None:
        _verify_payload(org_id, entry, vault, report)
    if entry.n in outside:
        report.heads_checked += 1
        if outside[entry.n] != entry.hash:
            report.add(org_id, entry.n, "edited", "the heads file has another hash for it")
    return entry.hash


def payload_fits(record: Any, vault: Vault) -> bool:
    """Whether what was logged is what is stored; an erased payload says nothing against it."""
    report = Report()
    if record.payload is not None:
        _verify_payload("", entry_of_record(record), vault, report)
    return report.ok


def _verify_payload(org_id: str, entry: LogEntry, vault: Vault | None, report: Report) -> None:
    payload = entry.payload
    if is_sealed_bytes(payload):
        if vault is None:
            return
        try:
            payload = vault.unseal("tx_log", "payload", entry.tx_id, payload)
        except SealError as error:
            report.add(org_id, entry.n, "edited", str(error))
            return
    if fingerprint(entry.salt, payload) != entry.fingerprint:
        report.add(org_id, entry.n, "edited", "its payload is not the one that was logged")


def entry_of_record(record: Any) -> LogEntry:
    """The entry behind a row of the log; its outcome is left out, the chain does not know it."""
    return LogEntry(
        tx_id=record.tx_id,
        user_id=record.user_id,
        device_id=record.device_id,
        install_id=record.install_id,
        seq=record.seq_of_install,
        received_at=record.received_at,
        occurred_at=record.occurred_at,
        status=record.status,
        code=record.code,
        commands=record.commands,
        payload=bytes(record.payload or b""),
        salt=bytes(record.salt or b""),
        fingerprint=bytes(record.payload_hash),
        outcome=b"",
        n=record.n,
        prev_hash=bytes(record.prev_hash),
        hash=bytes(record.hash),
    )


async def _entries(database: Database, org_id: str, until: int) -> AsyncIterator[Any]:
    """Entries in order, in chunks; those that are added while this runs are left for the next verification."""
    columns = tables.tx_log.c
    after = 0
    while True:
        statement = (
            select(tables.tx_log)
            .where(columns.org_id == org_id, columns.n > after, columns.n <= until)
            .order_by(columns.n)
            .limit(CHUNK)
        )
        chunk = await database.read(_reader(statement))
        for record in chunk:
            yield record
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].n


def _reader(statement: Any) -> Any:
    async def read(tx: Tx) -> list[Any]:
        return list((await tx.execute(statement)).all())

    return read
