"""What managers may know of the people they answer for: when somebody last synced, and on how many devices."""

from sqlalchemy import and_, func, select

from server.db import tables
from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from server.security.api_keys import PLATFORM
from shared.access import Actor, require_role
from shared.team_state import MemberState

ROLES = ("manager", "admin")
user, device = table("user"), table("device")


async def members(authority: Authority, actor: Actor) -> list[MemberState]:
    """A manager's own team, everybody for an admin, in order of id; programs are no devices.

    Raises ``NotAllowed`` for other roles.
    """
    require_role(actor, "team.members", *ROLES)
    installs = tables.install.c
    synced = (
        select(installs.user_id, func.max(installs.last_exchange_at).label("at"))
        .where(installs.org_id == actor.org_id)
        .group_by(installs.user_id)
        .subquery()
    )
    living = and_(device.c.revoked_at.is_(None), device.c.deleted_at.is_(None), device.c.platform != PLATFORM)
    owned = (
        select(device.c.owner_id, func.count().label("n"))
        .where(device.c.org_id == actor.org_id, living)
        .group_by(device.c.owner_id)
        .subquery()
    )
    statement = (
        select(user.c.id, func.coalesce(owned.c.n, 0).label("devices"), synced.c.at)
        .outerjoin(synced, synced.c.user_id == user.c.id)
        .outerjoin(owned, owned.c.owner_id == user.c.id)
        .where(user.c.org_id == actor.org_id, user.c.deleted_at.is_(None))
        .order_by(user.c.id)
    )
    if actor.role != "admin":
        # Who has no team answers for nobody: NULL equals nothing.
        statement = statement.where(user.c.home_team_id == actor.team_id) if actor.team_id else statement.where(False)

    async def read(tx: Tx) -> list[MemberState]:
        return [MemberState(row.id, row.devices, row.at) for row in (await tx.execute(statement)).all()]

    return await authority.database.read(read)
