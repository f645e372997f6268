"""Request bodies in, response bodies out: bounded sizes, gzip both ways."""

import asyncio
import gzip
import zlib
from typing import Any

from litestar import Request, Response

from shared.errors import InvalidInput, LimitExceeded

COMPRESS_FROM_BYTES = 1_024
IN_THREAD_FROM_BYTES = 64 * 1_024
LEVEL = 6


async def read_json(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The body's bytes, unpacked.

    Raises ``InvalidInput`` (415 ``wrong_media_type``, 400 ``bad_compression``) and ``LimitExceeded`` (413): a small
    body that unpacks to a huge one is cut off at the limit.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise InvalidInput("wrong_media_type", status=415)
    body = await request.body()
    match request.headers.get("content-encoding", "identity").strip().lower():
        case "identity" | "":
            return body
        case "gzip":
            return _unpack(body, limit)
    raise InvalidInput("wrong_media_type", status=415)


def _unpack(body: bytes, limit: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacking.decompress(body, limit + 1)
    except zlib.error as error:
        raise InvalidInput("bad_compression", status=400) from error
    if len(unpacked) > limit:
        raise LimitExceeded("request_too_large", status=413, limit=limit)
    if not unpacking.eof:
        raise InvalidInput("bad_compression", status=400)
    return unpacked


async def json_response(request: Request[Any, Any, Any], body: bytes) -> Response[bytes]:
    """The bytes as an answer that nobody stores, compressed when it pays and the caller takes it."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(body) >= COMPRESS_FROM_BYTES and _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        # Large pages are packed beside the event loop; zlib lets other threads run meanwhile.
        if len(body) >= IN_THREAD_FROM_BYTES:
            body = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
        else:
            body = gzip.compress(body, LEVEL, mtime=0)
    return Response(body, status_code=200, media_type="application/json", headers=headers)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
