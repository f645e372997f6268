"""The application: ``create_app(settings)`` makes a Litestar app that opens the database when it starts."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, asgi
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.plugins import InitPlugin
from litestar.types import Message, Receive, Scope, Send

from server import logs
from server.api import openapi, problems
from server.api.admin import AdminController
from server.api.audit import AuditController
from server.api.auth import AuthController, me, provide_principal
from server.api.backups import backup
from server.api.blobs import BlobsApi
from server.api.callers import provide_caller
from server.api.commands import commands
from server.api.devices import DevicesController
from server.api.handin import hand_in, hand_in_ticket
from server.api.health import health, server_time
from server.api.news import News, WorkerNews
from server.api.pictures import Pictures
from server.api.records import RecordsApi
from server.api.static import API_PREFIXES, SECURITY_HEADERS, StaticSite
from server.api.sync import changes, sync
from server.api.team import team
from server.blobs.store import Blobs
from server.db.following import TeamFollower
from server.ops import lock
from server.ops.blobs import Collector
from server.ops.expiry import LeaseWatch
from server.ops.opened import opened
from server.ops.upkeep import Upkeep
from server.security.api_keys import ApiKeys
from server.security.audit import HeadsFile
from server.security.devices import device_registrar
from server.security.service import Auth
from server.settings import Settings
from shared.errors import CaravanError

MAX_BODY_BYTES = 64 * 1_024
"""Of every request but the exchange, which has a limit of its own."""
BLOBS, RECORDS = "v1/blobs/", "v1/records/"
HANDLERS = (
    AuthController,
    AdminController,
    backup,
    team,
    DevicesController,
    AuditController,
    me,
    sync,
    changes,
    hand_in,
    hand_in_ticket,
    commands,
    health,
    server_time,
)


class Parts(InitPlugin):
    """What handlers ask for by name, held in the app's state while it runs."""

    NAMES = ("auth", "authority", "news", "heads", "keys")

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        for name in self.NAMES:
            app_config.dependencies[name] = Provide(_part(name), sync_to_thread=False)
        app_config.dependencies["principal"] = Provide(provide_principal)
        app_config.dependencies["caller"] = Provide(provide_caller)
        return app_config


def _part(name: str) -> Any:
    def provide(state: State) -> Any:
        return state[name]

    return provide


def create_app(settings: Settings) -> Litestar:
    """The server's application. Raises ``FileNotFoundError`` when ``settings.web`` holds no web app.

    Database, keys and background tasks are opened by its lifespan and closed with it.
    """
    logs.configure(settings)

    def provide_settings() -> Settings:
        return settings

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as held:
            held.enter_context(lock.serving(settings))
            at = await held.enter_async_context(opened(settings))
            authority, news, heads = at.authority, News(), HeadsFile(settings.audit_heads)
            auth = Auth(at.database, at.vault, authority.clock, authority.entropy, device_registrar(authority))
            workers = WorkerNews(at.database, news, authority.store.worker_id)
            leases = LeaseWatch(authority)
            authority.listen(heads.heard)
            authority.listen(news.heard)
            blobs, collector = Blobs(authority, settings), Collector(authority, settings)
            app.state.update({"auth": auth, "authority": authority, "news": news, "heads": heads, "blobs": blobs})
            app.state["keys"] = ApiKeys(authority)
            upkeep = Upkeep(authority, settings)
            workers.start()
            upkeep.start()
            collector.start()
            leases.start()
            follower = TeamFollower(authority)
            follower.start()
            try:
                yield
            finally:
                news.end()
                await collector.stop()
                await leases.stop()
                await upkeep.stop()
                await workers.stop()
                await follower.close()
                await authority.close()
                await heads.flush()
                await auth.close()

    app = Litestar(
        route_handlers=[*HANDLERS, *_files(settings)],
        lifespan=[lifespan],
        plugins=[Parts()],
        dependencies={"settings": Provide(provide_settings, sync_to_thread=False)},
        exception_handlers={
            CaravanError: problems.on_caravan_error,
            HTTPException: problems.on_http_error,
            Exception: problems.on_unexpected,
        },
        before_send=[_secure],
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=openapi.config(),
        logging_config=None,
        signature_types=[Settings, Request],
    )
    # Around everything: middleware would not see requests that no route takes.
    app.asgi_handler = logs.RequestLog(app.asgi_handler)  # type: ignore[assignment]
    return app


def let_go(app: Litestar) -> None:
    """The server stops: who waits for news is answered now. Nothing happens when it never started."""
    if (news := app.state.get("news")) is not None:
        news.end()


def _files(settings: Settings) -> list[Any]:
    """Handlers of the web app, of the product pictures, of the attachments' content and of records."""
    site = StaticSite(Path(settings.web)) if settings.web else None
    pictures, blobs, records = Pictures(settings.pictures), BlobsApi(), RecordsApi()

    # One mount that looks at the path itself: Litestar prefers the mount at the root to a more precise one.
    @asgi("/", is_mount=True, copy_scope=True)
    async def serve_files(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].strip("/")  # the mount has added a slash at the end
        first, _, rest = path.partition("/")
        scope["path"] = f"/{rest if first == 'pictures' else path}"
        if path.startswith(BLOBS):
            scope["path"] = path.removeprefix(BLOBS)
            await blobs(scope, receive, send)  # type: ignore[arg-type]
        elif path.startswith(RECORDS):
            scope["path"] = path.removeprefix(RECORDS)
            await records(scope, receive, send)  # type: ignore[arg-type]
        elif first == "pictures":
            await pictures(scope, receive, send)  # type: ignore[arg-type]
        elif site is None or first in API_PREFIXES:
            raise NotFoundException
        else:
            await site(scope, receive, send)  # type: ignore[arg-type]

    return [serve_files]


async def _secure(message: Message, scope: Scope) -> None:
    """What every API answer says to browsers: do not guess its type, do not store it."""
    if message["type"] != "http.response.start":
        return
    present = {name.lower() for name, _ in message["headers"]}
    wanted = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS]
    if scope["path"].lstrip("/").partition("/")[0] in API_PREFIXES:
        wanted.append((b"cache-control", b"no-store"))
    message["headers"] = [*message["headers"], *((name, value) for name, value in wanted if name not in present)]
