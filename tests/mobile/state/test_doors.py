"""Opening, locking and handing over a user's work: nothing of it is ever lost, with or without a server."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile.platform.native import NativePlatform
from mobile.state.app import App
from mobile.state.auth import AuthProblem
from mobile.state.doors import LEASE_MS
from mobile.state.session import SessionInfo, SignedInOrg, SignedInUser, Tokens
from mobile.ui.look import Look
from shared.ids import derived_id

NOBODY = "http://127.0.0.1:9"
"""An address where no server listens: being offline for real."""


def person(app: App, name: str = "林小满", *, lease_ms: int = LEASE_MS) -> SessionInfo:
    return SessionInfo(
        user=SignedInUser(derived_id(name), name, "lin.xm", "rep", derived_id("team"), "10"),
        org=SignedInOrg(derived_id("org"), "驼峰户外", "Asia/Shanghai", "CNY"),
        device_id=derived_id("device"),
        lease_until=app.now_ms() + lease_ms,
    )


def new_app(folder: Path) -> App:
    return App(NativePlatform(folder, NOBODY), Look())


def add_customer(app: App, name: str) -> None:
    app.act(("account.create", {"id": app.new_id(), "values": {"name": name}}))


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_after_a_sign_in_the_app_opens_without_server_and_without_code(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.doors.signed_in(person(app), Tokens("access", 0))
        assert app.session.phase == "open"
        add_customer(app, "昆明驼铃")
        await app.doors.close()

        again = new_app(tmp_path)
        await again.doors.start()
        assert again.session.phase == "open"
        assert again.tokens.access_token == ""
        assert [row["name"] for row in again.open_store.select("account")] == ["昆明驼铃"]
        assert again.sync.unsent == 1
        await again.doors.close()

    run(story())


def test_after_the_lease_the_server_is_needed_and_the_work_is_still_there(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.doors.signed_in(person(app), Tokens("access", 0))
        add_customer(app, "昆明驼铃")
        await app.doors.close()
        await app.known.save(person(app, lease_ms=-1))

        late = new_app(tmp_path)
        await late.doors.start()
        assert (late.session.phase, late.session.problem) == ("signed_out", "lease_over")
        assert not late.doors.may_open(late.people[0])
        await late.doors.signed_in(person(late), Tokens("access", 0))
        assert late.sync.unsent == 1
        await late.doors.close()

    run(story())


def test_signing_out_offline_locks_the_work_and_deletes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.doors.signed_in(person(app), Tokens("access", 0))
        add_customer(app, "昆明驼铃")
        await app.doors.sign_out()
        assert app.session.phase == "signed_out"
        assert [info.signed_out for info in app.people] == [True]

        again = new_app(tmp_path)
        await again.doors.start()
        assert again.session.phase == "signed_out"
        assert not again.doors.may_open(again.people[0])
        await again.doors.signed_in(person(again), Tokens("access", 0))
        assert again.sync.unsent == 1
        await again.doors.close()

    run(story())


def test_a_second_tab_says_so_and_takes_over(tmp_path: Path) -> None:
    async def story() -> None:
        first, second = new_app(tmp_path), new_app(tmp_path)
        await first.doors.start()
        await first.doors.signed_in(person(first), Tokens("access", 0))
        add_customer(first, "昆明驼铃")

        await second.doors.start()
        assert second.session.phase == "elsewhere"
        await second.doors.take_over()
        assert (first.session.phase, second.session.phase) == ("handed_over", "open")
        assert second.sync.unsent == 1
        with pytest.raises(RuntimeError):
            _ = first.open_store
        await second.doors.close()

    run(story())


def test_two_people_have_two_databases_in_one_browser(tmp_path: Path) -> None:
    async def story() -> None:
        lin, gao = new_app(tmp_path), new_app(tmp_path)
        await lin.doors.signed_in(person(lin), Tokens("a", 0))
        await gao.doors.signed_in(person(gao, "高岚"), Tokens("b", 0))
        add_customer(lin, "昆明驼铃")
        assert (lin.sync.unsent, gao.sync.unsent) == (1, 0)
        assert [info.user.name for info in gao.people] == ["林小满", "高岚"]
        await lin.doors.close()
        await gao.doors.close()

    run(story())


def test_switching_users_does_not_sign_anybody_out(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.doors.signed_in(person(app), Tokens("a", 0))
        await app.doors.switch()
        assert app.session.phase == "signed_out"
        assert app.doors.may_open(app.people[0])

    run(story())


def test_a_dead_session_keeps_the_work_open_and_asks_to_sign_in(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.doors.signed_in(person(app), Tokens("a", 0))
        add_customer(app, "昆明驼铃")

        async def ended(login: str) -> tuple[SessionInfo, Tokens]:
            raise AuthProblem("session_revoked")

        app.auth.refresh = ended  # type: ignore[method-assign]
        with pytest.raises(AuthProblem):
            await app.doors.renew()
        assert (app.session.phase, app.session.auth, app.session.problem) == ("open", "dead", "session_revoked")
        assert (app.sync.pill, app.sync.unsent) == ("attention", 1)

        await app.doors.signed_in(person(app), Tokens("b", 0))
        assert (app.session.auth, app.tokens.access_token, app.sync.unsent) == ("live", "b", 1)
        await app.doors.close()

    run(story())


def test_an_entry_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.known.save(person(app))
        await app.platform.device_area.set("user.newer", '{"shape": 2}')
        assert [info.user.name for info in await app.known.all()] == ["林小满"]
        assert await app.platform.device_area.get("user.newer") == '{"shape": 2}'

    run(story())


def test_what_is_kept_of_a_session_holds_no_token(tmp_path: Path) -> None:
    async def story() -> None:
        app = new_app(tmp_path)
        await app.doors.signed_in(person(app), Tokens("secret-access-token", 0))
        await app.doors.close()
        for key in await app.platform.device_area.keys():
            assert "secret-access-token" not in (await app.platform.device_area.get(key) or "")
        assert b"secret-access-token" not in b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())

    run(story())


def test_the_server_s_session_is_understood() -> None:
    from mobile.state.session import session_from

    answer = {
        "access_token": "t", "expires_at": 5, "device_id": "d", "dataset": "x", "lease_until": 9, "server_time": 1,
        "user": {"id": "u", "name": "林", "login": "lin", "role": "rep", "home_team_id": None, "discount_limit": "8"},
        "org": {"id": "o", "name": "驼峰", "time_zone": "Asia/Shanghai", "currency": "CNY"},
    }  # fmt: skip
    info, tokens = session_from(answer)
    assert (info.user.discount_limit, info.lease_until, tokens.access_token) == ("8", 9, "t")
    assert b"access" not in msgspec.json.encode(info)
