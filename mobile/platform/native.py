"""A native app: files under one data folder, httpx, SQLite's own file lock as the lock of a user's store.

    <data folder>/users/<user key>/app.db    the user's database      device.db   the device area
                  secrets/<name>             mode 0600                exports/    files handed to the user

Secrets are in files only where the system has no store for them (``system_secrets``).
"""
from __future__ import annotations

import asyncio
import locale
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from mobile.platform.common import (
    DATABASE_NAME,
    Events,
    SystemClock,
    SystemEntropy,
    check_user_key,
    gzip_body,
    open_database,
)
from mobile.platform.ports import (
    EventCallback,
    Picture,
    PlatformError,
    PlatformEvent,
    Recording,
    Response,
    ScannedCode,
    Secrets,
    StorageStatus,
    StoreBusy,
    StoreUnavailable,
    Surroundings,
    TakeOverCallback,
)
from sync.ports import TransportError

POLL_S = 0.05


class NativeStore:
    """An open database file; its exclusive SQLite lock keeps every other process out."""

    def __init__(self, path: Path, owner: NativePlatform) -> None:
        self.user_key = path.parent.name
        self.path = path
        self.owner = owner
        self._connection: sqlite3.Connection | None = open_database(str(path))

    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise PlatformError("closed", self.user_key)
        return self._connection

    def close(self) -> None:
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        NativePlatform.open_stores.pop(self.path, None)
        connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class FileDeviceArea:
    """A small SQLite file, opened per call: several windows may share it, and a commit is durable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _run(self, sql: str, *arguments: str) -> list[Any]:
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("CREATE TABLE IF NOT EXISTS device (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            return connection.execute(sql, arguments).fetchall()

    async def get(self, key: str) -> str | None:
        rows = self._run("SELECT value FROM device WHERE key = ?", key)
        return rows[0][0] if rows else None

    async def set(self, key: str, value: str) -> None:
        self._run("INSERT INTO device VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)

    async def delete(self, key: str) -> None:
        self._run("DELETE FROM device WHERE key = ?", key)

    async def keys(self, prefix: str = "") -> list[str]:
        rows = self._run("SELECT key FROM device WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key", prefix)
        return [key for (key,) in rows]


class FileSecrets:
    """One file per secret, readable by this system user only; replaced as a whole."""

    kind: Literal["cookie", "file", "system"] = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, name: str) -> str | None:
        path = self._folder / check_user_key(name)
        return path.read_text(encoding="utf-8") if path.exists() else None

    async def set(self, name: str, value: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._folder / f".{check_user_key(name)}.new"
        fresh.unlink(missing_ok=True)
        # The mode is given at creation: there is no moment at which others could read it.
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / name)

    async def delete(self, name: str) -> None:
        (self._folder / check_user_key(name)).unlink(missing_ok=True)


class HttpxTransport:
    """httpx with a cookie jar of its own; imported at first use, because it is slow to import."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._client: Any = None
        self._running: set[asyncio.Task[Response]] = set()
        self._aborted: set[asyncio.Task[Response]] = set()

    async def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None,
        timeout_s: float = 30.0, *, compress: bool = False,
    ) -> Response:
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path begins with one slash")
        sent = dict(headers or {})
        if body is not None and compress:
            body, sent["content-encoding"] = gzip_body(body), "gzip"
        task = asyncio.ensure_future(self._send(method, path, sent, body, timeout_s))
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task in self._aborted:
                raise TransportError("aborted") from None
            raise
        finally:
            self._running.discard(task)
            self._aborted.discard(task)

    async def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, timeout_s: float,
    ) -> Response:
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(base_url=self._server_url, timeout=None)
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._client.request(method, path, headers=headers, content=body)
        except TimeoutError as error:
            raise TransportError("timeout") from error
        except httpx.TransportError as error:
            raise TransportError("offline", str(error)) from error
        if answer.is_redirect:
            raise TransportError("offline", f"redirected to {answer.headers.get('location')}")
        return Response(answer.status_code, dict(answer.headers), answer.content)

    def abort(self) -> None:
        for task in self._running:
            self._aborted.add(task)
            task.cancel()

    async def close(self) -> None:
        """Close the connections; the transport can be used again."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


class NativePlatform:
    """``ports.Platform`` on CPython. Several may live in one process (``flet run --web``)."""

    kind: Literal["browser", "native"] = "native"
    can_scan = False
    can_record = False
    open_stores: ClassVar[dict[Path, NativeStore]] = {}

    def __init__(self, data_folder: Path, server_url: str) -> None:
        self.data_folder = data_folder.resolve()
        self.data_folder.mkdir(parents=True, exist_ok=True)
        self._events = Events()
        self._take_over_requested: TakeOverCallback | None = None
        self.clock = SystemClock()
        self.entropy = SystemEntropy()
        self.device_area = FileDeviceArea(self.data_folder / "device.db")
        self.transport = HttpxTransport(server_url)
        self.secrets: Secrets = FileSecrets(self.data_folder / "secrets")

    def _database(self, user_key: str) -> Path:
        return self.data_folder / "users" / check_user_key(user_key) / DATABASE_NAME

    async def open_store(self, user_key: str) -> NativeStore:
        return self._open(self._database(user_key))

    def _open(self, path: Path) -> NativeStore:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable("denied", str(error)) from error
        store = NativeStore(path, self)
        self.open_stores[path] = store
        return store

    async def take_over(self, user_key: str, timeout_s: float = 10.0) -> NativeStore:
        """Within this process the holder is asked; another process can only be waited for."""
        path = self._database(user_key)
        deadline = time.monotonic() + timeout_s
        holder = self.open_stores.get(path)
        if holder is not None:
            try:
                async with asyncio.timeout(timeout_s):
                    await holder.owner.hand_over(holder)
            except TimeoutError as error:
                raise StoreBusy("waiting", user_key) from error
        while True:
            try:
                return self._open(path)
            except StoreBusy as error:
                if time.monotonic() >= deadline:
                    raise StoreBusy("frozen", user_key) from error
            await asyncio.sleep(POLL_S)

    def on_take_over_requested(self, callback: TakeOverCallback | None) -> None:
        self._take_over_requested = callback

    async def hand_over(self, store: NativeStore) -> None:
        """Let go of ``store`` for another window of this process. Raises ``StoreBusy`` when the app declines."""
        self.transport.abort()
        if self._take_over_requested is not None:
            try:
                await self._take_over_requested(store.user_key)
            except Exception as error:
                raise StoreBusy("refused", str(error)) from error
        store.close()

    async def storage_status(self) -> StorageStatus:
        used = sum(path.stat().st_size for path in self.data_folder.rglob("*") if path.is_file())
        return StorageStatus(True, used, used + shutil.disk_usage(self.data_folder).free)

    async def request_persistence(self) -> bool:
        return True

    async def save_file(self, name: str, data: bytes, mime: str) -> str:
        folder = self.data_folder / "exports"
        folder.mkdir(exist_ok=True)
        path = folder / Path(name).name
        path.write_bytes(data)
        return str(path)

    async def shrink_picture(self, data: bytes, mime: str) -> Picture | None:
        """Nothing here can draw: the photo is kept as it is."""
        return None

    async def scan_code(self, words: dict[str, str]) -> ScannedCode | None:
        """Nothing here reads codes: the screen does not offer it."""
        return None

    async def record_voice(self, words: dict[str, str], limit_s: int, *, dark: bool) -> Recording | None:
        """Nothing here records: the screen does not offer it."""
        return None

    async def play_sound(self, key: str, data: bytes, mime: str) -> None:
        """Nothing here plays: the screen offers the file."""

    async def pause_sound(self) -> None:
        return None

    async def resume_sound(self) -> None:
        return None

    async def stop_sound(self) -> None:
        return None

    async def notifications(self, *, ask: bool = False) -> str:
        """Without a plugin of the system's there are none: reminders come in the app and from the calendar file."""
        return "unsupported"

    async def notify(self, title: str, body: str, tag: str) -> bool:
        return False

    def language(self) -> str:
        found = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
        tag = found.split(".")[0].replace("_", "-")
        return tag if tag not in ("", "C", "POSIX") else "zh-CN"

    def time_zone(self) -> str:
        zone = os.environ.get("TZ", "").lstrip(":")
        if zone and not zone.startswith("/"):
            return zone
        target = os.path.realpath("/etc/localtime")
        return target.split("zoneinfo/", 1)[1] if "zoneinfo/" in target else "UTC"

    async def surroundings(self) -> Surroundings:
        return Surroundings(
            language=self.language(), time_zone=self.time_zone(), online=True, visible=True, dark=False,
            reduced_motion=False, installable=False, installed=True, update_ready=False)

    def emit(self, kind: str, **detail: Any) -> None:
        """The app passes on what Flet tells about its life cycle (``visible``, ``hidden``, ``online`` …)."""
        self._events.emit(PlatformEvent(kind, detail))

    def subscribe(self, callback: EventCallback) -> Callable[[], None]:
        return self._events.subscribe(callback)

    async def set_document(self, title: str, language: str, mode: str) -> None:
        """A native window has its title from Flet."""

    async def install(self) -> str:
        return "unavailable"

    async def reload(self) -> None:
        """Nothing to load again: the app starts its own screens anew."""

    async def apply_update(self) -> bool:
        return False
