"""The whole application over a database of the test's own, with the small company and signed-in people."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from server.app import create_app
from server.db.authority import Authority
from server.security import sessions
from server.settings import load
from tests.support.authority import DATASET, SECRETS, device_of
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, ORG, REP, STRANGER, Company

__all__ = ["SECRETS", "Site", "site"]


class Site:
    """The running application and its clients. ``tokens``: access tokens by user."""

    def __init__(self, app: Litestar, client: httpx.AsyncClient, data: Path) -> None:
        self.app = app
        self.client = client
        self.data = data
        self.tokens: dict[str, str] = {}

    @property
    def authority(self) -> Authority:
        return self.app.state["authority"]

    async def prepare(self) -> None:
        company = Company()
        for user_id in (REP, COLLEAGUE, MANAGER, ADMIN, STRANGER):
            company.add("device", device_of(user_id), name=f"phone {user_id[:4]}", owner_id=user_id)
        rows = [(entity, row) for (entity, _), row in company.rows.items()]
        await self.authority.create_organisation(ORG, rows, user_id=ADMIN, dataset_id=DATASET)
        for user_id in (REP, COLLEAGUE, MANAGER, ADMIN, STRANGER):
            now = self.authority.clock.now_ms()
            issued = await self.authority.database.run_tx(
                lambda tx, user_id=user_id, now=now: sessions.start(
                    tx, ORG, self.authority.new_id(), user_id, device_of(user_id), now
                )
            )
            self.tokens[user_id] = issued.view.access_token

    async def post(self, user_id: str | None, body: bytes, **headers: str) -> httpx.Response:
        """``POST /v1/sync`` with the user's token."""
        sent = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if user_id is not None:
            sent["authorization"] = f"Bearer {self.tokens[user_id]}"
        return await self.client.post("/v1/sync", content=body, headers=sent)

    async def changes(self, user_id: str, since: str, wait_s: float) -> bool:
        answer = await self.client.get(
            "/v1/changes",
            params={"since": since, "wait_s": wait_s},
            headers={"authorization": f"Bearer {self.tokens[user_id]}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["changed"]


@pytest.fixture
async def site(database_url: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Site]:
    """The application; closed at the end."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "tent.0123456789ab.webp").write_bytes(b"RIFF")
    settings = load({}, data=str(tmp_path / "data"), database_url=database_url, pictures=str(pictures))
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    # On the test's own event loop: the database's connections belong to one.
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        made = Site(app, client, settings.data)
        await made.prepare()
        yield made
