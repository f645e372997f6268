"""Those who wait for news at a real server: one that goes away frees its place, and a server that stops lets all go."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from server.api.news import MAX_WAITING_OF_ONE
from shared import SCHEMA_VERSION, protocol
from tests.blackbox.ground import WAIT_S, Server, ground
from tests.support.authority import device_of
from tests.support.company import REP


@pytest.fixture
def database_kind() -> str:
    """Waiting does not know which database the server has."""
    return "sqlite"


class Poller:
    """One device that has everything, and asks for news as its app does."""

    def __init__(self, server: Server, token: str) -> None:
        self._client = httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {token}"}, timeout=WAIT_S)
        self._cursor = ""
        more = True
        while more:
            more = self._pull()

    def _pull(self) -> bool:
        request = protocol.SyncRequest(
            protocol.PROTOCOL_VERSION, SCHEMA_VERSION, "0.1.0", device_of(REP), "1", cursor=self._cursor
        )
        answer = self._client.post("/v1/sync", content=protocol.encode(request))
        told = protocol.decode_response(answer.content)
        self._cursor = told.cursor
        return told.more

    def ask(self, wait_s: float, patience_s: float = WAIT_S) -> httpx.Response:
        return self._client.get("/v1/changes", params={"since": self._cursor, "wait_s": wait_s}, timeout=patience_s)

    def leave(self) -> None:
        """Asks, and goes away before the answer."""
        with pytest.raises(httpx.ReadTimeout):
            self.ask(25, patience_s=0.5)


def test_who_goes_away_frees_the_place_and_a_server_that_stops_lets_everybody_go(
    database_url: str, tmp_path: Path
) -> None:
    with ground(tmp_path, database_url) as at, ThreadPoolExecutor() as waiting:
        server = at.servers[0]
        poller = Poller(server, at.tokens["rep"])
        for _ in range(MAX_WAITING_OF_ONE + 1):
            poller.leave()
        assert poller.ask(0).status_code == 200
        stands = waiting.submit(poller.ask, 25)
        # It waits by now: the same device has been answered since.
        assert poller.ask(1).json() == {"changed": False}
        server.stop()
        assert stands.result().json() == {"changed": False}
        assert "[error" not in server.log.read_text()
