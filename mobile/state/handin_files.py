"""A shut-out device hands in the bytes that it alone has, before it is wiped: by its ticket, resumed after a cut."""

import logging
import time
from collections.abc import Awaitable, Callable

from mobile.platform.ports import Platform
from mobile.state.auth import AuthProblem
from mobile.state.blob_transport import BlobHttp
from mobile.state.uploads import LATER, ONCE_MORE
from mobile.store.blobs import BlobShelf, Held
from shared.errors import AuthError, CaravanError
from sync.device.blobs import Pace, upload
from sync.ports import TransportError

log = logging.getLogger("caravan.handin")


class FileHandIn:
    """``ask()`` gives a ticket: one lasts for minutes, twenty megabytes over a thin line take longer."""

    def __init__(
        self,
        platform: Platform,
        shelf: BlobShelf,
        ticket: str,
        ask: Callable[[], Awaitable[str]],
        language: Callable[[], str],
    ) -> None:
        self._shelf = shelf
        self._ticket = ticket
        self._ask = ask
        self._refusal: AuthProblem | None = None
        self._line = BlobHttp(platform, lambda: self._ticket, self._renew, language)
        self._pace = Pace(time.monotonic)
        self._refused: dict[str, bool] = {}

    @property
    def kept(self) -> int:
        """How many somebody wants and the server does not take, whatever is tried: they stay on this device."""
        return sum(self._refused.values())

    async def _renew(self) -> None:
        try:
            self._ticket = await self._ask()
        except AuthProblem as problem:
            self._refusal = problem
            raise

    def left(self) -> list[Held]:
        """What is still to be handed in."""
        return [held for held in self._shelf.only_here() if held.sha256 not in self._refused]

    async def run(self, tell: Callable[[int], None]) -> None:
        """Sends all of it; ``tell`` hears how many are left. What has arrived is the device's own no longer.

        Raises ``TransportError`` when it must be tried again, ``CaravanError`` when the server takes no more at present
        and says why, ``AuthProblem`` when there is no ticket any more.
        """
        while left := self.left():
            tell(len(left))
            await self._send(left[0])
        tell(0)

    async def _send(self, held: Held) -> None:
        def read(offset: int, length: int) -> bytes:
            return self._shelf.read(held.sha256, offset, length)

        try:
            await upload(
                self._line, held.sha256, held.size, read, pace=self._pace, may_go=lambda: True, progress=lambda _: None
            )
        except AuthError as refused:
            # Only who asks for a ticket learns whether the device is shut out at all.
            raise self._refusal or TransportError("server", refused.code) from refused
        except CaravanError as refused:
            if refused.code in LATER:
                raise
            # Not found is final here: all that could name it has been handed in before.
            if refused.code in ONCE_MORE - {"not_found"} or refused.status >= 500:
                raise TransportError("server", refused.code) from refused
            log.warning("a file of a shut-out device was refused: %s", refused.code)
            self._refused[held.sha256] = held.wanted
        else:
            self._shelf.handed_in(held.sha256)
