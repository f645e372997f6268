"""``/v1/devices``: where a user is signed in, and taking a device's access away."""

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from server.api.auth import NO_STORE
from server.db.authority import Authority
from server.security.service import Auth
from server.security.sessions import Principal
from shared.errors import CaravanError, NotFound
from shared.protocol import Command


class DeviceView(msgspec.Struct, frozen=True):
    """One browser profile or phone. Instants UTC milliseconds."""

    id: str
    name: str
    platform: str
    last_seen_at: int | None
    revoked_at: int | None
    user_id: str
    user_name: str
    current: bool
    last_sync_at: int | None = None


class Revocation(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    device_id: str


class DevicesController(Controller):
    """One's own devices; everybody's for an admin."""

    path = "/v1/devices"
    tags = ("devices",)

    @get()
    async def listing(
        self, auth: NamedDependency[Auth], principal: NamedDependency[Principal]
    ) -> Response[list[DeviceView]]:
        """Newest sign-in first."""
        found = await auth.devices(principal)
        return Response([msgspec.convert(row, DeviceView) for row in found], headers=NO_STORE)

    # The id is in the body: beside the mount of the web app Litestar finds no route with a parameter in its path.
    @post("/revoke", status_code=204)
    async def revoke(
        self,
        auth: NamedDependency[Auth],
        authority: NamedDependency[Authority],
        principal: NamedDependency[Principal],
        data: Revocation,
    ) -> None:
        """Runs the command ``device.revoke`` in the user's name; the device is refused from its next request on."""
        try:
            await authority.run(principal, [Command("device.revoke", {"device_id": data.device_id})])
        except CaravanError as error:
            if error.code == "not_found":
                raise NotFound("not_found", entity="device", id=data.device_id[:36]) from error
            raise
        await auth.end_device(principal.org_id, data.device_id)
