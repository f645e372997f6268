"""``/v1/devices``: where a user is signed in, and taking a device's access away."""

import secrets
from typing import Any

import msgspec
from litestar import Controller, Response, get, post

from server.api.auth import NO_STORE
from server.security.service import Auth
from server.security.sessions import Principal
from shared import SCHEMA_VERSION
from shared.errors import AuthError, CaravanError, NotFound
from shared.ids import is_id, uuid7
from shared.protocol import Command, Transaction
from shared.protocol import encode as encode_message
from sync.authority.executor import Executor
from sync.authority.jobs import Job, Sent


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


class DevicesController(Controller):
    """One's own devices; everybody's for an admin."""

    path = "/v1/devices"
    tags = ("devices",)

    @get()
    async def listing(self, auth: Auth, principal: Principal) -> Response[list[DeviceView]]:
        """Newest sign-in first."""
        found = await auth.devices(principal)
        return Response([msgspec.convert(row, DeviceView) for row in found], headers=NO_STORE)

    @post("/{device_id:str}/revoke", status_code=204)
    async def revoke(self, auth: Auth, executor: Executor, principal: Principal, device_id: str) -> None:
        """Runs the command ``device.revoke`` in the user's name; the device is refused from its next request on."""
        if not is_id(device_id):
            raise NotFound("not_found", entity="device", id=device_id[:36])
        await _run(executor, principal, auth.clock.now_ms(), Command("device.revoke", {"device_id": device_id}))
        await auth.end_device(principal.actor.org_id, device_id)


async def _run(executor: Executor, principal: Principal, now_ms: int, command: Command) -> None:
    """One command on the one write path; its refusal becomes the request's."""
    tx = Transaction(uuid7(now_ms, secrets.token_bytes(10)), SCHEMA_VERSION, now_ms, [command])
    actor = principal.actor
    sent: list[Any] = [Sent(0, encode_message(tx), tx)]
    job = await executor.run(Job(actor.user_id, actor.org_id, actor.device_id or "", now_ms, sent))
    if job.status != "ok":
        raise AuthError("device_revoked")
    problem = job.outcomes[0].problem
    if problem is not None:
        status = 404 if problem.code == "not_found" else 409
        raise CaravanError(problem.code, field=problem.field, status=status, **problem.params)
