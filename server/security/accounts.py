"""Adding users from the command line: the row that colleagues see, and the credential that never leaves the server."""

import msgspec
from sqlalchemy import select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from server.security.passwords import Passwords, check_policy
from server.security.sign_in import is_login, plain_login
from server.starting import starting_rows
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.errors import InvalidInput, StateConflict
from shared.validation import check_values

user, team, organisation = table("user"), table("team"), table("organisation")


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for. ``discount_limit``: percent, decimal text."""

    login: str
    name: str
    password: str
    role: str = "rep"
    discount_limit: str = "0"
    team: str = ""
    organisation: str = ""
    """Name of an organisation to make, when the database has none."""
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    org_id: str = ""


async def add_user(authority: Authority, passwords: Passwords, new: NewUser) -> str:
    """Adds a user, who enrols an authenticator at the first sign-in; returns the id.

    Raises ``InvalidInput`` (``login_form``, ``password_short``, ``password_common``, a field's own) or
    ``StateConflict`` (``login_taken``, ``no_organisation``, ``several_organisations``).
    """
    login = plain_login(new.login)
    if not is_login(login):
        raise InvalidInput("login_form", field="login", login=new.login[:60])
    check_policy(new.password, login=login)
    org_id = await _organisation(authority, new)
    rows: list[tuple[str, Row]] = []
    team_id = await _team(authority, org_id, new.team, rows)
    admin = Actor(user_id="", org_id=org_id, role="admin")
    given = {"name": new.name, "login": login, "role": new.role, "discount_limit": new.discount_limit}
    values = check_values(ENTITIES["user"], given, admin, creating=True)
    if await login_taken(authority, login):
        raise StateConflict("login_taken", field="login", login=login)
    user_id = authority.new_id()
    password_hash = passwords.hash_now(new.password)
    rows.append(("user", _row(authority, "user", org_id, {**values, "id": user_id, "home_team_id": team_id})))
    secret = {"id": user_id, "password_hash": password_hash}
    rows.append(("credential", _row(authority, "credential", org_id, secret)))
    await authority.write_rows(org_id, rows, name="user.add")
    return user_id


def _row(authority: Authority, entity: str, org_id: str, values: Row) -> Row:
    now = authority.clock.now_ms()
    return new_row(ENTITIES[entity], {"org_id": org_id, "created_at": now, "updated_at": now, **values})


async def _organisation(authority: Authority, new: NewUser) -> str:
    async def read(tx: Tx) -> list[str]:
        return list((await tx.execute(select(organisation.c.id).order_by(organisation.c.id))).scalars())

    present = await authority.database.read(read)
    if new.org_id:
        if new.org_id not in present:
            raise StateConflict("no_organisation")
        return new.org_id
    if len(present) > 1:
        raise StateConflict("several_organisations", ids=", ".join(present))
    if present:
        return present[0]
    if not new.organisation:
        raise StateConflict("no_organisation")
    org_id = authority.new_id()
    admin = Actor(user_id="", org_id=org_id, role="admin")
    given = {"name": new.organisation, "time_zone": new.time_zone, "currency": new.currency}
    values = check_values(ENTITIES["organisation"], given, admin, creating=True)
    row = _row(authority, "organisation", org_id, {**values, "id": org_id})
    given_data = starting_rows(org_id, authority.clock.now_ms(), authority.new_id)
    await authority.create_organisation(org_id, [("organisation", row), *given_data])
    return org_id


async def _team(authority: Authority, org_id: str, name: str, rows: list[tuple[str, Row]]) -> str | None:
    """The team of that name, made when it is missing; without a name the only team there is, or none."""

    async def read(tx: Tx) -> dict[str, str]:
        found = await tx.execute(select(team.c.name, team.c.id).where(team.c.org_id == org_id))
        return {row.name: row.id for row in found}

    teams = await authority.database.read(read)
    if not name:
        return next(iter(teams.values())) if len(teams) == 1 else None
    if name in teams:
        return teams[name]
    team_id = authority.new_id()
    admin = Actor(user_id="", org_id=org_id, role="admin")
    values = check_values(ENTITIES["team"], {"name": name}, admin, creating=True)
    rows.append(("team", _row(authority, "team", org_id, {**values, "id": team_id})))
    return team_id


async def login_taken(authority: Authority, login: str) -> bool:
    """Whether a living user of any organisation has the login."""

    async def read(tx: Tx) -> bool:
        found = await tx.execute(select(user.c.id).where(user.c.login == login, user.c.deleted_at.is_(None)))
        return found.first() is not None

    return await authority.database.read(read)
