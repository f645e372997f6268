"""``caravan restore``: a backup in the place of the database, under a new epoch: devices then bring what it lacks."""

import datetime
import re
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from server.db.authority import Authority
from server.db.engine import Database, Tx
from server.db.migrate import upgrade
from server.db.tables import head, table
from server.ops import backup, copies, lock
from server.ops.commands import Say
from server.ops.manifest import Manifest
from server.ops.opened import open_vault
from server.ops.ports import SystemClock, SystemEntropy
from server.security.audit import HeadsFile
from server.security.crypto import Vault
from server.settings import Settings, SettingsError
from sync.authority.backups import begin_epoch, next_epoch
from sync.authority.ports import Commit, Unit

_COUNTER = re.compile("order:([0-9]{4})", re.ASCII)


class Replaced(msgspec.Struct):
    """What could be read of the database that is going to be replaced: by organisation."""

    epochs: dict[str, int] = {}
    counted: dict[str, dict[int, int]] = {}


async def restore(settings: Settings, say: Say, file: str, *, older: bool) -> int:
    """Puts the backup back. The replaced database and heads file are kept beside.

    Raises ``SettingsError``: ``server_running``, ``backup_bad``, ``backup_older``, … and then nothing was changed.
    """
    path = Path(file).expanduser().resolve()
    vault = open_vault(settings)
    with lock.alone(settings):
        made = await backup.verified(settings, vault, path)
        newest = _newer(settings, made)
        if newest is not None and not older:
            raise SettingsError("backup_older", path=str(path), newest=newest.path)
        replaced = await _read_replaced(settings)
        stamp = datetime.datetime.fromtimestamp(SystemClock().now_ms() / 1_000, datetime.UTC).strftime("%Y%m%d_%H%M%S")
        fresh = f"caravan_restoring_{stamp}"
        heads = HeadsFile(settings.data / f"{settings.audit_heads.name}.new")
        heads.path.unlink(missing_ok=True)
        url = await copies.load(settings, path, fresh)
        try:
            await _begin(url, vault, made, replaced, heads)
            kept = await copies.swap(settings, fresh, _kept_name(settings, stamp))
        except BaseException:
            await copies.remove(settings, fresh)
            heads.path.unlink(missing_ok=True)
            raise
        _swap_heads(settings, heads, stamp)
    print(say("cli.restored", path=str(path), kept=kept))
    print(say("cli.restored_devices"))
    return 0


def _kept_name(settings: Settings, stamp: str) -> str:
    place = settings.sqlite_path
    return f"{place.name}.replaced_{stamp}" if place else f"caravan_replaced_{stamp}"


def _newer(settings: Settings, made: Manifest) -> Manifest | None:
    """A verified backup of the same data that is newer: devices may have forgotten what it covers and this lacks."""
    datasets = {organisation.dataset_id for organisation in made.organisations}
    newer = [
        other
        for other in backup.known(settings)
        if other.verified_at
        and other.made_at > made.made_at
        and datasets & {organisation.dataset_id for organisation in other.organisations}
    ]
    return max(newer, key=lambda other: other.made_at, default=None)


async def _read_replaced(settings: Settings) -> Replaced:
    """Epochs and counters of the present database, as far as it can still be read: that makes the jump exact."""
    found = Replaced()
    if settings.sqlite_path and not settings.sqlite_path.exists():
        return found
    database = Database.open(settings.database_url)

    async def read(tx: Tx) -> None:
        columns = table("counter").c
        for org_id, epoch in await tx.execute(select(head.c.org_id, head.c.epoch)):
            found.epochs[org_id] = epoch
        for org_id, name, value in await tx.execute(select(columns.org_id, columns.name, columns.value)):
            year = _COUNTER.fullmatch(name)
            if year:
                found.counted.setdefault(org_id, {})[int(year[1])] = value

    try:
        await database.read(read)
    except (DBAPIError, OSError):
        # That is what restores are for. The jump then starts from the backup's own numbers.
        return Replaced()
    finally:
        await database.close()
    return found


async def _begin(url: str, vault: Vault, made: Manifest, replaced: Replaced, heads: HeadsFile) -> None:
    database = Database.open(url)
    try:
        await upgrade(database)
        authority = Authority(database, vault, SystemClock(), SystemEntropy())
        for organisation in made.organisations:
            org_id, now_ms = organisation.org_id, authority.clock.now_ms()
            epoch = next_epoch(now_ms, organisation.epoch, replaced.epochs.get(org_id, 0))
            counted = replaced.counted.get(org_id, {})

            async def begin(unit: Unit, epoch: int = epoch, counted: dict[int, int] = counted) -> Commit | None:
                return await begin_epoch(
                    unit,
                    epoch,
                    tx_id=authority.new_id(),
                    now_ms=authority.clock.now_ms(),
                    backup_ms=made.made_at,
                    counted=counted,
                    random=authority.entropy.random_bytes,
                )

            commit = await authority.store.write(org_id, begin)
            if commit is not None:
                heads.heard(commit)
        await heads.flush()
    finally:
        await database.close()


def _swap_heads(settings: Settings, heads: HeadsFile, stamp: str) -> None:
    """The old heads vouch for the replaced database: they stay beside it. The new file begins with the restore."""
    place = settings.audit_heads
    if place.exists():
        place.replace(place.with_name(f"{place.name}.replaced_{stamp}"))
    if heads.path.exists():
        heads.path.replace(place)
