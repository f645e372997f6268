"""What the server's log says about a record, and whether the log is whole. Only the server has it: network needed."""

from typing import Any
from urllib.parse import urlencode

import msgspec

from mobile.state.app import App
from mobile.state.sync_transport import SyncTransport
from shared.errors import Unavailable

TIMEOUT_S = 30.0


class Change(msgspec.Struct, frozen=True):
    """A field before and after, in wire form."""

    field: str
    before: Any = None
    after: Any = None


class Step(msgspec.Struct, frozen=True):
    """A command with the fields that it named."""

    command: str
    changes: list[Change] = []


class Entry(msgspec.Struct, frozen=True):
    """One entry of the log about the record; see ``server.trail.read.TrailEntry``."""

    n: int
    user_id: str
    user_name: str
    device_name: str
    occurred_at: int
    received_at: int
    status: str
    code: str
    steps: list[Step]
    erased: bool = False


class ChainState(msgspec.Struct, frozen=True):
    """How far the log was verified; ``broken_at``: the first entry that does not fit."""

    intact: bool
    entries: int
    head: int
    checked_at: int
    broken_at: int | None = None


class Trail(msgspec.Struct, frozen=True):
    """A page of entries, the newest first."""

    entries: list[Entry]
    more: bool
    complete: bool
    chain: ChainState | None = None
    """Of managers and admins alone."""


class AuditHttp(SyncTransport):
    """Asks with the exchange's session. Raises ``TransportError`` without an answer, ``CaravanError`` for a refusal."""

    async def trail(self, entity: str, row_id: str, before: int = 0) -> Trail:
        """A record's entries older than ``before``, or the newest."""
        asked = {"entity": entity, "id": row_id, **({"before": before} if before else {})}
        return await self._get(f"/v1/audit?{urlencode(asked)}", Trail)

    async def chain(self) -> ChainState:
        """How the whole log stands; managers and admins only."""
        return await self._get("/v1/audit/chain", ChainState)

    async def _get(self, path: str, kind: Any) -> Any:
        response = await self._call("GET", path, {}, None, TIMEOUT_S)
        try:
            return msgspec.json.decode(response.body, type=kind)
        except msgspec.DecodeError as error:
            raise Unavailable("unexpected_status", status=response.status) from error


def audit_of(app: App) -> AuditHttp:
    """With the session of whoever has the app open."""
    return AuditHttp(app.platform, lambda: app.tokens.access_token, app.doors.renew, lambda: app.look.language)
