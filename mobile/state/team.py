"""What managers ask the server of their team. The rest of what they see is on this device."""

from mobile.state.app import App
from mobile.state.sync_transport import SyncTransport
from shared.team_state import MemberState

TIMEOUT_S = 20.0


class TeamHttp(SyncTransport):
    """Asks with the exchange's session. Raises ``TransportError`` without an answer, ``CaravanError`` for a refusal."""

    async def members(self) -> dict[str, MemberState]:
        """By user id."""
        found = await self._ask("GET", "/v1/team", list[MemberState], TIMEOUT_S)
        return {one.user_id: one for one in found}


def team_of(app: App) -> TeamHttp:
    """With the session of whoever has the app open."""
    return TeamHttp(app.platform, lambda: app.tokens.access_token, app.doors.renew, lambda: app.look.language)
