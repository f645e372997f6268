"""The browser: everything goes through ``js.device`` (``mobile/web/client/device-lib.js``). Runs in Pyodide only; the
module itself imports anywhere."""
from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections.abc import Callable
from typing import Any, Literal, NoReturn, Self

from mobile.platform.common import Events, SystemClock, SystemEntropy, check_user_key, gzip_body, open_database
from mobile.platform.ports import (
    PICTURE_PX,
    THUMB_PX,
    EventCallback,
    Picture,
    PlatformError,
    PlatformEvent,
    Recording,
    Response,
    ScannedCode,
    StorageStatus,
    StoreBusy,
    StoreUnavailable,
    Surroundings,
    TakeOverCallback,
)


class BrowserStore:
    """An open database on OPFS. The Web Lock and the access handles live as long as it does."""

    def __init__(self, device: Any, user_key: str, path: str) -> None:
        self.user_key = user_key
        self._device = device
        self._connection: sqlite3.Connection | None = open_database(path)

    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise PlatformError("closed", self.user_key)
        return self._connection

    def close(self) -> None:
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            connection.close()
        finally:
            self._device.unmountUser(self.user_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class BrowserDeviceArea:
    """IndexedDB, through ``device-area.js``."""

    def __init__(self, area: Any) -> None:
        self._area = area

    async def get(self, key: str) -> str | None:
        value = await self._area.get(key)
        return value if isinstance(value, str) else None

    async def set(self, key: str, value: str) -> None:
        await self._area.set(key, value)

    async def delete(self, key: str) -> None:
        await self._area.delete(key)

    async def keys(self, prefix: str = "") -> list[str]:
        return list(await self._area.keys(prefix))


class BrowserTransport:
    """``fetch`` with the site's own cookies."""

    def __init__(self, device: Any) -> None:
        self._device = device
        self._numbers = itertools.count(1)

    async def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None,
        timeout_s: float = 30.0, *, compress: bool = False,
    ) -> Response:
        from pyodide.ffi import to_js

        # Imported here: the store must open without the engine's dependencies.
        from sync.ports import TransportError

        sent = dict(headers or {})
        if body is not None and compress:
            body, sent["content-encoding"] = gzip_body(body), "gzip"
        payload = None if body is None else to_js(body)
        number = next(self._numbers)
        try:
            answer = await self._device.request(number, method, path, json.dumps(sent), payload, timeout_s * 1000)
        except asyncio.CancelledError:
            self._device.abortRequest(number)
            raise
        if hasattr(answer, "error"):
            raise TransportError(answer.error, answer.detail)
        return Response(answer.status, json.loads(answer.headers), answer.body.to_bytes())

    def abort(self) -> None:
        self._device.abortRequests()


class CookieSecrets:
    """The refresh token is an HttpOnly cookie: the browser sends it, and no script can read it."""

    kind: Literal["cookie", "file", "system"] = "cookie"

    async def get(self, name: str) -> str | None:
        return None

    async def set(self, name: str, value: str) -> None:
        raise PlatformError("secrets_are_cookies", name)

    async def delete(self, name: str) -> None:
        return None


