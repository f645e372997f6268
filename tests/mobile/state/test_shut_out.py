"""A shut-out device against a real server: locked at once, handed in whole, wiped only then; nobody else is touched."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from mobile.platform.native import NativePlatform
from mobile.state import shut_out
from mobile.state.app import App
from mobile.ui.look import Look
from tests.api.test_handin import logged
from tests.support.company import ADMIN, COLLEAGUE, REP
from tests.support.databases import *  # noqa: F403
from tests.support.served import PASSWORD, Browser, code, seed_people, served, settings_for
from tests.support.waiting import until

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def database_kind() -> str:
    """The device does not see which database the server has."""
    return "sqlite"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    seed_people(database_url, REP, COLLEAGUE, ADMIN)
    with served(settings_for(database_url, tmp_path / "server")) as url:
        yield url


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shut_out, "RETRY_S", 0.2)


def app_at(folder: Path, url: str) -> App:
    return App(NativePlatform(folder, url), Look())


async def sign_in(app: App, user_id: str, steps: int = 0) -> None:
    challenge = await app.auth.password(user_id[:8], PASSWORD, None, "tablet")
    info, tokens = await app.auth.totp(challenge.challenge, code(steps), user_id[:8])
    await app.doors.signed_in(info, tokens)
    assert app.session.phase == "open"




def add_customer(app: App, name: str) -> str:
    return app.act(("account.create", {"id": app.new_id(), "values": {"name": name}}))


def revoke(url: str, user_name: str, steps: int = 0) -> None:
    with Browser(url) as desk:
        desk.sign_in(ADMIN[:8], steps)
        for row in desk.get("/v1/devices").json():
            if row["user_name"] == user_name and row["revoked_at"] is None:
                desk.post("/v1/devices/revoke", json={"device_id": row["id"]}).raise_for_status()


def everything_in(folder: Path) -> bytes:
    """All bytes of all files below the folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def name_of(user_id: str) -> str:
    return f"rep {user_id[:4]}"


def offline(app: App) -> None:
    """The network is gone: no request arrives anywhere."""
    app.platform.transport = NativePlatform(Path("/nowhere"), NOBODY).transport


def test_a_revoked_device_is_locked_hands_in_and_is_wiped(tmp_path: Path, server: str, database_url: str) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        revoke(server, name_of(REP))
        tx_id = add_customer(app, "停用后的客户")
        await until(lambda: app.session.phase == "signed_out")
        assert app.session.problem == "handed_in"
        assert app.people == []
        assert (tx_id, REP, "rejected", "handed_over_device") in await asyncio.to_thread(logged, database_url)
        assert await app.platform.device_area.keys("") == [] or not [
            key for key in await app.platform.device_area.keys("") if REP in key
        ]
        left = everything_in(tmp_path / "device")
        for trace in ("停用后的客户", "山野户外", REP[:8]):
            assert trace.encode() not in left
        with pytest.raises(RuntimeError):
            _ = app.open_store
        await app.shut_out.stop()

    run(story())


