"""``/v1/team``: a manager's read-only look at the team."""

from litestar import Response, get
from litestar.di import NamedDependency

from server.api.auth import NO_STORE
from server.db.authority import Authority
from server.security.sessions import Principal
from server.security.team import members
from shared.team_state import MemberState


@get("/v1/team", tags=["team"])
async def team(
    authority: NamedDependency[Authority], principal: NamedDependency[Principal]
) -> Response[list[MemberState]]:
    """Last sync and number of devices of the manager's own team, of everybody for an administrator."""
    return Response(await members(authority, principal.actor), headers=NO_STORE)
