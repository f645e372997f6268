"""The administrator's client against the real server: inviting, the first sign-in, resetting, devices, keys."""

import asyncio
import time
from pathlib import Path

import pytest

from mobile.platform.native import NativePlatform
from mobile.state.admin import AdminClient
from mobile.state.auth import AuthClient, AuthProblem
from server.security import totp
from shared.errors import CaravanError
from sync.ports import TransportError
from tests.support.company import ADMIN, REP, TEAM
from tests.support.databases import *  # noqa: F403
from tests.support.databases import Templates
from tests.support.served import Browser, seed_people, served, settings_for

OWN = "camels walk at dusk"


@pytest.fixture
def server(templates: Templates, tmp_path: Path):
    database_url = templates.fresh("sqlite")
    seed_people(database_url, REP, ADMIN)
    with served(settings_for(database_url, tmp_path / "data")) as url:
        yield url


async def never() -> None:
    raise AssertionError("the token is fresh")


def client(folder: Path, url: str, token: str = "x") -> AdminClient:
    return AdminClient(NativePlatform(folder, url), lambda: token, never, lambda: "en")


def test_what_an_administrator_asks_the_server_is_done(server: str, tmp_path: Path) -> None:
    with Browser(server) as desk:
        token = desk.sign_in(ADMIN[:8])["access_token"]

    async def run() -> None:
        admin = client(tmp_path / "admin", server, token)
        made = await admin.invite("neu", {"name": "新人", "role": "rep", "home_team_id": TEAM})
        state = (await admin.people())[made.user_id]
        assert not state.enrolled and state.one_time_until is not None
        person = AuthClient(NativePlatform(tmp_path / "person", server), lambda: "en")
        step = await person.password("neu", made.password, None, "phone")
        assert step.choose_password and not step.enrolled
        secret = (await person.enrol(step.challenge)).secret
        digits = totp.code_at(secret, totp.step_at(time.time_ns() // 1_000_000))
        with pytest.raises(AuthProblem) as refused:
            await person.confirm_enrolment(step.challenge, digits, "neu", "short")
        assert refused.value.code == "password_short"
        info, _ = await person.confirm_enrolment(step.challenge, digits, "neu", OWN)
        assert (info.user.name, (await admin.people())[made.user_id].enrolled) == ("新人", True)
        (device,) = [one for one in await admin.devices() if one.user_id == made.user_id]
        assert (device.name, device.last_sync_at) == ("phone", None)
        await admin.revoke_device(device.id)
        assert [one.revoked_at is None for one in await admin.devices() if one.id == device.id] == [False]
        again = await admin.reset(made.user_id, authenticator=True)
        assert again.password != made.password and not (await admin.people())[made.user_id].enrolled
        key = await admin.make_key("ERP", REP, ["*:read"])
        assert key.key not in str(await admin.keys())
        await admin.revoke_key(key.id)
        assert [one.revoked_at is None for one in await admin.keys()] == [False]
        with pytest.raises(CaravanError) as taken:
            await admin.invite("neu", {"name": "x"})
        assert taken.value.code == "login_taken"

    asyncio.run(run())


def test_without_the_server_nothing_is_invented(tmp_path: Path) -> None:
    with pytest.raises(TransportError):
        asyncio.run(client(tmp_path, "http://127.0.0.1:9").people())
