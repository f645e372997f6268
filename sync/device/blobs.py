"""Sending and fetching the bytes of attachments, a part at a time, from wherever a cut has left them.

No exchange depends on it: the row has gone with the exchange before, and whoever runs this lets every exchange that has
something to send go first (``may_go``).
"""

import hashlib
from collections.abc import Callable
from typing import Protocol

import msgspec

from shared.errors import CaravanError, InvalidInput, StateConflict

FIRST_BYTES = 256 * 1_024
LEAST_BYTES, MOST_BYTES = 32 * 1_024, 4 * 1_024 * 1_024
AIM_S = 2.0
OFFSETS_MAX = 20
"""How often the server may correct the offset of one upload before it counts as failed for now."""


class UploadState(msgspec.Struct, frozen=True):
    """What the server has of an upload."""

    offset: int
    complete: bool


class BlobTransport(Protocol):
    """``/v1/blobs/{sha256}``. Raises ``sync.ports.TransportError``, or ``CaravanError`` for a refusal (4xx, 507)."""

    async def blob_state(self, sha256: str) -> UploadState:
        """``HEAD``: how far the user's own upload is."""

    async def blob_put(self, sha256: str, offset: int, data: bytes, *, last: bool) -> UploadState:
        """``PUT`` of a part. A wrong offset is ``StateConflict`` ``upload_offset`` with ``offset``."""

    async def blob_get(self, sha256: str, first: int, length: int) -> bytes:
        """``GET`` of a range; shorter at the end."""


class Pace:
    """How large the next part may be: one takes about two seconds, so that an order never waits longer for the line."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self.size = FIRST_BYTES
        self._clock_s = clock_s
        self._started = 0.0

    def start(self) -> None:
        """A part sets out."""
        self._started = self._clock_s()

    def arrived(self, count: int) -> None:
        """It has arrived, all of it."""
        seconds = max(self._clock_s() - self._started, 0.001)
        if count >= self.size // 2:
            wanted = int(self.size * min(2.0, max(0.25, AIM_S / seconds)))
            self.size = max(LEAST_BYTES, min(MOST_BYTES, wanted))

    def lost(self) -> None:
        """It did not arrive: a smaller one has a better chance."""
        self.size = max(LEAST_BYTES, self.size // 4)


async def upload(
    transport: BlobTransport,
    sha256: str,
    size: int,
    read: Callable[[int, int], bytes],
    *,
    pace: Pace,
    may_go: Callable[[], bool],
    progress: Callable[[int], None],
) -> bool:
    """Sends what the server does not have; True when all is there and checked, False when something else goes first.

    ``read(offset, length)`` gives the bytes; ``progress`` hears how many have arrived. Raises as the transport does; a
    later call goes on from the server's offset.
    """
    state, corrections = await transport.blob_state(sha256), 0
    offset = size if state.complete else state.offset
    progress(offset)
    while True:
        if not may_go():
            return False
        data = read(offset, pace.size)
        last = offset + len(data) >= size
        pace.start()
        try:
            state = await transport.blob_put(sha256, offset, data, last=last)
        except StateConflict as conflict:
            corrections += 1
            if conflict.code != "upload_offset" or corrections > OFFSETS_MAX:
                raise
            offset = min(int(conflict.params["offset"]), size)
            continue
        except CaravanError:
            raise
        except Exception:
            pace.lost()
            raise
        pace.arrived(len(data))
        offset = state.offset
        progress(offset)
        if state.complete:
            return True


async def download(
    transport: BlobTransport,
    sha256: str,
    size: int,
    *,
    pace: Pace,
    may_go: Callable[[], bool],
    progress: Callable[[int], None],
    begun: bytearray | None = None,
) -> bytes | None:
    """The whole content, checked; None when something else goes first. ``begun`` keeps what has arrived.

    Raises as the transport does, and ``InvalidInput`` ``file_mismatch`` for other content than the row names.
    """
    content = bytearray() if begun is None else begun
    while len(content) < size:
        if not may_go():
            return None
        pace.start()
        part = await transport.blob_get(sha256, len(content), min(pace.size, size - len(content)))
        pace.arrived(len(part))
        if not part:
            break
        content += part
        progress(len(content))
    if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
        content.clear()
        raise InvalidInput("file_mismatch")
    return bytes(content)
