"""The real application behind a real port, in a thread of the test process, and people who sign in to it over HTTP."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher

from server.app import create_app
from server.db.engine import Database
from server.security import totp
from server.settings import REPOSITORY, Settings
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from tests.support.authority import SECRETS, make_authority
from tests.support.company import ORG
from tests.support.http import NO_TLS

PASSWORD = "camels walk at dawn"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""Verified by the real code in a moment, as its parameters stand in it. The product's cost 50 ms of a core for each
of a thousand sign-ins; ``test_passwords.py`` is about them."""
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
START_S = 30


def settings_for(database_url: str, data: Path) -> Settings:
    """Settings of a server over the database, with the keys of ``tests.support.authority.SECRETS``."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "secret.keys").write_text(f"{b'testkey1'.hex()} {(b'k' * 32).hex()}\n", "ascii")
    pictures = REPOSITORY / "assets" / "pictures"
    return Settings(port=0, data=data, database_url=database_url, pictures=pictures, log_level="error")


def credential(org_id: str, user_id: str, *, enrolled: bool = True) -> tuple[str, Row]:
    """The credential row of a user: ``PASSWORD``, and an authenticator with ``SECRET``."""
    values: dict[str, Any] = {"id": user_id, "org_id": org_id, "password_hash": PASSWORD_HASH}
    if enrolled:
        values["totp_secret"] = SECRETS.seal_text("credential", "totp_secret", user_id, SECRET)
        values["enrolled_at"] = 1
    return "credential", new_row(ENTITIES["credential"], values)


def seed_people(database_url: str, *user_ids: str) -> None:
    """The small company in the database, and credentials for those of its people."""

    async def fill() -> None:
        database = Database.open(database_url)
        authority = await make_authority(database)
        await authority.write_rows(ORG, [credential(ORG, user_id) for user_id in user_ids], name="test.credentials")
        await database.close()

    asyncio.run(fill())


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of the running application."""
    opened = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), log_config=None, access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        assert thread.is_alive(), "the application did not start"
        assert time.monotonic() < deadline, "the application takes too long to start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_S)
        opened.close()


def code(steps: int = 0) -> str:
    """The code that the test users' authenticators show so many steps from now."""
    return totp.code_at(SECRET, totp.step_at(time.time_ns() // 1_000_000) + steps)


@contextmanager
def served_company(database_url: str, data: Path, *user_ids: str) -> Iterator[str]:
    """The address of a server of the small company, at which these of its people may sign in."""
    seed_people(database_url, *user_ids)
    with served(settings_for(database_url, data)) as url:
        yield url


class Browser(httpx.Client):
    """A browser at the server's address: cookies, and the headers that its page sends."""

    def __init__(self, url: str, **headers: str) -> None:
        sent = {"Accept-Language": "en", "X-Caravan-Client": "web", "Origin": url, **headers}
        super().__init__(base_url=url, timeout=60, headers=sent, verify=NO_TLS)

    def challenge(self, login: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        return self.post("/v1/auth/password", json={"login": login, "password": password, "platform": "web", **more})

    def second_step(self, challenge: str, digits: str) -> httpx.Response:
        return self.post("/v1/auth/totp", json={"challenge": challenge, "code": digits})

    def sign_in(self, login: str, steps: int = 0, **more: Any) -> dict[str, Any]:
        """The session of a whole sign-in; its access token goes with every request from now on."""
        answer = self.second_step(self.challenge(login, **more).json()["challenge"], code(steps))
        assert answer.status_code == 200, answer.text
        session: dict[str, Any] = answer.json()
        self.headers["Authorization"] = f"Bearer {session['access_token']}"
        return session
