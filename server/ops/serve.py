"""Serving: the port, uvicorn, and what is said when it runs. Each obstacle is one ``SettingsError`` with its words."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from server.settings import Settings, SettingsError

BACKLOG = 512
SHUTDOWN_S = 5


def listen(settings: Settings) -> socket.socket:
    """An open socket on host and port, taken before anything slow happens.

    Raises ``SettingsError``: ``port_busy``, ``port_forbidden`` or ``host_unknown``.
    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
    except socket.gaierror as error:
        raise SettingsError("host_unknown", host=settings.host) from error
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        # So that a restart does not wait for connections of the run before; a living listener still keeps its port.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((settings.host, settings.port))
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise _refusal(settings, error) from error
    return opened


def _refusal(settings: Settings, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError("port_busy", host=settings.host, port=settings.port)
    if error.errno in (errno.EACCES, errno.EPERM):
        return SettingsError("port_forbidden", port=settings.port)
    return SettingsError("host_unknown", host=settings.host)


def address(settings: Settings, opened: socket.socket) -> str:
    """What people type to reach the server."""
    if settings.public_url:
        return settings.public_url
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{opened.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and when it begins to stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Uvicorn waits for the requests under way before it ends the application's lifespan.
        self._stopping()
        await super().shutdown(sockets)


def run(
    app: Any, settings: Settings, opened: socket.socket, ready: Callable[[], None], stopping: Callable[[], None]
) -> None:
    """Serves until Ctrl+C or SIGTERM; then calls ``stopping`` and gives requests under way ``SHUTDOWN_S`` seconds."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies) or None,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    # Uvicorn handles the first Ctrl+C itself and raises it again when everything has ended.
    try:
        asyncio.run(_Server(config, ready, stopping).serve([opened]))
    except KeyboardInterrupt:
        return
