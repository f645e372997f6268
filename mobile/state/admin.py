"""What administrators ask the server itself: inviting people, new ways in, keys of programs. Online only."""

from typing import Any, Self

import msgspec

from mobile.state.app import App
from mobile.state.sync_transport import SyncTransport

TIMEOUT_S = 20.0


class PersonState(msgspec.Struct, frozen=True):
    """What only the server knows of a user; see ``/v1/admin/people``."""

    user_id: str
    enrolled: bool
    one_time_until: int | None = None
    locked_until: int | None = None
    last_sync_at: int | None = None


class DeviceState(msgspec.Struct, frozen=True):
    """A device of somebody's, with its last exchange."""

    id: str
    name: str
    platform: str
    user_id: str
    user_name: str
    last_seen_at: int | None = None
    revoked_at: int | None = None
    last_sync_at: int | None = None


class Invitation(msgspec.Struct, frozen=True):
    """A password of one use; the server does not tell it again."""

    user_id: str
    login: str
    password: str
    valid_until: int


class KeyState(msgspec.Struct, frozen=True):
    """A program's key, without the key."""

    id: str
    name: str
    user_name: str
    scopes: list[str]
    expires_at: int
    revoked_at: int | None = None
    used_at: int | None = None


class MadeKey(msgspec.Struct, frozen=True):
    id: str
    key: str


class AdminClient(SyncTransport):
    """Calls ``/v1/admin``. Raises ``CaravanError`` for a refusal, ``TransportError`` when no answer came."""

    @classmethod
    def of(cls, app: App) -> Self:
        """For the signed-in user of the app."""
        return cls(app.platform, lambda: app.tokens.access_token, app.doors.renew, lambda: app.look.language)

    async def people(self) -> dict[str, PersonState]:
        """By user id."""
        found = await self._get("/v1/admin/people", list[PersonState])
        return {one.user_id: one for one in found}

    async def devices(self) -> list[DeviceState]:
        """Everybody's, the newest sign-in first."""
        return await self._get("/v1/devices", list[DeviceState])

    async def invite(self, login: str, values: dict[str, Any]) -> Invitation:
        return await self._post("/v1/admin/people", {"login": login, "values": values}, Invitation)

    async def reset(self, user_id: str, *, authenticator: bool) -> Invitation:
        body = {"user_id": user_id, "authenticator": authenticator}
        return await self._post("/v1/admin/people/reset", body, Invitation)

    async def revoke_device(self, device_id: str) -> None:
        await self._post("/v1/devices/revoke", {"device_id": device_id}, None)

    async def keys(self) -> list[KeyState]:
        return await self._get("/v1/admin/keys", list[KeyState])

    async def make_key(self, name: str, user_id: str, scopes: list[str], days: int = 365) -> MadeKey:
        asked = {"name": name, "user_id": user_id, "scopes": scopes, "days": days}
        return await self._post("/v1/admin/keys", asked, MadeKey)

    async def revoke_key(self, key_id: str) -> None:
        await self._post("/v1/admin/keys/revoke", {"key_id": key_id}, None)

    async def _get(self, path: str, kind: Any) -> Any:
        return await self._ask("GET", path, kind, TIMEOUT_S)

    async def _post(self, path: str, asked: dict[str, Any], kind: Any) -> Any:
        return await self._ask("POST", path, kind, TIMEOUT_S, asked)
