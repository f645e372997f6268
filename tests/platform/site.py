"""A small site of its own for the platform tests: the product's client files, Pyodide from the flet-web wheel, this
project's packages, a few HTTP endpoints to test the transport. Served on loopback with the product's CSP."""
from __future__ import annotations

import gzip
import io
import json
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import flet_web

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
PYODIDE = Path(flet_web.get_package_web_dir()) / "pyodide"
CLIENT = PROJECT / "mobile" / "web" / "client"
TYPES = {".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
         ".json": "application/json", ".css": "text/css", ".py": "text/plain", ".zip": "application/zip"}
CSP = ("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; media-src 'self' blob:; "
       "object-src 'none'; base-uri 'self'; frame-ancestors 'none'")


def packages(extra: Path | None = None) -> bytes:
    """A zip of what the device runs of this project, plus msgspec (the engine's only dependency) from ``extra``."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for folder in ("mobile/platform", "sync", "shared"):
            for path in (PROJECT / folder).rglob("*.py"):
                target.write(path, path.relative_to(PROJECT))
        target.write(PROJECT / "mobile/__init__.py", "mobile/__init__.py")
        for path in (extra / "msgspec").rglob("*") if extra else ():
            if path.is_file():
                target.write(path, path.relative_to(extra))
    return archive.getvalue()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A killed browser resets its connections: that is what the tests are about. Anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Site:
    """``url`` is where it listens; ``reports`` are the JSON bodies posted to /report, in order of arrival."""

    def __init__(self, package_zip: bytes) -> None:
        self.reports: list[dict] = []
        self.on_report: Callable[[dict], None] = lambda fact: None
        self.package_zip = package_zip
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.get(self)

            def do_POST(self) -> None:
                site.post(self)

            def log_message(self, *args: object) -> None:
                """Quiet: pytest shows what matters."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, request: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
        request.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"content-length": str(len(body)), "content-security-policy": CSP, **named}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def file(self, path: str) -> Path | None:
        name = "index.html" if path in ("", "late.html") else path
        for folder in (HERE / "pages", CLIENT):
            if (folder / name).is_file() and "/" not in name:
                return folder / name
        if name.startswith("zxing/") and ".." not in name and (CLIENT / name).is_file():
            return CLIENT / name
        inside = PYODIDE / name.removeprefix("pyodide/")
        return inside if name.startswith("pyodide/") and inside.is_file() else None

    def get(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.split("?")[0].lstrip("/")
        if path == "packages.zip":
            self.answer(request, self.package_zip, content_type="application/zip")
        elif path == "v1/slow":
            time.sleep(3)
            self.answer(request, b"late")
        elif path == "v1/moved":
            self.answer(request, b"", 302, location="/v1/slow")
        elif (found := self.file(path)) is not None:
            kind = TYPES.get(found.suffix, "application/octet-stream")
            # Pyodide never changes; letting the browser keep it makes twenty starts bearable.
            kept = "max-age=3600" if path.startswith("pyodide/") else "no-store"
            self.answer(request, found.read_bytes(), content_type=kind, cache_control=kept)
        else:
            self.answer(request, b"not here", 404)

    def post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        if request.path == "/report":
            fact = json.loads(body)
            self.reports.append(fact)
            self.on_report(fact)
            self.answer(request, b"")
            return
        plain = gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body
        told = {"sent": len(body), "body": plain.decode(), "cookie": request.headers.get("cookie"),
                "path": request.path, "kind": request.headers.get("x-kind")}
        self.answer(request, json.dumps(told).encode(), 201, set_cookie="token=t1; HttpOnly; SameSite=Strict",
                    content_type="application/json")
