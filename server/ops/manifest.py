"""What a backup file says of itself, beside it in ``FILE.manifest.json``."""

import hashlib
import os
from pathlib import Path

import msgspec
from sqlalchemy import select

from server.db import tables
from server.db.engine import Database, Tx
from server.settings import SettingsError

FORMAT = "caravan-backup"
VERSION = 1
"""1 (2026-11-27): the first."""
SUFFIX = ".manifest.json"
_CHUNK = 1 << 20


class Organisation(msgspec.Struct, frozen=True):
    """An organisation's state in the backup. ``installs``: the last number of each install's transactions."""

    org_id: str
    dataset_id: str
    epoch: int
    seq: int
    chain_count: int
    chain_head: str
    installs: dict[str, int]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``made_at``: UTC milliseconds. ``verified_at``: None as long as the backup was not proven to be whole."""

    format: str = FORMAT
    version: int = VERSION
    kind: str
    """``sqlite`` or ``postgresql``."""
    path: str
    made_at: int
    size: int
    sha256: str
    organisations: list[Organisation]
    verified_at: int | None = None


async def state_of(database: Database) -> list[Organisation]:
    """What the database holds, from one snapshot."""

    async def read(tx: Tx) -> list[Organisation]:
        heads = (await tx.execute(select(tables.head).order_by(tables.head.c.org_id))).all()
        installs: dict[str, dict[str, int]] = {head.org_id: {} for head in heads}
        columns = tables.install.c
        for org_id, install_id, last_seq in await tx.execute(
            select(columns.org_id, columns.install_id, columns.last_seq)
        ):
            installs[org_id][install_id] = last_seq
        return [
            Organisation(
                head.org_id,
                head.dataset_id,
                head.epoch,
                head.seq,
                head.chain_count,
                bytes(head.chain_head).hex(),
                installs[head.org_id],
            )
            for head in heads
        ]

    return await database.read(read)


def digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def place_of(backup: Path) -> Path:
    """Where the manifest of a backup file lies."""
    return backup.with_name(backup.name + SUFFIX)


def write(place: Path, manifest: Manifest) -> None:
    """Stores the manifest; there is always a whole one."""
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place)


def read(place: Path) -> Manifest:
    """The manifest. Raises ``SettingsError`` ``backup_unreadable``."""
    try:
        manifest = msgspec.json.decode(place.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError("backup_unreadable", path=str(place), reason=str(error)[:200]) from error
    if manifest.format != FORMAT or manifest.version > VERSION:
        raise SettingsError("backup_unreadable", path=str(place), reason="another format")
    return manifest
