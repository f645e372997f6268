"""Structured logs on stderr: one line for each request and each trouble; never a body, a token or a query string."""

import logging
import sys
import time
from typing import Any

import structlog

from server.settings import Settings

log = structlog.get_logger("caravan.requests")
QUIET = frozenset({"/health", "/v1/time"})


def configure(settings: Settings) -> None:
    """Sets up structlog, and the standard library's loggers (the engine's, uvicorn's) through it."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Tracebacks without local variables: passwords and tokens are among them.
    last: Any = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    if settings.log_format == "json":
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        shared.append(structlog.processors.ExceptionRenderer(frames))
        last = structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in ("alembic", "sqlalchemy", "asyncio", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """ASGI middleware: method, path, status, duration and size of each API request."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(("/v1", "/health")):
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        request = {"method": scope["method"], "path": scope["path"]}  # now: routing changes the path in its scope
        seen = {"status": 0, "bytes": 0}

        async def watched(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._write(request, seen, (time.monotonic() - started) * 1000)

    @staticmethod
    def _write(request: dict[str, str], seen: dict[str, int], milliseconds: float) -> None:
        # Ids in paths are no secrets; query strings hold cursors and stay out.
        quiet = request["path"] in QUIET and seen["status"] == 200
        write = log.debug if quiet else log.warning if seen["status"] >= 500 else log.info
        write("request", **request, **seen, ms=round(milliseconds, 1))
