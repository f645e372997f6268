"""``/v1/audit``: what happened to a record, and how the log's chain stands."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from server.api.auth import NO_STORE
from server.db.authority import Authority
from server.security.sessions import Principal
from server.trail.follow import follow
from server.trail.read import CHAIN_ROLES, trail
from shared.access import require_role
from shared.audit_trail import ChainState, Trail


class AuditController(Controller):
    """For whoever may see the record; the chain's state for managers and admins."""

    path = "/v1/audit"
    tags = ("audit",)

    # The record is in the query: beside the mount of the web app Litestar finds no route with a parameter in its path.
    @get()
    async def of_record(
        self, authority: NamedDependency[Authority], principal: NamedDependency[Principal],
        entity: FromQuery[str] = "", id: FromQuery[str] = "", before: FromQuery[int] = 0,
    ) -> Response[Trail]:  # fmt: skip
        """The newest entries first; ``before``: those older than this entry."""
        found = await trail(authority, principal.actor, entity, id, before=before)
        return Response(found, headers=NO_STORE)

    @get("/chain")
    async def chain(
        self, authority: NamedDependency[Authority], principal: NamedDependency[Principal]
    ) -> Response[ChainState]:
        """Verifies what is new since the last time, and a part of what is old."""
        require_role(principal.actor, "audit.chain", *CHAIN_ROLES)
        now_ms = authority.clock.now_ms()
        state = await follow(authority.database, authority.store.vault, principal.org_id, now_ms)
        return Response(state, headers=NO_STORE)
