"""What an administrator does about people from the app: inviting them, and giving them a new way in.

An invitation is a password of one use: whoever signs in with it chooses a password of his own (and sets up an
authenticator) before anything opens. The administrator sees it once, and nobody stores it.
"""

import secrets
from typing import Any

import msgspec
from sqlalchemy import and_, func, select

from server.db import tables
from server.db.authority import Authority
from server.db.engine import Tx
from server.db.store import SqlUnit
from server.db.tables import table
from server.security import sessions, totp
from server.security.accounts import login_taken
from server.security.api_keys import require_admin
from server.security.passwords import Passwords
from server.security.sign_in import is_login, plain_login
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.errors import InvalidInput, NotFound, StateConflict
from shared.ids import is_id
from shared.validation import check_values
from sync.authority.ports import Unit
from sync.authority.system import SystemWrite

ONE_TIME_MS = 72 * 3_600_000
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what looks alike."""
_GROUPS, _GROUP = 4, 5
user, credential = table("user"), table("credential")


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``values``: fields of the user in wire form, as a generic command would have them."""

    login: str
    values: dict[str, Any]


class Invitation(msgspec.Struct, frozen=True):
    """``password`` opens once, until ``valid_until`` (UTC milliseconds), and is shown this once."""

    user_id: str
    login: str
    password: str
    valid_until: int


class PersonState(msgspec.Struct, frozen=True):
    """What only the server knows of a user. Instants UTC milliseconds."""

    user_id: str
    enrolled: bool
    one_time_until: int | None
    """An invitation that was not used yet."""
    locked_until: int | None
    last_sync_at: int | None


def one_time_password() -> str:
    """About 99 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


async def invite(authority: Authority, passwords: Passwords, by: sessions.Principal, new: NewPerson) -> Invitation:
    """Adds a user with a password of one use.

    Raises ``InvalidInput`` (``login_form``, or a field's own), ``StateConflict`` ``login_taken``, ``NotFound`` for the
    team, ``NotAllowed`` when the sender is no administrator.
    """
    login = plain_login(new.login)
    if not is_login(login):
        raise InvalidInput("login_form", field="login", login=new.login[:60])
    given = {**new.values, "login": login}
    values = check_values(ENTITIES["user"], given, Actor("", by.org_id, "admin"), creating=True)
    if await login_taken(authority, login):
        raise StateConflict("login_taken", field="login", login=login)
    password = one_time_password()
    password_hash = await passwords.hash(password)
    user_id = authority.new_id()

    async def prepare(unit: Unit) -> SystemWrite:
        await require_admin(unit, by.user_id)
        team_id = values.get("home_team_id")
        if team_id is not None:
            team = (await unit.rows([("team", team_id)])).get(("team", team_id))
            if team is None or team[0]["deleted_at"] is not None:
                raise NotFound("not_found", entity="team", field="home_team_id", id=team_id)
        now = authority.clock.now_ms()
        common = {"id": user_id, "org_id": by.org_id, "created_at": now, "updated_at": now, "created_by": by.user_id}
        secret = {**common, "password_hash": password_hash, "one_time_until": now + ONE_TIME_MS}
        rows = [("user", new_row(ENTITIES["user"], {**common, **values}))]
        rows.append(("credential", new_row(ENTITIES["credential"], secret)))
        return SystemWrite(authority.new_id(), "user.invite", by.user_id, now, rows, by.device_id)

    await authority.write(by.org_id, prepare)
    return Invitation(user_id, login, password, authority.clock.now_ms() + ONE_TIME_MS)


async def reset(
    authority: Authority, passwords: Passwords, by: sessions.Principal, user_id: str, *, authenticator: bool
) -> Invitation:
    """Gives a user a password of one use in place of the own one, and ends all sessions and begun sign-ins with it;
    with ``authenticator`` the authenticator is set up anew as well. Unsent work stays on the devices.

    Raises ``NotFound``, ``NotAllowed`` when the sender is no administrator.
    """
    password = one_time_password()
    password_hash = await passwords.hash(password)
    login = ""

    async def prepare(unit: SqlUnit) -> SystemWrite:
        nonlocal login
        await require_admin(unit, by.user_id)
        keys = [("user", user_id), ("credential", user_id)]
        found = await unit.rows(keys) if is_id(user_id) else {}
        if len(found) < len(keys) or found[keys[0]][0]["deleted_at"] is not None:
            raise NotFound("not_found", entity="user", id=user_id[:36])
        login, now = found[keys[0]][0]["login"], authority.clock.now_ms()
        row: Row = {
            **found[keys[1]][0],
            "password_hash": password_hash,
            "one_time_until": now + ONE_TIME_MS,
            "failures": 0,
            "locked_until": None,
            "updated_at": now,
            "updated_by": by.user_id,
        }
        # A code that was used while this row was read stays used.
        row["totp_step"] = max(row["totp_step"], totp.step_at(now))
        await sessions.end_all_of_user(unit.tx, by.org_id, user_id, now, "session_revoked")
        if authenticator:
            row |= {"totp_secret": "", "enrolled_at": None, "totp_step": 0}
        name = "user.reset_authenticator" if authenticator else "user.reset_password"
        return SystemWrite(authority.new_id(), name, by.user_id, now, [("credential", row)], by.device_id)

    await authority.write(by.org_id, prepare)
    return Invitation(user_id, login, password, authority.clock.now_ms() + ONE_TIME_MS)


async def states(authority: Authority, org_id: str) -> list[PersonState]:
    """Of all users of the organisation, in order of id."""
    installs = tables.install.c
    synced = (
        select(installs.user_id, func.max(installs.last_exchange_at).label("at"))
        .where(installs.org_id == org_id)
        .group_by(installs.user_id)
        .subquery()
    )
    own = and_(credential.c.org_id == user.c.org_id, credential.c.id == user.c.id)
    statement = (
        select(user.c.id, credential.c.enrolled_at, credential.c.one_time_until, credential.c.locked_until, synced.c.at)
        .join(credential, own)
        .outerjoin(synced, synced.c.user_id == user.c.id)
        .where(user.c.org_id == org_id, user.c.deleted_at.is_(None))
        .order_by(user.c.id)
    )

    async def read(tx: Tx) -> list[PersonState]:
        rows = (await tx.execute(statement)).all()
        return [
            PersonState(row.id, row.enrolled_at is not None, row.one_time_until, row.locked_until, row.at)
            for row in rows
        ]

    return await authority.database.read(read)
