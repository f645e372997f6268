"""``/v1/blobs/{sha256}``: the bytes of attachments, resumable both ways (``sync/README.md``, *Attachments*).

The headers are those of the IETF draft *Resumable Uploads for HTTP*: ``Upload-Offset``, ``Upload-Complete`` (``?1`` or
``?0``), ``Upload-Length``. An ASGI application of its own, because a body is taken and given piece by piece.
"""

import asyncio
import contextlib
import math
import time
from typing import Any
from urllib.parse import quote

from litestar import Litestar, Request
from litestar.exceptions import MethodNotAllowedException, NotFoundException

from server.api import problems
from server.api.static import SECURITY_HEADERS, Receive, Scope, Send, _is_known, _pick_range, _send, _send_body
from server.blobs.store import Blobs, Claim, Sender, Shown, Writer
from server.security.handin import ShutOut
from server.security.service import Auth
from server.security.sessions import Principal
from shared.commands.attachments import is_hash
from shared.errors import AuthError, CaravanError, InvalidInput, LimitExceeded, NotFound, StateConflict

IDLE_S = 30.0
"""How long a body may stand still. What has arrived by then is kept."""
PIECE_BYTES = 256 * 1_024
# Whatever the content is: a browser must not run it, guess at it, or show it as a page of ours.
_SAFE = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
HEADERS = tuple((name, _SAFE.get(name, value)) for name, value in SECURITY_HEADERS)
Headers = list[tuple[str, str]]


class BlobsApi:
    """ASGI application for what comes after ``/v1/blobs/``; the path is a hash."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. Raises what the application turns into problem details."""
        app = Litestar.from_scope(scope)  # type: ignore[arg-type]
        request: Request[Any, Any, Any] = Request(scope, receive, send)  # type: ignore[arg-type]
        principal = await _caller(app.state["auth"], request)
        blobs: Blobs = app.state["blobs"]
        sha256, method = scope["path"].strip("/"), scope["method"]
        if not is_hash(sha256):
            raise NotFoundException
        if method == "PUT":
            await _put(blobs, principal, sha256, request, send)
        elif isinstance(principal, ShutOut):
            await _state_only(blobs, principal, sha256, send)
        elif method in ("GET", "HEAD"):
            await _get(blobs, principal, sha256, request, send)
        else:
            raise MethodNotAllowedException(headers={"Allow": "GET, HEAD, PUT"})


async def _caller(auth: Auth, request: Request[Any, Any, Any]) -> Sender:
    """Who asks. A shut-out device may send with its ticket what was not sent, and see nothing."""
    authorization = request.headers.get("authorization")
    try:
        return await auth.principal(authorization)
    except AuthError as refused:
        if request.method in ("HEAD", "PUT"):
            with contextlib.suppress(AuthError):
                return await auth.shut_out(authorization)
        raise refused


async def _claimed(blobs: Blobs, sender: Sender, sha256: str) -> Claim:
    """What the sender may send. The row comes first, by the exchange or handed in: it says how large the content is and
    who may see it."""
    claim = await blobs.claim(sender, sha256)
    if claim is None:
        raise NotFound("not_found", entity="attachment", id=sha256)
    return claim


async def _state_only(blobs: Blobs, sender: Sender, sha256: str, send: Send, claim: Claim | None = None) -> None:
    claim = claim or await _claimed(blobs, sender, sha256)
    state = _state(await blobs.offset(sender, sha256, claim), claim.size, complete=claim.complete)
    await _send(send, 204, [*HEADERS, ("cache-control", "no-store"), *state])


async def _put(blobs: Blobs, principal: Sender, sha256: str, request: Request[Any, Any, Any], send: Send) -> None:
    claim = await _claimed(blobs, principal, sha256)
    offset, complete = _upload_headers(request, claim)
    if claim.complete:
        await blobs.mark_stored(principal, sha256, claim.media_type)
        await _send(send, 204, [*HEADERS, *_state(claim.size, claim.size, complete=True)])
        return
    await blobs.require_allowed(principal, claim, offset)
    try:
        async with blobs.writing(principal, sha256, offset) as writer:
            try:
                await _receive(request, writer, claim, _time_left(principal))
            finally:
                await writer.sync()
            if complete and writer.offset == claim.size:
                await blobs.finish(principal, sha256, claim, writer)
                await _send(send, 201, [*HEADERS, *_state(claim.size, claim.size, complete=True)])
                return
    except StateConflict as conflict:
        await _send_conflict(request, send, conflict)
        return
    if complete:
        raise InvalidInput("file_mismatch")
    await _send(send, 204, [*HEADERS, *_state(writer.offset, claim.size)])


