"""``POST /v1/sync`` and ``GET /v1/changes``: the exchange, and waiting for something new."""

import time
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from server.api.bodies import json_response, read_json
from server.api.news import News
from server.db.authority import Authority
from server.security.sessions import Principal
from shared import protocol
from shared.errors import InvalidInput

MAX_WAIT_S = 25.0


@post(
    "/v1/sync",
    status_code=200,
    request_max_body_size=protocol.MAX_REQUEST_BYTES,
    tags=["sync"],
    opt={"body": protocol.SyncRequest, "answer": protocol.SyncResponse},
)
async def sync(
    request: Request[Any, Any, Any], principal: NamedDependency[Principal], authority: NamedDependency[Authority]
) -> Response[bytes]:
    """One exchange, both directions (``sync/README.md``)."""
    body = await read_json(request, protocol.MAX_REQUEST_BYTES)
    response = await authority.exchange(principal, decode(body))
    return await json_response(request, protocol.encode(response))


def decode(body: bytes) -> protocol.SyncRequest:
    """The request behind the bytes. Raises ``InvalidInput``: 400 ``malformed``, 422 ``wrong_type`` with its path."""
    try:
        return protocol.decode_request(body)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise InvalidInput("wrong_type", field=path.rstrip("`") or None, detail=message[:200]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("malformed", status=400, detail=str(error)[:200]) from error


@get("/v1/changes", tags=["sync"], opt={"answer": protocol.Poll})
async def changes(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    authority: NamedDependency[Authority],
    news: NamedDependency[News],
    since: FromQuery[str] = "",
    wait_s: FromQuery[float] = MAX_WAIT_S,
) -> Response[bytes]:
    """Answers as soon as a pull after the cursor ``since`` would bring something, at the latest after 25 seconds."""
    deadline = time.monotonic() + max(0.0, min(wait_s, MAX_WAIT_S))
    changed, buckets = await authority.changed(principal, since)
    # In line before looking: a commit between the look and the wait would be missed otherwise.
    with news.waiter(principal.org_id, principal.user_id, buckets) as waiter:
        async with waiter.heeding(request):
            while not changed:
                changed, buckets = await authority.changed(principal, since)
                if changed or news.ended or not await waiter.wait(max(0.0, deadline - time.monotonic())):
                    break
                changed = waiter.sure
    return await json_response(request, protocol.encode(protocol.Poll(changed)))
