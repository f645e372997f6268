"""``caravan backup``: a copy of the database in one file, proven to be whole before anybody relies on it.

The proof is a restore: the file is brought into a scratch database beside the real one, whose integrity and audit
chains are checked there. Only then the server tells devices what they need not keep any more.
"""

import asyncio
import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from server.db.engine import Database
from server.ops import copies, manifest
from server.ops.commands import Say, pad
from server.ops.manifest import Manifest, Organisation
from server.ops.opened import Opened, open_vault, opened
from server.ops.ports import SystemClock
from server.security import audit
from server.security.crypto import Vault
from server.settings import Settings, SettingsError
from sync.authority.backups import note_safe
from sync.authority.ports import Unit

_SUFFIXES = {"sqlite": ".db", "postgresql": ".dump"}


async def create(settings: Settings, say: Say, to: str) -> int:
    """Makes a backup, verifies it, and notes in the database what it covers. Serving goes on meanwhile.

    Raises ``SettingsError``: ``backup_exists``, ``backup_bad``, ``backup_program_missing``, ``backup_forbidden``, …
    """
    now_ms = SystemClock().now_ms()
    target = Path(to).expanduser().resolve() if to else _own_place(settings, now_ms)
    if target.exists() or manifest.place_of(target).exists():
        raise SettingsError("backup_exists", path=str(target))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with opened(settings) as at:
        made = await _made(settings, target, now_ms)
        _keep(settings, target, made)
        made = await _verified(settings, at.vault, target, made)
        _keep(settings, target, made)
        await _note(at, made)
    print(say("cli.backup_made", path=str(target), size=_size(made.size), organisations=len(made.organisations)))
    print(say("cli.backup_keys", path=str(settings.key_file)))
    return 0


def _own_place(settings: Settings, now_ms: int) -> Path:
    stamp = datetime.datetime.fromtimestamp(now_ms / 1_000, datetime.UTC).strftime("%Y%m%d-%H%M%S")
    return folder_of(settings) / f"caravan-{stamp}{_SUFFIXES[copies.kind_of(settings)]}"


def folder_of(settings: Settings) -> Path:
    """Where backups go without ``--to``; manifests of the others are here, too."""
    return settings.data / "backups"


async def _made(settings: Settings, target: Path, now_ms: int) -> Manifest:
    try:
        await copies.dump(settings, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    target.chmod(0o600)
    async with scratch(settings, target) as database:
        state = await manifest.state_of(database)
    return Manifest(
        kind=copies.kind_of(settings),
        path=str(target),
        made_at=now_ms,
        size=target.stat().st_size,
        sha256=await asyncio.to_thread(manifest.digest, target),
        organisations=state,
    )


def _keep(settings: Settings, target: Path, made: Manifest) -> None:
    """The manifest lies beside its file; of a backup elsewhere the folder of backups has a copy, for ``list``."""
    manifest.write(manifest.place_of(target), made)
    folder = folder_of(settings)
    if target.parent != folder:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        manifest.write(folder / f"{made.made_at}-{target.name}{manifest.SUFFIX}", made)


async def _note(at: Opened, made: Manifest) -> None:
    for organisation in made.organisations:

        async def note(unit: Unit, found: Organisation = organisation) -> bool:
            return await note_safe(unit, found.epoch, found.seq, found.installs)

        await at.authority.store.write(organisation.org_id, note)


async def verify(settings: Settings, say: Say, file: str) -> int:
    """Proves a backup whole, or says what is wrong with it. Raises ``SettingsError`` ``backup_bad``."""
    path = Path(file).expanduser().resolve()
    made = await verified(settings, open_vault(settings), path)
    entries = sum(organisation.chain_count for organisation in made.organisations)
    print(say("cli.backup_good", path=str(path), entries=entries))
    return 0


async def verified(settings: Settings, vault: Vault, path: Path) -> Manifest:
    """The manifest of a backup after a proof; it fits the settings' database. Raises ``SettingsError``."""
    made = manifest.read(manifest.place_of(path))
    if made.kind != copies.kind_of(settings):
        raise SettingsError("backup_other_kind", kind=made.kind, path=str(path))
    return await _verified(settings, vault, path, made)


async def _verified(settings: Settings, vault: Vault, path: Path, made: Manifest) -> Manifest:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise SettingsError("backup_unreadable", path=str(path), reason=error.strerror or str(error)) from error
    if size != made.size or await asyncio.to_thread(manifest.digest, path) != made.sha256:
        raise SettingsError("backup_bad", path=str(path), reason="SHA-256")
    async with scratch(settings, path) as database:
        await _check(database, vault, path, made)
    return msgspec.structs.replace(made, verified_at=SystemClock().now_ms())


async def _check(database: Database, vault: Vault, path: Path, made: Manifest) -> None:
    if database.dialect == "sqlite":
        said = await database.run_sync(_integrity)
        if said != ["ok"]:
            raise SettingsError("backup_bad", path=str(path), reason=said[0][:200])
    if await manifest.state_of(database) != made.organisations:
        raise SettingsError("backup_bad", path=str(path), reason=manifest.place_of(path).name)
    # Without the file of heads: it knows of what came after the backup.
    report = await audit.verify(database, path.with_name(".no-heads"), vault)
    if not report.ok:
        finding = report.findings[0]
        raise SettingsError("backup_bad", path=str(path), reason=f"{finding.kind} {finding.n}: {finding.detail}")


def _integrity(connection: Connection) -> list[str]:
    return [str(record[0]) for record in connection.exec_driver_sql("PRAGMA integrity_check").all()]


@asynccontextmanager
async def scratch(settings: Settings, path: Path) -> AsyncIterator[Database]:
    """A backup restored beside the real database, for as long as the block runs."""
    name = f"caravan_check_{SystemClock().now_ms()}"
    database = Database.open(await copies.load(settings, path, name))
    try:
        yield database
    finally:
        await database.close()
        await copies.remove(settings, name)


async def listed(settings: Settings, say: Say) -> int:
    """Prints the backups that were made on this data folder, the newest first."""
    found = sorted((made for made in known(settings)), key=lambda made: -made.made_at)
    for made in found:
        state = "cli.backup_gone"
        if Path(made.path).exists():
            state = "cli.backup_verified" if made.verified_at else "cli.backup_unverified"
        when = datetime.datetime.fromtimestamp(made.made_at / 1_000).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        print(f"{when}  {_size(made.size):>9}  {pad(say(state), 10)}  {made.path}")
    if not found:
        print(say("cli.backup_none"))
    return 0


def known(settings: Settings) -> list[Manifest]:
    """The manifests of all backups that were made on this data folder."""
    return [manifest.read(place) for place in sorted(folder_of(settings).glob(f"*{manifest.SUFFIX}"))]


def _size(count: int) -> str:
    return f"{count / 1_048_576:.1f} MB"
