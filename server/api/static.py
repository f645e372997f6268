"""The web app's files over HTTP: a small ASGI application, because a general static handler lacks what a PWA needs.

A manifest made at start (no disk access to decide about a request), precompressed twins by Accept-Encoding, ETag with
304, Range, cache headers that fit the service worker, ``index.html`` for the app's own routes, and the
Content-Security-Policy. Litestar mounts it; it runs alone as well: ``uvicorn --factory
server.api.static:site_from_environment``.

The folder's content must not change while the handler lives: a new build is a new folder and a new process.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import mimetypes
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Nothing from another host, no inline script, no eval. 'wasm-unsafe-eval' allows WebAssembly and nothing else.
# Styles: Flutter's engine writes style elements and attributes of its own. blob: is for what the user's own device
# makes (photos, recordings).
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "worker-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
SECURITY_HEADERS = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), browsing-topics=()",
    ),
)
# A content hash in the name: 8 or more hexadecimal digits between separators (pictures), or a versioned font folder.
HASHED_NAME = re.compile(r"(^|[./-])[0-9a-f]{8,64}\.[a-z0-9]+$|/v\d+/[^/]+\.woff2$")
# Flutter looks up fonts of every script of the world by such names; the site ships a few. A 404 makes it ask again at
# every frame, without end; any font, even one without the character, ends the search.
FALLBACK_FONT = re.compile(r"assets/fonts/[a-z0-9]+/v\d+/[^/]+$")
STAND_IN_FONT = "assets/fonts/stand-in.woff2"
API_PREFIXES = ("v1", "health", "schema")
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # in order of preference
# Not part of the site: what the build notes for itself.
HIDDEN = {"build.txt"}
CHUNK_BYTES = 256 * 1024
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".pack": "application/octet-stream",
    ".zip": "application/zip",
    ".md": "text/markdown; charset=utf-8",
}


@dataclass(frozen=True)
class File:
    """One file of the site. ``variants``: encoding → (file on disk, size in bytes); "" is the file as it is."""

    name: str
    content_type: str
    digest: str
    modified: str
    variants: dict[str, tuple[Path, int]] = field(repr=False)


class StaticSite:
    """ASGI application that serves the folder ``root``, read once when it is made.

    Raises ``FileNotFoundError`` when ``root`` has no ``index.html``: a server without its app is a mistake to tell at
    start.
    """

    def __init__(self, root: Path) -> None:
        if not (root / "index.html").is_file():
            raise FileNotFoundError(f"{root} holds no web app (no index.html); `make web` builds it")
        self.files = {file.name: file for file in _scan(root)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: Scope, send: Send) -> None:
        method, path = scope["method"], scope["path"].lstrip("/")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        file = self.find(path)
        if file is None:
            await _problem(send, method, 404, "not_found", f"There is nothing at /{path}.")
        elif method not in ("GET", "HEAD"):
            await _problem(
                send, method, 405, "method_not_allowed", "Files can only be read.", (("allow", "GET, HEAD"),)
            )
        else:
            await _send_file(send, method, file, headers)

    def find(self, path: str) -> File | None:
        """Return the file for a path without its leading slash: the file itself, or the index for one of the app's
        routes."""
        if path in ("", "index.html"):
            return self.files["index.html"]
        if path in self.files:
            return self.files[path]
        if FALLBACK_FONT.match(path):
            return self.files.get(STAND_IN_FONT)
        is_api = path.split("/", 1)[0] in API_PREFIXES
        is_route = "." not in path.rsplit("/", 1)[-1]
        return self.files["index.html"] if is_route and not is_api else None


def site_from_environment() -> StaticSite:
    """Return the site in the folder named by ``CARAVAN_WEB`` (default ``.build/web``)."""
    return StaticSite(Path(os.environ.get("CARAVAN_WEB", ".build/web")))


def _scan(root: Path) -> Iterator[File]:
    endings = tuple(ending for _, ending in ENCODINGS)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or name in HIDDEN or (name.endswith(endings) and path.with_suffix("").is_file()):
            continue
        variants = {"": (path, path.stat().st_size)}
        for encoding, ending in ENCODINGS:
            twin = path.with_name(path.name + ending)
            if twin.is_file():
                variants[encoding] = (twin, twin.stat().st_size)
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()[:20]
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        content_type = TYPES.get(path.suffix, guessed)
        yield File(name, content_type, digest, formatdate(path.stat().st_mtime, usegmt=True), variants)


def _pick_encoding(file: File, accept: str) -> str:
    wanted = {}
    for part in accept.split(","):
        name, _, parameters = part.strip().partition(";")
        quality = re.search(r"q=([\d.]+)", parameters)
        wanted[name.strip().lower()] = float(quality[1]) if quality and quality[1].strip(".") else 1.0
    for encoding, _ in ENCODINGS:
        if encoding in file.variants and wanted.get(encoding, wanted.get("*", 0.0)) > 0:
            return encoding
    return ""


def _pick_range(header: str, size: int) -> tuple[int, int] | None:
    """Return (first, last) of a single byte range; None: send everything. Raises ``ValueError`` when it lies
    outside."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if not match or match[0] == "bytes=-":
        return None  # several ranges or another unit: RFC 9110 allows to ignore the header
    if not match[1]:
        first, last = max(size - int(match[2]), 0), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if first > last:
        raise ValueError(f"bytes */{size}")
    return first, last


