"""Installs that push and pull over real HTTP: raw connections, so that the measured side is the server."""

import gzip
import http.client
import threading
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import msgspec

from shared import SCHEMA_VERSION
from shared.ids import derived_id
from shared.protocol import PROTOCOL_VERSION, SentTransaction, SyncRequest, SyncResponse, decode_response, encode
from tests.bench.company import Payload
from tests.support.served import Browser


class _Told(msgspec.Struct):
    """What an install must read at once; the rest of an answer is looked at after the clock has stopped."""

    status: str
    nonce: str = ""
    cursor: str = ""
    dataset: str = ""
    more: bool = False


_told = msgspec.json.Decoder(_Told).decode


class Install:
    """One signed-in replica with a connection of its own. ``packed``: bodies travel as gzip, both ways."""

    def __init__(self, url: str, login: str, *, packed: bool = True) -> None:
        with Browser(url) as browser:
            session = browser.sign_in(login)
        self._token = session["access_token"]
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self.packed = packed
        self.login = login
        self.nonce = self.cursor = self.dataset = ""
        self.seq = self._exchange = 0
        self.answers: list[bytes] = []
        """As they came, packed or not."""
        self.sent_bytes = 0

    def exchange(self, payloads: Sequence[Payload] = (), page_rows: int = 1) -> bool:
        """One request; returns whether there is more to pull."""
        exchange_id, self._exchange = f"exchange {self._exchange}", self._exchange + 1
        request = SyncRequest(
            protocol=PROTOCOL_VERSION,
            schema=SCHEMA_VERSION,
            app_version="0.1.0",
            install_id=derived_id("bench install", self.login),
            exchange_id=exchange_id,
            nonce=self.nonce,
            tried=[exchange_id],
            dataset=self.dataset,
            cursor=self.cursor,
            txs=[SentTransaction(self.seq + n, msgspec.Raw(payload.data)) for n, payload in enumerate(payloads, 1)],
            page_rows=page_rows,
        )
        told = _told(self._post(encode(request)))
        assert told.status == "ok", told.status
        self.seq += len(payloads)
        self.nonce, self.cursor, self.dataset = told.nonce, told.cursor, told.dataset
        return told.more

    def _post(self, body: bytes) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if self.packed:
            body = gzip.compress(body, 6, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
        self.sent_bytes += len(body)
        self._connection.request("POST", "/v1/sync", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer[:500]
        self.answers.append(answer)
        return gzip.decompress(answer) if response.headers.get("Content-Encoding") == "gzip" else answer

    def catch_up(self, page_rows: int = 1_000) -> None:
        """Pulls until nothing is left."""
        self.close()
        while self.exchange(page_rows=page_rows):
            pass

    def push(self, payloads: Sequence[Payload], batch: int) -> None:
        """Hands in all, ``batch`` transactions in each request."""
        self.close()
        for start in range(0, len(payloads), batch):
            self.exchange(payloads[start : start + batch])

    def responses(self) -> list[SyncResponse]:
        """The answers so far, decoded."""
        return [decode_response(gzip.decompress(body) if body[:1] == b"\x1f" else body) for body in self.answers]

    def forget(self) -> None:
        """Starts to count anew."""
        self.answers, self.sent_bytes = [], 0

    @property
    def received_bytes(self) -> int:
        return sum(map(len, self.answers))

    def close(self) -> None:
        """Hangs up; the next request connects anew. The server does so itself after a few idle seconds."""
        self._connection.close()


def at_once(works: Sequence[Callable[[], None]]) -> None:
    """Runs the functions in a thread each; raises the first thing that one of them raised."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - raised again below, in the thread that waits
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
