"""What the server's log says about a record, and whether the log is whole. Only the server has it: network needed."""

from urllib.parse import urlencode

from mobile.state.app import App
from mobile.state.sync_transport import SyncTransport
from shared.audit_trail import ChainState, Trail

TIMEOUT_S = 30.0


class AuditHttp(SyncTransport):
    """Asks with the exchange's session. Raises ``TransportError`` without an answer, ``CaravanError`` for a refusal."""

    async def trail(self, entity: str, row_id: str, before: int = 0) -> Trail:
        """A record's entries older than ``before``, or the newest."""
        asked = {"entity": entity, "id": row_id, **({"before": before} if before else {})}
        return await self._ask("GET", f"/v1/audit?{urlencode(asked)}", Trail, TIMEOUT_S)

    async def chain(self) -> ChainState:
        """How the whole log stands; managers and admins only."""
        return await self._ask("GET", "/v1/audit/chain", ChainState, TIMEOUT_S)


def audit_of(app: App) -> AuditHttp:
    """With the session of whoever has the app open."""
    return AuditHttp(app.platform, lambda: app.tokens.access_token, app.doors.renew, lambda: app.look.language)
