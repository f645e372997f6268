"""The running app behind one window: platform, session, local store, exchange. Screens reach it with ``use_app()``."""

from __future__ import annotations

import asyncio
import contextvars
import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mobile.platform.ports import Platform, PlatformEvent, StoreHandle
from mobile.state.auth import AuthClient
from mobile.state.doors import Doors
from mobile.state.errors import ErrorLog
from mobile.state.known_users import KnownUsers
from mobile.state.session import Session, SessionInfo, Tokens
from mobile.state.shut_out import ShutOut
from mobile.state.sound import Sound
from mobile.state.sync_status import Progress, SyncStatus
from mobile.state.sync_transport import SyncTransport
from mobile.state.upload_status import UploadStatus
from mobile.store.queries import handovers, inbox
from shared import locale
from shared.access import Actor
from shared.ids import uuid7
from shared.protocol import Command
from shared.timezone import business_date

if TYPE_CHECKING:
    from mobile.state.attachments import Attachments
    from mobile.state.sync_loop import LoopState, SyncLoop
    from mobile.store.store import SqliteStore
    from mobile.ui.look import Look
    from sync.device.engine import DeviceEngine

APP_VERSION = "0.1.0"
INSTALL_KEY = "install."


class App:
    """Wires the parts. A user's store is open in the phase ``open`` only."""

    def __init__(self, platform: Platform, look: Look) -> None:
        self.platform = platform
        self.look = look
        self.session = Session()
        self.sync = SyncStatus()
        self.sound = Sound()
        self.errors = ErrorLog(platform)
        self.known = KnownUsers(platform.device_area)
        self.auth = AuthClient(platform, lambda: look.language)
        self.surface = ""
        """Browser or system, for the device's name."""
        self.tokens = Tokens()
        self.doors = Doors(self)
        self.shut_out = ShutOut(self)
        self.people: list[SessionInfo] = []
        """Everybody with work on this device."""
        self.wanted: SessionInfo | None = None
        """Whom the sign-in page asks for first."""
        self._handle: StoreHandle | None = None
        self._store: SqliteStore | None = None
        self._device: DeviceEngine | None = None
        self._attachments: Attachments | None = None
        self._loop: SyncLoop | None = None
        self._unwatch: Callable[[], None] | None = None
        self._sheet_listener: Callable[[bool], Any] | None = None

    # What screens ask

    @property
    def is_open(self) -> bool:
        """Whether somebody's store is open."""
        return self._store is not None

    @property
    def open_store(self) -> SqliteStore:
        """The user's store. Raises ``RuntimeError`` when nobody is signed in."""
        if self._store is None:
            raise RuntimeError("no user's store is open")
        return self._store

    @property
    def device(self) -> DeviceEngine:
        """The engine of the open store. Raises ``RuntimeError`` when nobody is signed in."""
        if self._device is None:
            raise RuntimeError("no user's store is open")
        return self._device

    @property
    def attachments(self) -> Attachments:
        """Files of the open store. Raises ``RuntimeError`` when nobody is signed in."""
        if self._attachments is None:
            raise RuntimeError("no user's store is open")
        return self._attachments

    def act(self, *commands: Command | tuple[str, dict[str, Any]], beside: Callable[[], None] | None = None) -> str:
        """Run commands as one transaction: saved here at once, sent by itself. Returns the transaction's id.

        Raises ``CaravanError`` when the rules refuse; then nothing was written. ``beside``: as ``DeviceEngine.run``.
        """
        return self.device.run(commands, beside=beside)

    def new_id(self) -> str:
        """A fresh UUIDv7 for a row made here."""
        return uuid7(self.now_ms(), self.platform.entropy.random_bytes(10))

    @property
    def actor(self) -> Actor:
        """Who acts: the user's row, or the session's word before the first sync."""
        info = self.session.info
        if info is None:
            raise RuntimeError("nobody is signed in")
        row = self._store.get("user", info.user.id) if self._store else None
        return Actor(
            user_id=info.user.id,
            org_id=info.org.id,
            role=str(row["role"]) if row else info.user.role,
            team_id=row["home_team_id"] if row else info.user.home_team_id,
            device_id=info.device_id,
            discount_limit=row["discount_limit"] if row else self.session.discount_limit,
        )

    @property
    def time_zone(self) -> str:
        """The organisation's IANA zone: its row, or the session's word before the first sync."""
        row = self._org_row()
        return str(row["time_zone"]) if row else self.session.info.org.time_zone if self.session.info else "UTC"

    @property
    def currency(self) -> str:
        row = self._org_row()
        return str(row["currency"]) if row else self.session.info.org.currency if self.session.info else "CNY"

    def _org_row(self) -> dict[str, Any] | None:
        if self._store is None or self.session.info is None:
            return None
        return self._store.get("organisation", self.session.info.org.id)

    def now_ms(self) -> int:
        """The device's clock, UTC ms."""
        return self.platform.clock.now_ms()

    def today(self) -> datetime.date:
        """The business date in the organisation's time zone."""
        return business_date(self.now_ms(), self.time_zone)

    def on_sync_sheet(self, listener: Callable[[bool], Any] | None) -> None:
        """Who opens and closes the sync sheet."""
        self._sheet_listener = listener

    def show_sync_sheet(self, shown: bool) -> None:
        """Open or close the sync sheet."""
        if self._sheet_listener:
            self._sheet_listener(shown)

    # Opening and closing, for ``doors``

    async def attach_store(self, handle: StoreHandle, info: SessionInfo) -> None:
        """Build store and engine on an opened database."""
        from mobile.store.store import SqliteStore
        from sync.device.engine import DeviceEngine

        key = self.install_key(info.key)
        install_id = await self.platform.device_area.get(key)
        if install_id is None:
            install_id = self.new_id()
            await self.platform.device_area.set(key, install_id)

        def renamed(fresh: str) -> None:
            asyncio.get_running_loop().create_task(self.platform.device_area.set(key, fresh))

        self._handle = handle
        self._store = SqliteStore(handle.connection())
        self._device = DeviceEngine(
            self._store,
            self.platform.clock,
            self.platform.entropy,
            lambda: self.actor,
            install_id,
            APP_VERSION,
            on_install=renamed,
            device_name=self.device_name(),
        )
        self._device.checks.opened()
        self._attachments = self._open_attachments(self._store, self._device)
        self._unwatch = self._store.on_change(self._committed)
        self._committed({"_outbox", "conflict", "_meta"})

    @staticmethod
    def install_key(user_key: str) -> str:
        """Where the device area keeps the install id of a person's replica."""
        return INSTALL_KEY + user_key

    def _open_attachments(self, store: SqliteStore, device: DeviceEngine) -> Attachments:
        from mobile.state.attachments import Attachments
        from mobile.state.blob_transport import BlobHttp

        transport = BlobHttp(
            self.platform, lambda: self.tokens.access_token, self.doors.renew, lambda: self.look.language
        )

        def status(files: UploadStatus) -> None:
            self.sync.files = files

        return Attachments(self.platform, device, store, transport, on_status=status, on_stored=self.sync_now)

    async def detach_store(self) -> None:
        """Stop the exchange and close the database; idempotent."""
        attachments, self._attachments = self._attachments, None
        if attachments is not None:
            await attachments.uploads.stop()
        loop, self._loop = self._loop, None
        if loop is not None:
            await loop.stop()
        if self._unwatch:
            self._unwatch()
            self._unwatch = None
        handle, self._handle = self._handle, None
        if self._device is not None:
            self._device.checks.closed()
        self._device = self._store = None
        if handle is not None:
            handle.close()
        self.tokens = Tokens()

    # What the pill and the sheet show

    def _committed(self, touched: set[str]) -> None:
        """A local commit: counts follow at once, whoever wrote."""
        if self._store is None or self._device is None:
            return
        if "_outbox" in touched:
            self.sync.unsent = self._store.outbox_size()
        if touched & {"_outbox", "conflict", "quarantine_item"}:
            self.sync.needs_me = inbox.open_count(self._store) + handovers.open_count(self._store)
        if "_meta" in touched:
            self._read_status()

    def _read_status(self) -> None:
        status = self.device.status()
        self.sync.last_sync_ms, self.sync.complete = status.last_sync_ms, status.complete
        self.sync.question, self.sync.recovery = status.question, status.recovery
        self.sync.progress = [Progress(item.bucket, item.at, item.head) for item in status.progress]

    def device_name(self) -> str:
        """What this device is called in conflicts and in the list of devices."""
        kind = locale.translate(self.look.language, f"frame.device.{self.platform.kind}")
        return f"{kind} {self.surface}".strip()

    def listen_to_platform(self) -> None:
        """Follow what the surroundings tell: network, life cycle."""
        here = contextvars.copy_context()

        def heard(event: PlatformEvent) -> None:
            here.copy().run(self._heard, event)

        self.platform.subscribe(heard)

    def _heard(self, event: PlatformEvent) -> None:
        if event.kind == "offline":
            self.sync.online = False
        elif event.kind == "online":
            self.sync.online = True
            self.shut_out.try_now()
            self.sync_now()
        elif event.kind == "visible":
            self.sync_now()
        elif event.kind == "motion":
            self.look.reduced_motion = bool(event.detail.get("reduced"))
        elif event.kind == "sound":
            self.sound.heard(event)

    # The exchange

    def start_exchange(self) -> None:
        """Begin or go on exchanging with the server; harmless when it is under way."""
        if self._loop is None:
            from mobile.state.sync_loop import SyncLoop

            transport = SyncTransport(
                self.platform, lambda: self.tokens.access_token, self.doors.renew, lambda: self.look.language
            )
            self._loop = SyncLoop(self.device, transport, on_state=self._exchanged)
        self._loop.start()
        self.attachments.uploads.start()

    def sync_now(self) -> None:
        """Try at once: somebody asked, the network is back, the window is in sight again."""
        if self._loop is not None:
            self._loop.kick()
        if self._attachments is not None:
            self._attachments.uploads.kick()

    async def send_all(self) -> bool:
        """Exchange now and wait for the end; True when nothing is left to send."""
        if self._loop is None:
            return False
        return (await self._loop.sync_now()).unsent == 0

    def _exchanged(self, state: LoopState) -> None:
        sync = self.sync
        sync.phase, sync.online, sync.pulling, sync.problem = state.phase, state.online, state.pulling, state.problem
        sync.unsent, sync.last_sync_ms = state.unsent, state.last_sync_ms
        if state.phase == "stopped" and state.problem == "revoked":
            self.doors.ask_why()
        if self._attachments is not None:
            self._attachments.uploads.exchanged(online=state.online, idle=state.phase == "idle")
        if state.phase == "sign_in" and self.session.auth != "dead":
            self.session.problem, self.session.auth = state.problem or "session_expired", "dead"
