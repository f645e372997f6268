"""The real server over HTTP, with the small company, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.db.engine import Database
from tests.support.authority import make_authority
from tests.support.booth import booth, limits  # noqa: F401  (fixtures)
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, ORG, REP, STRANGER
from tests.support.databases import *  # noqa: F403
from tests.support.served import credential, served, settings_for


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Address of a server of the test's own; the colleague has no authenticator yet."""

    async def fill() -> None:
        database = Database.open(database_url)
        authority = await make_authority(database)
        rows = [credential(ORG, user_id) for user_id in (REP, STRANGER, MANAGER, ADMIN)]
        rows.append(credential(ORG, COLLEAGUE, enrolled=False))
        await authority.write_rows(ORG, rows, name="test.credentials")
        await database.close()

    asyncio.run(fill())
    with served(settings_for(database_url, tmp_path / "data")) as url:
        yield url
