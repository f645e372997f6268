"""The platform port: storage, network, page and life cycle, as the app sees them. Adapters: ``browser``, ``native``.

Errors::

    PlatformError            has a stable ``reason``; the words for it are the app's
    ├── StoreBusy            the user's database is open elsewhere; ``reason``:
    │                        open_elsewhere | frozen (the other tab gives no answer) | waiting (it answered, but did not
    │                        let go in time) | refused (its app declined)
    └── StoreUnavailable     no database can be opened; ``reason``:
                             denied (private window, blocked site data) | full | damaged | failed
    sync.ports.TransportError   no answer from the server; ``reason``: offline | timeout | aborted
"""
from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self


class PlatformError(Exception):
    """Base of the tree above."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class StoreBusy(PlatformError):
    """The user's database is open in another tab or process."""


class StoreUnavailable(PlatformError):
    """No local database can be opened here."""


@dataclass(frozen=True)
class Response:
    """An HTTP answer. ``headers`` have lower-case names; ``body`` is decoded (no content encoding left)."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Picture:
    """A photo made small: JPEG, upright, without metadata. ``thumb``: of ``THUMB_PX``. Sizes in pixels."""

    data: bytes
    width: int
    height: int
    thumb: bytes


@dataclass(frozen=True)
class Recording:
    """A voice note as it was spoken. ``media_type`` as the browser names it; ``seconds``: whole ones, 1 at least."""

    data: bytes
    media_type: str
    seconds: int


@dataclass(frozen=True)
class ScannedCode:
    """The content of a two-dimensional code. ``text`` is empty when the code does not name its character set."""

    data: bytes
    text: str


PICTURE_PX = 1_600
THUMB_PX = 320


@dataclass(frozen=True)
class StorageStatus:
    """``persisted``: the browser promised not to evict. Sizes in bytes; None where the browser does not tell."""

    persisted: bool
    usage_bytes: int | None
    quota_bytes: int | None


@dataclass(frozen=True)
class PlatformEvent:
    """``kind``: online, offline, visible, hidden, update-ready, update-applied, install-available, installed, theme
    (``detail["dark"]``), motion (``detail["reduced"]``), language (``detail["language"]``), notification (one was
    tapped: ``detail["tag"]``), sound (how far a recording is: ``key``, ``state`` playing, paused, ended or failed,
    ``at`` and ``total`` in seconds, 0 if unknown), key (went down outside of text fields: ``key``, ``ctrl``, ``shift``,
    ``alt``, ``meta``)."""

    kind: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """What the app's surroundings are at this moment."""

    language: str
    time_zone: str
    online: bool
    visible: bool
    dark: bool
    reduced_motion: bool
    installable: bool
    installed: bool
    update_ready: bool


class StoreHandle(Protocol):
    """One user's open database. A context manager; closing is idempotent and frees the lock."""

    user_key: str

    def connection(self) -> sqlite3.Connection:
        """The one connection: locking_mode=EXCLUSIVE, journal_mode=WAL, synchronous=FULL. Raises ``PlatformError``
        (``closed``) after ``close()``."""

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...


class DeviceArea(Protocol):
    """Small strings of the installation, outside every user's database; durable when the call returns."""

    async def get(self, key: str) -> str | None: ...
    async def set(self, key: str, value: str) -> None: ...
    async def delete(self, key: str) -> None: ...
    async def keys(self, prefix: str = "") -> list[str]:
        """Sorted. One key per item (``user.<key>``) needs no read-modify-write, which two tabs would race."""


class Transport(Protocol):
    """HTTP to the app's own server, with its cookies; redirects count as no answer (captive portals)."""

    async def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None,
        timeout_s: float = 30.0, *, compress: bool = False,
    ) -> Response:
        """``path`` begins with one slash. ``compress`` sends the body as gzip. Raises ``TransportError``."""

    def abort(self) -> None:
        """End every running request with ``TransportError("aborted")``."""


class Secrets(Protocol):
    """Where the refresh token lives. ``kind`` ``cookie``: in an HttpOnly cookie that no code here can see, so ``get``
    is always None and ``set`` raises ``PlatformError``; ``system``: in the system's own store; ``file``: readable by
    this system user only."""

    kind: Literal["cookie", "file", "system"]

    async def get(self, name: str) -> str | None: ...
    async def set(self, name: str, value: str) -> None: ...
    async def delete(self, name: str) -> None: ...


