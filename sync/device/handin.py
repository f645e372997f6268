"""A shut-out device hands in its work, byte for byte, and knows when the server has all of it.

What was answered is handed in too, after what is unsent, as far as no verified backup has it: the server may have come
back from an older one, and this device was shut out before it could offer again what that server lost.

Nothing is written here: until everything is confirmed the replica stays as it is, and a hand-in that was cut begins
again. The server knows what it has by the transactions' ids.
"""

import msgspec

from shared.protocol import MAX_TXS, HandinRequest, decode_handin_answer, encode
from sync.device.exchange import Limits
from sync.ports import LocalStore, TransportError

Payload = tuple[str, bytes]
"""(id, bytes as stored)."""


class HandIn:
    """One hand-in of a store's outbox, doubtful and held transactions included, of what was set aside and of what was
    answered.

    ``while (body := handin.request()) is not None: handin.take(await send(body))``; then all is with the server.
    """

    def __init__(self, store: LocalStore, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._left: list[Payload] = [(entry.tx_id, entry.payload) for entry in store.outbox()]
        self._left += [(row["tx_id"], row["payload"]) for row in store.archived()]
        self._unsent = {tx_id for tx_id, _ in self._left}
        self._left += store.answered(store.meta("dataset") or "")
        self._asked: list[Payload] = []

    @property
    def left(self) -> int:
        """Transactions without an answer that the server has not confirmed."""
        return len(self._unsent)

    def request(self) -> bytes | None:
        """The body of the next request, None when everything is confirmed."""
        self._asked, size = [], 0
        for tx_id, payload in self._left[: min(self._limits.txs, MAX_TXS)]:
            size += len(payload)
            if self._asked and size > self._limits.bytes:
                break
            self._asked.append((tx_id, payload))
        return encode(HandinRequest([msgspec.Raw(payload) for _, payload in self._asked])) if self._asked else None

    def take(self, answer: bytes) -> None:
        """Notes what the answer confirms. Raises ``TransportError`` for an answer that confirms less than was asked:
        then it begins again later."""
        try:
            taken = set(decode_handin_answer(answer).taken)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TransportError("server", "an answer that is none of ours") from error
        if not {tx_id for tx_id, _ in self._asked} <= taken:
            raise TransportError("server", "not everything was confirmed")
        self._left = [one for one in self._left if one[0] not in taken]
        self._unsent -= taken