def test_without_a_network_the_door_is_locked_and_everything_kept(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        real = app.platform.transport
        revoke(server, name_of(REP))
        heard = real.request

        async def then_gone(method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path != "/v1/auth/handin":
                return await heard(method, path, *rest, **more)
            offline(app)
            return await app.platform.transport.request(method, path, *rest, **more)

        monkey = pytest.MonkeyPatch()
        monkey.setattr(real, "request", then_gone)
        add_customer(app, "停用后的客户")
        await until(lambda: app.session.handin == "waiting")
        monkey.undo()
        assert app.session.phase == "shut_out"
        await app.shut_out.stop()

        again = app_at(tmp_path / "device", NOBODY)
        await again.doors.start()
        assert (again.session.phase, again.session.problem) == ("shut_out", "device_revoked")
        await until(lambda: again.session.handin == "waiting")
        assert not again.doors.may_open(again.people[0])
        await again.shut_out.stop()
        assert unsent_in(tmp_path / "device") == 1

        late = app_at(tmp_path / "device", server)
        await late.doors.start()
        await until(lambda: late.session.phase == "signed_out")
        assert late.session.problem == "handed_in"
        await late.shut_out.stop()

    run(story())


def unsent_in(folder: Path) -> int:
    path = next(folder.rglob("app.db"))
    connection = sqlite3.connect(path)
    count = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
    connection.close()
    return int(count)


def test_who_signs_in_again_before_the_hand_in_goes_on_with_the_work(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        device = app.session.info.device_id if app.session.info else ""
        await app.doors.close()
        revoke(server, name_of(REP))
        offline(app)
        info = app.session.info
        assert info is not None
        await app.doors.open(info)
        add_customer(app, "停用后的客户")
        await app.shut_out.lock(info, "device_revoked")
        await until(lambda: app.session.handin == "waiting")

        back = app_at(tmp_path / "device", server)
        await app.shut_out.stop()
        await sign_in(back, REP, 1)
        await until(lambda: back.sync.unsent == 0 and back.sync.complete)
        assert [row["name"] for row in back.open_store.select("account", "name = '停用后的客户'")] == ["停用后的客户"]
        assert back.session.info is not None and back.session.info.device_id != device
        assert not back.open_store.select("conflict")
        await back.doors.close()

    run(story())


def test_a_lost_answer_is_handed_in_again_and_nothing_goes_before_all_is_confirmed(
    tmp_path: Path, server: str, database_url: str
) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        revoke(server, name_of(REP))
        lost: list[str] = []
        heard = app.platform.transport.request

        async def losing(method: str, path: str, *rest: Any, **more: Any) -> Any:
            answer = await heard(method, path, *rest, **more)
            if path == "/v1/handin" and not lost:
                lost.append(path)
                assert unsent_while_open(app) is None
                raise shut_out.TransportError("timeout", "the answer was lost")
            return answer

        app.platform.transport.request = losing  # type: ignore[method-assign]
        tx_id = add_customer(app, "停用后的客户")
        await until(lambda: app.session.phase == "signed_out")
        assert lost
        entries = [entry for entry in await asyncio.to_thread(logged, database_url) if entry[0] == tx_id]
        assert entries == [(tx_id, REP, "rejected", "handed_over_device")]
        await app.shut_out.stop()

    run(story())


def unsent_while_open(app: App) -> str | None:
    """The wipe mark must not be there before everything is confirmed."""
    area = Path(app.platform.device_area.folder) if hasattr(app.platform.device_area, "folder") else None
    return next((path.name for path in area.iterdir() if "wipe" in path.name), None) if area else None


def test_a_wipe_that_was_cut_is_finished_at_the_next_start(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        info = app.session.info
        assert info is not None
        await app.doors.close()
        await app.platform.device_area.set(shut_out.WIPING + info.key, f"{shut_out.KEPT}3")
        await app.known.save(shut_out.msgspec.structs.replace(info, shut_out="device_revoked"))

        again = app_at(tmp_path / "device", NOBODY)
        await again.doors.start()
        await until(lambda: again.session.phase == "signed_out")
        assert again.people == []
        assert (again.session.problem, again.session.unsent_files) == ("handed_in", 3), "what stayed is still said"
        assert "山野户外".encode() not in everything_in(tmp_path / "device")
        await again.shut_out.stop()

    run(story())


def test_a_session_that_merely_ended_is_not_shut_out(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        await app.auth.sign_out(REP[:8])  # from elsewhere: the session is over, nobody was shut out
        app.tokens.access_token = ""
        add_customer(app, "登录过期后的客户")
        await until(lambda: app.session.auth == "dead")
        assert (app.session.phase, app.session.problem) == ("open", "session_expired")
        assert app.sync.unsent == 1
        await sign_in(app, REP, 1)
        await until(lambda: app.sync.unsent == 0)
        assert not app.open_store.select("conflict")
        await app.doors.close()

    run(story())


def test_a_second_user_on_the_tablet_loses_nothing_and_sees_nothing(tmp_path: Path, server: str) -> None:
    async def story() -> None:
        app = app_at(tmp_path / "device", server)
        await sign_in(app, REP)
        await until(lambda: app.sync.complete)
        add_customer(app, "甲的客户")
        await until(lambda: app.sync.unsent == 0)
        await app.doors.switch()
        await sign_in(app, COLLEAGUE)
        await until(lambda: app.sync.complete)
        assert not app.open_store.select("account")
        await app.doors.switch()
        rep = next(person for person in app.people if person.user.id == REP)
        await app.doors.open(rep)
        revoke(server, name_of(REP))
        add_customer(app, "甲没发送的客户")
        await until(lambda: app.session.phase == "signed_out" and not app.session.info)
        assert [person.user.id for person in app.people] == [COLLEAGUE]
        await app.doors.open(app.people[0])
        add_customer(app, "乙的客户")
        await until(lambda: app.sync.unsent == 0)
        assert [row["name"] for row in app.open_store.select("account")] == ["乙的客户"]
        assert not app.open_store.select("conflict") and not app.open_store.query("SELECT * FROM archive")
        await app.doors.close()
        left = everything_in(tmp_path / "device")
        assert "甲".encode() not in left and "乙的客户".encode() in left
        await app.shut_out.stop()

    run(story())


def test_a_wipe_keeps_only_the_bytes_of_photos_that_are_nowhere_else(tmp_path: Path) -> None:
    from mobile.store.blobs import BlobShelf
    from mobile.store.wipe import wipe
    from tests.support.devices import open_store
    from tests.support.shop import Shop

    shop = Shop(tmp_path)
    shelf = BlobShelf(shop.store)
    shelf.keep("a" * 64, b"a photo that only this device has", 1, own=True)
    shelf.keep("b" * 64, b"a photo of somebody else, cached", 1, own=False)
    wipe(shop.store.connection)
    shop.close()
    assert b"somebody else" not in everything_in(tmp_path)
    again = BlobShelf(open_store(shop.path))
    assert again.whole("a" * 64, 2) == b"a photo that only this device has"


def test_a_wipe_leaves_no_byte_and_the_file_can_be_used_again(tmp_path: Path) -> None:
    from mobile.store.wipe import wipe
    from tests.support.devices import open_store
    from tests.support.shop import Shop

    shop = Shop(tmp_path)
    shop.create("account", name="要清除的客户")
    wipe(shop.store.connection)
    wipe(shop.store.connection)
    shop.close()
    assert "要清除的客户".encode() not in everything_in(tmp_path)
    assert open_store(shop.path).outbox() == []
