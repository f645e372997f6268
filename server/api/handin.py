"""``POST /v1/auth/handin`` and ``POST /v1/handin``: a shut-out device hands in its outbox."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency

from server.api.auth import NO_STORE, RefreshStep, refresh_token
from server.api.bodies import json_response, read_json
from server.db.authority import Authority
from server.security.handin import Ticket
from server.security.origin import require_client_header, require_own_origin
from server.security.service import Auth
from server.settings import Settings
from shared import protocol
from shared.errors import InvalidInput


@post("/v1/auth/handin", status_code=200, tags=["sign-in"])
async def hand_in_ticket(
    request: Request[Any, Any, Any],
    auth: NamedDependency[Auth],
    settings: NamedDependency[Settings],
    data: RefreshStep,
) -> Response[Ticket]:
    """A ticket for ``/v1/handin``, for the refresh token of a shut-out device; nobody else gets one."""
    require_client_header(request.headers)
    require_own_origin(settings, request.headers)
    return Response(await auth.hand_in_ticket(refresh_token(request, data)), headers=NO_STORE)


@post(
    "/v1/handin",
    status_code=200,
    request_max_body_size=protocol.MAX_REQUEST_BYTES,
    tags=["sync"],
    opt={"body": protocol.HandinRequest, "answer": protocol.HandinAnswer},
)
async def hand_in(
    request: Request[Any, Any, Any], auth: NamedDependency[Auth], authority: NamedDependency[Authority]
) -> Response[bytes]:
    """Takes unsent transactions into the quarantine; the answer names those that the server has. Repeatable."""
    sender = await auth.shut_out(request.headers.get("authorization"))
    body = await read_json(request, protocol.MAX_REQUEST_BYTES)
    answer = await authority.hand_in(sender, _decode(body), sender.code)
    return await json_response(request, protocol.encode(answer))


def _decode(body: bytes) -> protocol.HandinRequest:
    try:
        return protocol.decode_handin(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("malformed", status=400, detail=str(error)[:200]) from error