async def _send_file(send: Send, method: str, file: File, headers: dict[str, str]) -> None:
    # A range is counted on the file as it is: no client could count on a compressed form that it never asked for.
    encoding = "" if "range" in headers else _pick_encoding(file, headers.get("accept-encoding", ""))
    etag = f'"{file.digest}{"-" + encoding if encoding else ""}"'
    path, size = file.variants[encoding]
    cache = "public, max-age=31536000, immutable" if HASHED_NAME.search(file.name) else "no-cache"
    answer = [
        ("content-type", file.content_type),
        ("etag", etag),
        ("last-modified", file.modified),
        ("cache-control", cache),
        ("accept-ranges", "bytes"),
        *SECURITY_HEADERS,
    ]
    if len(file.variants) > 1:
        answer.append(("vary", "Accept-Encoding"))
    if encoding:
        answer.append(("content-encoding", encoding))
    if _is_known(headers.get("if-none-match", ""), etag):
        await _send(send, 304, [pair for pair in answer if pair[0] not in ("content-type", "content-encoding")])
        return
    status, first, last = 200, 0, size - 1
    if "range" in headers and headers.get("if-range", etag) == etag:
        try:
            part = _pick_range(headers["range"], size)
        except ValueError as outside:
            await _problem(
                send,
                method,
                416,
                "range_not_satisfiable",
                "That part of the file does not exist.",
                (("content-range", str(outside)),),
            )
            return
        if part is not None:
            status, (first, last) = 206, part
            answer.append(("content-range", f"bytes {first}-{last}/{size}"))
    answer.append(("content-length", str(last - first + 1)))
    await _send(send, status, answer, more_body=method == "GET")
    if method == "GET":
        await _send_body(send, path, first, last - first + 1)


def _is_known(header: str, etag: str) -> bool:
    return header.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in header.split(","))


async def _send_body(send: Send, path: Path, first: int, length: int) -> None:
    with path.open("rb") as content:
        content.seek(first)
        while length > 0:
            # Off the event loop: a cold disk must not hold up somebody's order.
            chunk = await asyncio.to_thread(content.read, min(CHUNK_BYTES, length))
            if not chunk:
                raise OSError(
                    f"{path.name} became shorter while it was sent; the site's folder was changed under the server"
                )
            length -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": length > 0})


async def _problem(
    send: Send, method: str, status: int, code: str, detail: str, extra: tuple[tuple[str, str], ...] = ()
) -> None:
    titles = {404: "Not found", 405: "Method not allowed", 416: "Range not satisfiable"}
    body = json.dumps(
        {"type": "about:blank", "title": titles[status], "status": status, "code": code, "detail": detail}
    ).encode()
    headers = [
        ("content-type", "application/problem+json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        *SECURITY_HEADERS,
        *extra,
    ]
    await _send(send, status, headers, more_body=True)
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _send(send: Send, status: int, headers: list[tuple[str, str]], *, more_body: bool = False) -> None:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    if not more_body:
        await send({"type": "http.response.body", "body": b""})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
