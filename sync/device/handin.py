"""A shut-out device hands in its outbox, byte for byte, and knows when the server has all of it.

Nothing is written here: until everything is confirmed the replica stays as it is, and a hand-in that was cut begins
again. The server knows what it has by the transactions' ids.
"""

import msgspec

from shared.protocol import MAX_TXS, HandinRequest, decode_handin_answer, encode
from sync.device.exchange import Limits
from sync.ports import LocalStore, OutboxEntry, TransportError


class HandIn:
    """One hand-in of a store's outbox, doubtful and held transactions included.

    ``while (body := handin.request()) is not None: handin.take(await send(body))``; then all is with the server.
    """

    def __init__(self, store: LocalStore, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._left: list[OutboxEntry] = store.outbox()
        self._asked: list[OutboxEntry] = []

    @property
    def left(self) -> int:
        """Transactions that the server has not confirmed."""
        return len(self._left)

    def request(self) -> bytes | None:
        """The body of the next request, None when everything is confirmed."""
        self._asked, size = [], 0
        for entry in self._left[: min(self._limits.txs, MAX_TXS)]:
            size += len(entry.payload)
            if self._asked and size > self._limits.bytes:
                break
            self._asked.append(entry)
        return encode(HandinRequest([msgspec.Raw(entry.payload) for entry in self._asked])) if self._asked else None

    def take(self, answer: bytes) -> None:
        """Notes what the answer confirms. Raises ``TransportError`` for an answer that confirms less than was asked:
        then it begins again later."""
        try:
            taken = set(decode_handin_answer(answer).taken)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TransportError("server", "an answer that is none of ours") from error
        if not {entry.tx_id for entry in self._asked} <= taken:
            raise TransportError("server", "not everything was confirmed")
        self._left = [entry for entry in self._left if entry.tx_id not in taken]