class Clock(Protocol):
    """As ``sync.ports.Clock``."""

    def now_ms(self) -> int: ...


class Entropy(Protocol):
    """As ``sync.ports.Entropy``."""

    def random_bytes(self, count: int) -> bytes: ...


TakeOverCallback = Callable[[str], Awaitable[None]]
EventCallback = Callable[[PlatformEvent], None]


class Platform(Protocol):
    """Everything that differs between browser and native app."""

    kind: Literal["browser", "native"]
    clock: Clock
    entropy: Entropy
    device_area: DeviceArea
    transport: Transport
    secrets: Secrets
    can_scan: bool
    """Whether codes can be read here."""
    can_record: bool
    """Whether voice notes can be recorded, and recordings played, here."""

    async def open_store(self, user_key: str) -> StoreHandle:
        """``user_key``: 1 to 64 of A-Z a-z 0-9 _ -. Raises ``StoreBusy``, ``StoreUnavailable``, ``ValueError``."""

    async def take_over(self, user_key: str, timeout_s: float = 10.0) -> StoreHandle:
        """Ask whoever has the store to hand it over, and open it. Raises as ``open_store``."""

    def on_take_over_requested(self, callback: TakeOverCallback | None) -> None:
        """``await callback(user_key)`` runs before the store is closed here; requests were aborted by then. The
        connection is closed afterwards whether or not the callback did. An exception refuses."""

    async def storage_status(self) -> StorageStatus: ...
    async def request_persistence(self) -> bool: ...
    async def save_file(self, name: str, data: bytes, mime: str) -> str | None:
        """Hand a file to the user. Returns its path, or None where the browser does not tell."""

    async def shrink_picture(self, data: bytes, mime: str) -> Picture | None:
        """The photo with ``PICTURE_PX`` on its longer side at most; None where it cannot be read or drawn here."""

    async def scan_code(self, words: dict[str, str]) -> ScannedCode | None:
        """Let the person hold a card before the camera or choose a photo of it; None: rather type.

        ``words``: ``title``, ``hint``, ``photo``, ``type``, ``looking``, ``nothing``, ``denied``, ``no_camera``. Only
        where ``can_scan``. Raises ``PlatformError`` ``scanner`` when it cannot be opened.
        """

    async def record_voice(self, words: dict[str, str], limit_s: int, *, dark: bool) -> Recording | None:
        """Let the person speak for up to ``limit_s`` seconds; None: discarded, or no microphone, which was said.

        ``words``: ``title``, ``waiting``, ``recording``, ``silent``, ``limit``, ``lost``, ``stopped``, ``denied``,
        ``missing``, ``unsupported``, ``stop``, ``keep``, ``discard``, ``close``. Only where ``can_record``. Raises
        ``PlatformError`` ``recorder`` when it cannot be opened.
        """

    async def play_sound(self, key: str, data: bytes, mime: str) -> None:
        """Play a recording from its beginning, and no other any more; ``key`` names it in the ``sound`` events."""

    async def pause_sound(self) -> None: ...
    async def resume_sound(self) -> None: ...
    async def stop_sound(self) -> None:
        """Silence; the bytes are forgotten. Idempotent."""

    async def notifications(self, *, ask: bool = False) -> str:
        """Whether the system's notifications may be shown: granted, denied, default (nobody was asked), unsupported.
        ``ask`` asks the person, only from a tap of theirs."""

    async def notify(self, title: str, body: str, tag: str) -> bool:
        """Show a notification; one with the same ``tag`` is replaced, the event of a tap names it. False where it may
        not or cannot be shown."""

    def language(self) -> str:
        """A language tag such as ``zh-CN``."""

    def time_zone(self) -> str:
        """An IANA name such as ``Asia/Shanghai``."""

    async def surroundings(self) -> Surroundings: ...
    def subscribe(self, callback: EventCallback) -> Callable[[], None]:
        """Hear every event from now on; those before the first subscriber are told to it. Returns the way to stop."""

    async def set_document(self, title: str, language: str, mode: str) -> None:
        """Tell what is around the app how it looks: title, language tag, ``system``, ``light`` or ``dark``."""

    async def install(self) -> str:
        """Show the browser's install dialog: accepted, dismissed or unavailable."""

    async def reload(self) -> None: ...
    async def apply_update(self) -> bool:
        """Switch to the stored new version and reload. False when none is waiting."""