class BrowserPlatform:
    """``ports.Platform`` in Pyodide's worker."""

    kind: Literal["browser", "native"] = "browser"
    can_scan = True
    can_record = True

    def __init__(self) -> None:
        import js
        from pyodide.ffi import create_proxy

        self._js = js
        self._device = js.device
        self._events = Events()
        self._stores: dict[str, BrowserStore] = {}
        self._take_over_requested: TakeOverCallback | None = None
        self.clock = SystemClock()
        self.entropy = SystemEntropy()
        self.device_area = BrowserDeviceArea(self._device.area)
        self.transport = BrowserTransport(self._device)
        self.secrets = CookieSecrets()
        self._device.onTakeOver(create_proxy(self._hand_over))
        self._device.listen(create_proxy(self._page_event))

    async def open_store(self, user_key: str) -> BrowserStore:
        return self._opened(user_key, await self._device.mountUser(check_user_key(user_key)))

    async def take_over(self, user_key: str, timeout_s: float = 10.0) -> BrowserStore:
        return self._opened(user_key, await self._device.takeOver(check_user_key(user_key), timeout_s * 1000))

    def _opened(self, user_key: str, answer: Any) -> BrowserStore:
        if answer.status != "ok":
            _refuse(answer)
        try:
            store = BrowserStore(self._device, user_key, answer.path)
        except PlatformError:
            self._device.unmountUser(user_key)
            raise
        self._stores[user_key] = store
        return store

    def on_take_over_requested(self, callback: TakeOverCallback | None) -> None:
        self._take_over_requested = callback

    async def _hand_over(self, user_key: str) -> None:
        if self._take_over_requested is not None:
            await self._take_over_requested(user_key)
        store = self._stores.pop(user_key, None)
        if store is not None:
            store.close()

    def _page_event(self, text: str) -> None:
        event = json.loads(text)
        self._events.emit(PlatformEvent(event.pop("type"), event))

    async def _page(self, name: str, *arguments: Any) -> Any:
        return json.loads(await self._device.call(name, json.dumps(arguments)))

    async def storage_status(self) -> StorageStatus:
        status = await self._page("storage.status")
        return StorageStatus(status["persisted"], status["usage"], status["quota"])

    async def request_persistence(self) -> bool:
        return bool(await self._page("storage.persist"))

    async def save_file(self, name: str, data: bytes, mime: str) -> None:
        from pyodide.ffi import to_js

        await self._device.saveFile(name, mime, to_js(data))

    async def shrink_picture(self, data: bytes, mime: str) -> Picture | None:
        from pyodide.ffi import to_js

        made = await self._device.shrinkPicture(to_js(data), mime, PICTURE_PX, THUMB_PX)
        if hasattr(made, "error"):
            return None
        return Picture(made.bytes.to_bytes(), made.width, made.height, made.thumb.to_bytes())

    async def scan_code(self, words: dict[str, str]) -> ScannedCode | None:
        from pyodide.ffi import JsException

        try:
            found = await self._page("scan.open", words)
        except JsException as error:
            raise PlatformError("scanner", str(error)) from error
        return ScannedCode(bytes(found["bytes"]), found["text"]) if found["status"] == "found" else None

    async def record_voice(self, words: dict[str, str], limit_s: int, *, dark: bool) -> Recording | None:
        from pyodide.ffi import JsException

        try:
            spoken = await self._device.recordVoice(json.dumps(words), limit_s, dark)
        except JsException as error:
            raise PlatformError("recorder", str(error)) from error
        if spoken.status != "recorded":
            return None
        return Recording(spoken.bytes.to_bytes(), spoken.mime, spoken.seconds)

    async def play_sound(self, key: str, data: bytes, mime: str) -> None:
        from pyodide.ffi import to_js

        await self._device.playSound(key, mime, to_js(data))

    async def pause_sound(self) -> None:
        await self._page("sound.pause")

    async def resume_sound(self) -> None:
        await self._page("sound.resume")

    async def stop_sound(self) -> None:
        await self._page("sound.stop")

    async def notifications(self, *, ask: bool = False) -> str:
        return str(await self._page("notify.ask" if ask else "notify.state"))

    async def notify(self, title: str, body: str, tag: str) -> bool:
        return bool(await self._page("notify.show", title, body, tag))

    def language(self) -> str:
        return str(self._js.navigator.language or "zh-CN")

    def time_zone(self) -> str:
        return str(self._js.Intl.DateTimeFormat.new().resolvedOptions().timeZone or "UTC")

    async def surroundings(self) -> Surroundings:
        state = await self._page("page.state")
        return Surroundings(
            language=state["language"], time_zone=state["timeZone"], online=state["online"], visible=state["visible"],
            dark=state["dark"], reduced_motion=state["reducedMotion"], installable=state["installable"],
            installed=state["installed"], update_ready=state["updateReady"])

    def subscribe(self, callback: EventCallback) -> Callable[[], None]:
        return self._events.subscribe(callback)

    async def set_document(self, title: str, language: str, mode: str) -> None:
        await self._page("page.title", title)
        await self._page("page.look", mode, language)

    async def install(self) -> str:
        return str(await self._page("install.prompt"))

    async def reload(self) -> None:
        await self._page("page.reload")

    async def apply_update(self) -> bool:
        return bool(await self._page("update.apply"))


def _refuse(answer: Any) -> NoReturn:
    """Turn a refusal of ``device-store.js`` into its error."""
    detail = getattr(answer, "detail", "")
    if answer.status == "unavailable":
        raise StoreUnavailable(answer.reason, detail)
    raise StoreBusy("open_elsewhere" if answer.status == "busy" else answer.status, detail)
