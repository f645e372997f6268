"""The age of the server's last verified backup: asked when the network is there, the last answer kept for without."""

import msgspec

from mobile.state.admin import TIMEOUT_S, AdminClient
from mobile.state.app import App
from shared.backup_state import BackupState

KEY = "backup."
"""Before the user's id, in the device area: the last answer and when it came."""


class Told(msgspec.Struct, frozen=True):
    """The server's word, and when it came, UTC milliseconds of this device."""

    state: BackupState
    at: int


class BackupClient(AdminClient):
    """Asks as the administrator. Raises ``CaravanError`` for a refusal, ``TransportError`` when no answer came."""

    async def backup(self) -> BackupState:
        return await self._ask("GET", "/v1/admin/backup", BackupState, TIMEOUT_S)


async def last_told(app: App) -> Told | None:
    """The last answer that this administrator had on this device; None when there is none that can be read."""
    kept = await app.platform.device_area.get(KEY + app.actor.user_id)
    try:
        return msgspec.json.decode(kept, type=Told) if kept else None
    except msgspec.DecodeError:
        return None


async def ask(app: App) -> Told:
    """Asks and keeps the answer. Raises as ``BackupClient``."""
    key = KEY + app.actor.user_id
    told = Told(await BackupClient.of(app).backup(), app.now_ms())
    await app.platform.device_area.set(key, msgspec.json.encode(told).decode())
    return told
