"""Backups of a test's database, and the server that comes back from one."""

import itertools
import sqlite3
from pathlib import Path

from server.db.engine import Database
from sync.authority.backups import begin_epoch, next_epoch, note_safe
from sync.authority.ports import Commit, Unit
from tests.support.authority import SECRETS, TestAuthority
from tests.support.company import ORG
from tests.support.devices import HandClock, SeededEntropy
from tests.support.postgres import create_database

_numbers = itertools.count(1)
_opened: list[Database] = []


async def backup(authority: TestAuthority) -> str:
    """URL of a copy of the authority's database as it is now."""
    database = authority.database
    name = f"{database.url.database}_{next(_numbers)}"
    if database.dialect == "sqlite":
        source, copy = sqlite3.connect(str(database.url.database)), sqlite3.connect(name)
        source.backup(copy)
        source.close()
        copy.close()
        return f"sqlite:///{Path(name)}"
    await database.close()  # a template must have no connections; the pool opens new ones
    server_url = database.url.set(drivername="postgresql").render_as_string(hide_password=False).rpartition("/")[0]
    return await create_database(server_url, name, template=str(database.url.database))


async def note_backup(authority: TestAuthority) -> None:
    """As after a verified backup of the present state."""
    ids = await _install_ids(authority)

    async def note(unit: Unit) -> None:
        installs = await unit.installs(ids)
        assert await note_safe(unit, unit.head.epoch, unit.head.seq, {key: i.last_seq for key, i in installs.items()})

    await authority.store.write(ORG, note)


async def close_all() -> None:
    """Closes what came back."""
    while _opened:
        await _opened.pop().close()


async def _install_ids(authority: TestAuthority) -> list[str]:
    found = await authority.database.run_sync(
        lambda connection: connection.exec_driver_sql("SELECT install_id FROM install").all()
    )
    return [record[0] for record in found]


async def come_back(authority: TestAuthority, url: str, *, epoch: bool = True, backup_ms: int = 0) -> TestAuthority:
    """The server over the copy; ``epoch`` False: somebody has just copied the files back."""
    clock = HandClock(authority.clock.now_ms())
    returned = TestAuthority(Database.open(url), SECRETS, clock, SeededEntropy(next(_numbers) + 1_000))

    async def begin(unit: Unit) -> Commit | None:
        now_ms = clock.now_ms()
        return await begin_epoch(
            unit,
            next_epoch(now_ms, unit.head.epoch),
            tx_id=returned.new_id(),
            now_ms=now_ms,
            backup_ms=backup_ms or now_ms,
            counted={},
            random=returned.entropy.random_bytes,
        )

    _opened.append(returned.database)
    if epoch:
        await returned.store.write(ORG, begin)
    return returned
