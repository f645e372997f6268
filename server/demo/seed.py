"""Puts the demo company into a database, or a fresh one in its place, in one transaction.

The replacement happens under the organisation's lock, so a server that is running meanwhile sees either the old data or
the new; the new dataset id tells every device that its rows are from another one.
"""

import secrets
from pathlib import Path

import msgspec
from sqlalchemy import delete, select

from server.db import tables
from server.db.engine import Database, Tx
from server.db.migrate import analyze
from server.db.store import SqlStore, SqlUnit
from server.demo.company import HISTORY_MONTHS, Made, build
from server.demo.people import ADMIN, ORG_ID, PASSWORD, PEOPLE, Person
from server.security import tables as _sessions  # noqa: F401 - declares tables that a reset empties too
from server.security import totp
from server.security.crypto import Vault
from server.security.passwords import Passwords
from server.trail import tables as _trail  # noqa: F401 - likewise
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.errors import StateConflict
from shared.ids import uuid7
from sync.authority.chain import GENESIS
from sync.authority.ports import Commit, Head
from sync.authority.system import SystemWrite, write_rows


class NotDemo(StateConflict):
    """The database holds data that the demo must not touch."""


class DemoCode(msgspec.Struct, frozen=True):
    """A demo user's codes: this step's, the next one's, and the seconds left of this one. Empty: not enrolled."""

    login: str
    name: str
    role: str
    code: str
    next_code: str
    seconds_left: int


async def organisations(tx: Tx) -> list[tuple[str, bool]]:
    """(id, whether it is a demo) of every organisation in the database."""
    organisation = tables.table("organisation")
    found = await tx.execute(select(organisation.c.id, organisation.c.demo).order_by(organisation.c.id))
    return [(row.id, bool(row.demo)) for row in found]


async def is_demo(database: Database) -> bool:
    """Whether any organisation in the database is marked as demo."""
    return any(demo for _, demo in await database.read(organisations))


async def seed(
    database: Database, vault: Vault, pictures: Path, now_ms: int, history_months: int = HISTORY_MONTHS
) -> Commit | None:
    """Fills an empty database; None when the demo is there already. ``history_months``: see ``company.build``.

    Raises ``NotDemo`` ``database_not_demo`` when there are other data.
    """
    present = await database.read(organisations)
    if (ORG_ID, True) in present:
        return None
    if present:
        raise NotDemo("database_not_demo")
    return await _replace(database, vault, build(now_ms, pictures, history_months), now_ms, anew=False)


async def reset(
    database: Database, vault: Vault, pictures: Path, now_ms: int, history_months: int = HISTORY_MONTHS
) -> Commit:
    """Replaces the demo company by a fresh one under a new dataset id. Raises ``NotDemo`` ``database_not_demo``."""
    commit = await _replace(database, vault, build(now_ms, pictures, history_months), now_ms, anew=True)
    assert commit is not None
    return commit


async def _replace(database: Database, vault: Vault, company: list[Made], now_ms: int, *, anew: bool) -> Commit | None:
    made = [(item.entity, item.row) for item in company]
    made += [("credential", row) for row in _credentials(vault, now_ms)]
    store = SqlStore(database, vault)
    dataset_id, tx_id = (uuid7(now_ms, secrets.token_bytes(10)) for _ in range(2))
    brought = SystemWrite(tx_id, "demo.seed", ADMIN.id, now_ms, made)

    async def write(tx: Tx) -> Commit | None:
        # Taken first, like by every writer; a running server waits here and goes on with the new head.
        await tx.execute(select(tables.head).where(tables.head.c.org_id == ORG_ID).with_for_update())
        present = await organisations(tx)
        if any(found != (ORG_ID, True) for found in present):
            raise NotDemo("database_not_demo")
        if present and not anew:
            return None
        await _empty(tx)
        head = Head(ORG_ID, 0, 0, GENESIS, 1, dataset_id, 1)
        await tx.execute(tables.head.insert(), msgspec.structs.asdict(head))
        unit = SqlUnit(tx, head, store)
        return await write_rows(unit, brought, secrets.token_bytes)

    commit = await database.run_tx(write)
    if commit is not None:
        await analyze(database)
    return commit


async def _empty(tx: Tx) -> None:
    """Removes all that belongs to the organisation, sessions included; foreign keys are checked at the commit."""
    for table in tables.metadata.tables.values():
        if "org_id" in table.c:
            await tx.execute(delete(table).where(table.c.org_id == ORG_ID))


def _credentials(vault: Vault, now_ms: int) -> list[Row]:
    """One fixed password for all; a fresh TOTP secret for everybody but the newcomer."""
    passwords = Passwords(running=1)
    password_hash = passwords.hash_now(PASSWORD)
    rows = []
    for person in PEOPLE:
        values = {
            "id": person.id,
            "org_id": ORG_ID,
            "created_at": now_ms,
            "updated_at": now_ms,
            "password_hash": password_hash,
        }
        if person.enrolled:
            values["totp_secret"] = vault.seal_text("credential", "totp_secret", person.id, totp.new_secret())
            values["enrolled_at"] = now_ms
        rows.append(new_row(ENTITIES["credential"], values))
    return rows


async def codes(database: Database, vault: Vault, now_ms: int) -> list[DemoCode]:
    """The demo users' codes. Raises ``NotDemo`` ``codes_only_for_demo`` for a database that is not marked as demo."""
    if (ORG_ID, True) not in await database.read(organisations):
        raise NotDemo("codes_only_for_demo")
    credential = tables.table("credential")

    async def secrets_of(tx: Tx) -> dict[str, str]:
        found = await tx.execute(
            select(credential.c.id, credential.c.totp_secret).where(
                credential.c.org_id == ORG_ID, credential.c.enrolled_at.is_not(None)
            )
        )
        return {row.id: row.totp_secret for row in found}

    sealed = await database.read(secrets_of)
    return [_code(vault, person, sealed.get(person.id), now_ms) for person in PEOPLE]


def _code(vault: Vault, person: Person, sealed: str | None, now_ms: int) -> DemoCode:
    left = totp.STEP_S - now_ms // 1000 % totp.STEP_S
    if sealed is None:
        return DemoCode(person.login, person.name, person.role, "", "", left)
    secret = vault.unseal_text("credential", "totp_secret", person.id, sealed)
    step = totp.step_at(now_ms)
    return DemoCode(
        person.login, person.name, person.role, totp.code_at(secret, step), totp.code_at(secret, step + 1), left
    )
