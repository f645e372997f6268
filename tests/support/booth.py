"""The served application with people who attach files, and what is in its folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from shared import SCHEMA_VERSION, protocol
from shared.ids import derived_id
from tests.support.company import ACCOUNT, MANAGER, NOW, REP, STRANGER
from tests.support.files import digest, png
from tests.support.served import Browser, seed_people, served, settings_for

PHOTO = png(8, 8, extra=5_000)
PART = {"Upload-Complete": "?0"}


class Booth:
    """The served application with people who are signed in, and what is in its folder."""

    def __init__(self, url: str, database_url: str, data: Path) -> None:
        self.url, self.database_url, self.blobs = url, database_url, data / "blobs"
        self.people: dict[str, Browser] = {}
        self._exchanges = 0

    def person(self, user_id: str) -> Browser:
        if user_id not in self.people:
            self.people[user_id] = Browser(self.url)
            self.people[user_id].sign_in(user_id[:8])
        return self.people[user_id]

    def run(self, user_id: str, name: str, args: dict[str, Any]) -> protocol.SyncResponse:
        """One command in one exchange of an install of its own."""
        tx = derived_id("tx", user_id, self._exchanges)
        answer = self.push(user_id, protocol.Transaction(tx, SCHEMA_VERSION, NOW, [protocol.Command(name, args)]))
        assert answer.outcomes[0].status == "accepted", answer.outcomes[0].problem
        return answer

    def push(self, user_id: str, tx: protocol.Transaction) -> protocol.SyncResponse:
        """One transaction in one exchange of an install of its own."""
        self._exchanges += 1
        key = derived_id("exchange", self._exchanges)
        request = protocol.SyncRequest(
            protocol=protocol.PROTOCOL_VERSION, schema=SCHEMA_VERSION, app_version="0.1.0", install_id=key,
            exchange_id=key, tried=[key], txs=[protocol.SentTransaction(1, msgspec.Raw(protocol.encode(tx)))],
        )  # fmt: skip
        body, headers = protocol.encode(request), {"Content-Type": "application/json"}
        return protocol.decode_response(self.person(user_id).post("/v1/sync", content=body, headers=headers).content)

    def attach(self, content: bytes, kind: str = "image/png", *, by: str = REP, **changes: Any) -> str:
        """A row for the content on the rep's customer; its hash."""
        sha256 = digest(content)
        values = {"account_id": ACCOUNT, "file_name": "展位 1.png", "media_type": kind, "size": len(content)}
        row_id = derived_id("attachment", by, sha256, str(changes))
        self.run(by, "attachment.create", {"id": row_id, "values": {**values, "sha256": sha256, **changes}})
        return sha256

    def put(self, content: bytes, sha256: str = "", *, by: str = REP, **headers: str) -> httpx.Response:
        return self.person(by).put(f"/v1/blobs/{sha256 or digest(content)}", content=content, headers=headers)

    def get(self, sha256: str, *, by: str = REP, **headers: str) -> httpx.Response:
        return self.person(by).get(f"/v1/blobs/{sha256}", headers=headers)

    def head(self, sha256: str, *, by: str = REP) -> httpx.Response:
        return self.person(by).head(f"/v1/blobs/{sha256}")

    def rows(self, user_id: str) -> dict[str, dict[str, Any]]:
        """The attachments that a new device of the user receives, by id."""
        return {
            put.id: msgspec.json.decode(put.row)
            for put in self.run(user_id, "account.create", self._account()).puts
            if put.entity == "attachment"
        }

    def _account(self) -> dict[str, Any]:
        return {"id": derived_id("account", self._exchanges), "values": {"name": "x"}}

    def on_disk(self) -> list[str]:
        return sorted(p.relative_to(self.blobs).as_posix() for p in self.blobs.rglob("*") if p.is_file())


def opened_at(database_url: str, data: Path, **settings: Any) -> Any:
    seed_people(database_url, REP, STRANGER, MANAGER)
    return served(msgspec.structs.replace(settings_for(database_url, data), **settings))


@pytest.fixture
def limits() -> dict[str, Any]:
    """Settings of the served application; tests give their own by ``pytest.mark.parametrize``."""
    return {}


@pytest.fixture
def booth(database_url: str, tmp_path: Path, limits: dict[str, Any]) -> Iterator[Booth]:
    with opened_at(database_url, tmp_path / "data", blob_reserve=1_000, **limits) as url:
        made = Booth(url, database_url, tmp_path / "data")
        yield made
        for browser in made.people.values():
            browser.close()


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
