"""The page that explains trust, with the authority to download, over plain HTTP on the next port.

Plain, because a phone that does not know the authority yet is stopped by its browser on the TLS port. The page holds no
secret; who changes it on the way is found out by the fingerprint, which stands in the terminal too.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlsplit

from server.lan.certificates import Certificates
from server.settings import SettingsError
from shared.locale import LANGUAGES, best_language

PAGES = Path(__file__).parent
AUTHORITY_PATH = "/caravan-authority.crt"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(language: str, url: str, certificates: Certificates) -> str:
    """The HTML of the page; ``url`` is where the app is."""
    text = (PAGES / f"trust.{language}.html").read_text(encoding="utf-8")
    # Only our own address and a fingerprint are filled in: neither holds a character that HTML would read.
    return Template(text).substitute(url=url, authority=AUTHORITY_PATH, fingerprint=certificates.fingerprint)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == AUTHORITY_PATH:
            self._answer(self.server.certificates.der, "application/x-x509-ca-cert")
        elif address.path == "/":
            chosen = parse_qs(address.query).get("lang", [""])[0]
            language = chosen if chosen in LANGUAGES else best_language(self.headers.get("accept-language"))
            body = page(language, self.server.app_url, self.server.certificates)
            self._answer(body.encode(), "text/html; charset=utf-8")
        else:
            self._answer(b"", "text/plain", status=404)

    def _answer(self, body: bytes, content_type: str, *, status: int = 200) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """The terminal is for the address and the QR code."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, url: str, certificates: Certificates) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.app_url, self.certificates = url, certificates
        super().__init__((host, port), _Handler)


@contextlib.contextmanager
def served(host: str, port: int, url: str, certificates: Certificates) -> Iterator[str]:
    """Serve the page on host and port (0: any) while the block runs; yields its address.

    Raises ``SettingsError`` ``port_busy``.
    """
    try:
        server = _Server(host, port, url, certificates)
    except OSError as error:
        raise SettingsError("port_busy", host=host, port=port) from error
    thread = threading.Thread(target=server.serve_forever, name="trust page", daemon=True)
    thread.start()
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