def _upload_headers(request: Request[Any, Any, Any], claim: Claim) -> tuple[int, bool]:
    """(offset, whether the upload is complete with this request). Raises ``InvalidInput`` ``upload_headers``."""
    headers = request.headers
    offset, length = headers.get("upload-offset", "0"), headers.get("upload-length", str(claim.size))
    complete, encoding = headers.get("upload-complete", "?1"), headers.get("content-encoding", "identity")
    plain = all(text.isascii() and text.isdigit() and len(text) < 16 for text in (offset, length))
    if not plain or complete not in ("?0", "?1") or encoding != "identity":
        raise InvalidInput("upload_headers", status=400)
    if int(length) != claim.size:
        raise InvalidInput("file_mismatch")
    return int(offset), complete == "?1"


def _time_left(sender: Sender) -> float:
    """Seconds that a body may take: no longer than the ticket is good for."""
    return (sender.expires_at - time.time_ns() // 1_000_000) / 1_000 if isinstance(sender, ShutOut) else math.inf


async def _receive(request: Request[Any, Any, Any], writer: Writer, claim: Claim, seconds: float) -> None:
    """Takes the body as it comes. A cut ends it without an error: what has arrived is kept."""
    waiting, until = bytearray(), time.monotonic() + seconds
    while True:
        try:
            async with asyncio.timeout(min(IDLE_S, until - time.monotonic())):
                message = await request.receive()
        except TimeoutError as error:
            await writer.append(bytes(waiting))
            raise LimitExceeded("upload_slow", status=408) from error
        if message["type"] == "http.disconnect":
            await writer.append(bytes(waiting))
            return
        waiting += message.get("body", b"")
        if writer.offset + len(waiting) > claim.size:
            raise LimitExceeded("file_mismatch", status=413)
        last = not message.get("more_body", False)
        if last or len(waiting) >= PIECE_BYTES:
            await writer.append(bytes(waiting))
            waiting.clear()
        if last:
            return


async def _send_conflict(request: Request[Any, Any, Any], send: Send, conflict: CaravanError) -> None:
    """409 with the offset in a header too, as the draft has it."""
    response = problems.on_caravan_error(request, conflict)
    headers = {"Upload-Offset": str(conflict.params["offset"])} if "offset" in conflict.params else {}
    answer = response.to_asgi_response(app=None, request=request, headers=headers)
    await answer(request.scope, request.receive, send)  # type: ignore[arg-type]


async def _get(blobs: Blobs, principal: Principal, sha256: str, request: Request[Any, Any, Any], send: Send) -> None:
    head = request.method == "HEAD"
    claim = await blobs.claim(principal, sha256) if head else None
    shown = None if claim is not None and not claim.complete else await blobs.shown(principal, sha256)
    if shown is None and claim is not None:
        # Of one's own, and no row shows it: it is not complete, or waits in the quarantine.
        await _state_only(blobs, principal, sha256, send, claim)
        return
    if shown is None:
        raise NotFound("blob_not_here")
    size = await asyncio.to_thread(blobs.files.size, sha256)
    if size is None:
        raise NotFound("blob_not_here")
    etag = f'"{sha256}"'
    answer = [*HEADERS, *_description(shown), ("etag", etag), ("accept-ranges", "bytes")]
    # Stored by the reader's own browser, and asked about each time: who may see it can change.
    answer.append(("cache-control", "private, no-cache"))
    if claim is not None:
        answer += _state(size, size, complete=True)
    if _is_known(request.headers.get("if-none-match", ""), etag):
        await _send(send, 304, answer)
        return
    status, first, last = 200, 0, size - 1
    if "range" in request.headers and request.headers.get("if-range", etag) == etag:
        try:
            part = _pick_range(request.headers["range"], size)
        except ValueError as outside:
            await _send(send, 416, [*HEADERS, ("content-range", str(outside)), ("content-length", "0")])
            return
        if part is not None:
            status, (first, last) = 206, part
            answer.append(("content-range", f"bytes {first}-{last}/{size}"))
    answer.append(("content-length", str(last - first + 1)))
    await _send(send, status, answer, more_body=not head)
    if not head:
        await _send_body(send, blobs.files.path(sha256), first, last - first + 1)


def _description(shown: Shown) -> Headers:
    name = quote(shown.file_name, safe="")
    return [("content-type", shown.media_type), ("content-disposition", f"attachment; filename*=UTF-8''{name}")]


def _state(offset: int, size: int, *, complete: bool = False) -> Headers:
    return [
        ("upload-offset", str(offset)),
        ("upload-complete", "?1" if complete else "?0"),
        ("upload-length", str(size)),
    ]
