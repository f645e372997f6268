"""``/v1/admin/backup``: how old the newest verified backup is."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency

from server.api.admin import require_admin
from server.api.auth import NO_STORE
from server.ops.backup_age import newest
from server.security.sessions import Principal
from server.settings import Settings
from shared.backup_state import BackupState


@get("/v1/admin/backup", tags=["admin"])
async def backup(settings: NamedDependency[Settings], principal: NamedDependency[Principal]) -> Response[BackupState]:
    """For administrators. Backups are made by ``caravan backup create`` on the server."""
    require_admin(principal)
    found = await asyncio.to_thread(newest, settings, principal.org_id)
    return Response(found, headers=NO_STORE)
