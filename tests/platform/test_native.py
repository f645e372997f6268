"""The native adapter on CPython: files, locks between processes, secrets, HTTP through httpx."""
from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mobile import platform as platforms
from mobile.platform import system_secrets
from mobile.platform.native import NativePlatform
from mobile.platform.ports import PlatformError, StoreBusy, StoreUnavailable
from mobile.platform.system_secrets import SystemSecrets
from sync.ports import TransportError
from tests.platform.site import Site

HOLDER = """
import asyncio, sys
from pathlib import Path
from mobile.platform.native import NativePlatform
store = asyncio.run(NativePlatform(Path(sys.argv[1]), "http://127.0.0.1:1").open_store("rep"))
store.connection().execute("CREATE TABLE kept (n)")
store.connection().execute("INSERT INTO kept VALUES (1)")
store.connection().commit()
print("open", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def native(tmp_path: Path) -> NativePlatform:
    return NativePlatform(tmp_path / "data", "http://127.0.0.1:1")


@pytest.fixture
def online(tmp_path: Path):
    site = Site(b"")
    yield NativePlatform(tmp_path / "data", site.url)
    site.close()


def rows(store) -> list:
    return store.connection().execute("SELECT n FROM kept").fetchall()


def test_the_adapter_is_chosen_by_where_python_runs(tmp_path):
    assert platforms.current(tmp_path, "http://127.0.0.1:1").kind == "native"
    with pytest.raises(ValueError, match="data_folder"):
        platforms.current()


def test_a_store_is_exclusive_wal_and_fully_synchronous(native):
    with asyncio.run(native.open_store("rep")) as store:
        read = [store.connection().execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("locking_mode", "journal_mode", "synchronous")]
    assert read == ["exclusive", "wal", 2]
    with pytest.raises(PlatformError, match="closed"):
        store.connection()


def test_two_users_have_two_stores_and_one_user_has_one(native):
    rep, manager = asyncio.run(native.open_store("rep")), asyncio.run(native.open_store("manager"))
    with pytest.raises(StoreBusy, match="open_elsewhere"):
        asyncio.run(native.open_store("rep"))
    rep.close()
    manager.close()
    asyncio.run(native.open_store("rep")).close()


def test_another_process_keeps_its_store_until_it_is_killed(native):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(native.data_folder)], cwd=Path(__file__).parents[2],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match="open_elsewhere"):
            asyncio.run(native.open_store("rep"))
        with pytest.raises(StoreBusy, match="frozen"):
            asyncio.run(native.take_over("rep", 0.3))
    finally:
        holder.kill()
        holder.communicate()
    with asyncio.run(native.take_over("rep", 5)) as store:
        assert rows(store) == [(1,)]


def test_a_window_of_the_same_process_hands_over(native):
    other = NativePlatform(native.data_folder, "http://127.0.0.1:1")
    asked = []

    async def finish(user: str) -> None:
        asked.append(user)

    async def story():
        held = await native.open_store("rep")
        native.on_take_over_requested(finish)
        with await other.take_over("rep", 2) as taken:
            taken.connection().execute("CREATE TABLE kept (n)")
            with pytest.raises(PlatformError, match="closed"):
                held.connection()
    asyncio.run(story())
    assert asked == ["rep"]


def test_a_window_may_decline(native):
    async def decline(user: str) -> None:
        raise RuntimeError("unsaved form")

    async def story():
        with await native.open_store("rep") as held:
            native.on_take_over_requested(decline)
            with pytest.raises(StoreBusy, match="refused"):
                await native.take_over("rep", 1)
            held.connection().execute("SELECT 1")
    asyncio.run(story())


def test_a_damaged_file_is_named_and_left_as_it_is(native):
    path = native.data_folder / "users" / "rep" / "app.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreUnavailable, match="damaged"):
        asyncio.run(native.open_store("rep"))
    assert path.read_bytes().startswith(b"this is no database")


@pytest.mark.parametrize("key", ["", "../rep", "a/b", "a.b", "用户", "x" * 65])
def test_a_user_key_is_never_a_path(native, key):
    with pytest.raises(ValueError, match="user key"):
        asyncio.run(native.open_store(key))


def test_the_device_area_keeps_values_between_starts(native):
    async def story(area):
        await area.set("user.b", "1")
        await area.set("user.b", "二")
        await area.set("user.a", "1")
        await area.delete("user.a")
        await area.set("install", "x")
    asyncio.run(story(native.device_area))
    area = NativePlatform(native.data_folder, "http://127.0.0.1:1").device_area
    assert asyncio.run(area.get("user.b")) == "二"
    assert asyncio.run(area.get("user.a")) is None
    assert asyncio.run(area.keys()) == ["install", "user.b"]
    assert asyncio.run(area.keys("user.")) == ["user.b"]


def test_secrets_are_readable_by_their_user_only(native):
    async def story():
        await native.secrets.set("refresh", "first")
        await native.secrets.set("refresh", "second")
        return await native.secrets.get("refresh")
    assert asyncio.run(story()) == "second"
    path = native.data_folder / "secrets" / "refresh"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    asyncio.run(native.secrets.delete("refresh"))
    assert asyncio.run(native.secrets.get("refresh")) is None


class Keyring:
    """A system's store: ``works``, or fails as Flet's client says it, or gives no answer."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.held: dict[str, str] = {}
        self.asked = 0

    def _answer(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    async def get(self, key: str) -> str | None:
        self._answer()
        return self.held.get(key)

    async def set(self, key: str, value: str) -> None:
        self._answer()
        self.held[key] = value

    async def remove(self, key: str) -> None:
        self._answer()
        self.held.pop(key, None)


def files_of(native) -> list[str]:
    folder = native.data_folder / "secrets"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_secrets_are_in_the_systems_store_and_in_no_file(native):
    async def story():
        system = Keyring()
        secrets = SystemSecrets(system, native.secrets)
        await secrets.set("refresh", "first")
        assert (system.held, files_of(native), secrets.kind) == ({"refresh": "first"}, [], "system")
        assert await SystemSecrets(system, native.secrets).get("refresh") == "first"
        await secrets.delete("refresh")
        assert system.held == {} and await secrets.get("refresh") is None
    asyncio.run(story())


def test_a_token_file_of_an_older_app_is_moved_once_and_deleted(native):
    async def story():
        await native.secrets.set("refresh", "from before")
        system = Keyring()
        secrets = SystemSecrets(system, native.secrets)
        assert await secrets.get("refresh") == "from before"
        assert (system.held, files_of(native)) == ({"refresh": "from before"}, [])
        assert await secrets.get("refresh") == "from before"
    asyncio.run(story())


@pytest.mark.parametrize("error", [RuntimeError("set(first): no such service"), TimeoutError("set(first)")])
def test_without_a_keyring_a_file_keeps_the_secret_and_the_log_says_so_once(native, monkeypatch, error):
    lines = []
    monkeypatch.setattr(system_secrets.log, "warning", lambda text, *values: lines.append(text % values))

    async def story():
        system = Keyring(error)
        secrets = SystemSecrets(system, native.secrets)
        await secrets.set("refresh", "first")
        assert await secrets.get("refresh") == "first" and system.asked == 1
        assert stat.S_IMODE((native.data_folder / "secrets" / "refresh").stat().st_mode) == 0o600
        assert await secrets.get("nobody") is None
    asyncio.run(story())
    (line,) = lines
    assert "no secure storage" in line and type(error).__name__ in line and "first" not in line


def test_a_newer_file_wins_over_what_the_keyring_held_before_it_failed(native):
    """Otherwise an old refresh token would come back, and the server would take it for a stolen one."""
    async def story():
        system = Keyring()
        await SystemSecrets(system, native.secrets).set("refresh", "old")
        system.error = TimeoutError("locked")
        await SystemSecrets(system, native.secrets).set("refresh", "new")
        system.error = None
        assert await SystemSecrets(system, native.secrets).get("refresh") == "new"
        assert (system.held, files_of(native)) == ({"refresh": "new"}, [])
    asyncio.run(story())


def test_flets_store_is_asked_for_this_device_only_and_never_resets_itself():
    store = system_secrets.keyring()
    assert store.android_options.reset_on_error is False
    for options in (store.ios_options, store.macos_options):
        assert options.accessibility.value == "first_unlock_this_device" and not options.synchronizable


def test_a_request_carries_headers_body_and_cookies(online):
    async def story():
        answers = []
        for compress in (False, True):
            answer = await online.transport.request(
                "POST", "/v1/echo", {"x-kind": "sync"}, b"a" * 1000, compress=compress)
            answers.append((answer.status, answer.body))
        await online.transport.close()
        return answers
    (status, first), (_, second) = asyncio.run(story())
    assert status == 201
    assert b'"sent": 1000' in first and b'"cookie": null' in first and b'"kind": "sync"' in first
    assert b'"cookie": "token=t1"' in second and b"a" * 1000 in second


@pytest.mark.parametrize(("path", "reason"), [("/v1/slow", "timeout"), ("/v1/moved", "offline")])
def test_no_answer_is_a_transport_error_with_its_reason(online, path, reason):
    with pytest.raises(TransportError, match=reason):
        asyncio.run(online.transport.request("GET", path, timeout_s=0.3))


def test_a_server_that_is_not_there_is_offline(native):
    with pytest.raises(TransportError, match="offline"):
        asyncio.run(native.transport.request("GET", "/health"))


def test_abort_ends_running_requests_and_nothing_else(online):
    async def story():
        request = asyncio.ensure_future(online.transport.request("GET", "/v1/slow"))
        await asyncio.sleep(0.2)
        online.transport.abort()
        with pytest.raises(TransportError, match="aborted"):
            await request
        outer = asyncio.ensure_future(online.transport.request("GET", "/v1/slow"))
        await asyncio.sleep(0.1)
        outer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await outer
        return (await online.transport.request("POST", "/v1/echo", body=b"x")).status
    assert asyncio.run(story()) == 201


def test_files_and_storage(native):
    path = asyncio.run(native.save_file("../../outbox.json", b"{}", "application/json"))
    assert Path(path).parent == native.data_folder / "exports" and Path(path).read_bytes() == b"{}"
    status = asyncio.run(native.storage_status())
    assert status.persisted and status.usage_bytes >= 2 and status.quota_bytes > status.usage_bytes


def test_events_wait_for_the_first_listener(native):
    heard = []
    native.emit("hidden")
    stop = native.subscribe(lambda event: heard.append(event.kind))
    native.emit("visible")
    stop()
    native.emit("online")
    assert heard == ["hidden", "visible"]


def test_language_and_time_zone_follow_the_system(native, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    assert (native.language(), native.time_zone()) == ("en-GB", "Asia/Shanghai")
    monkeypatch.setenv("LC_ALL", "C")
    assert native.language() == "zh-CN"


def test_clock_is_utc_milliseconds_and_entropy_differs(native):
    assert abs(native.clock.now_ms() - time.time() * 1000) < 5000
    assert native.entropy.random_bytes(16) != native.entropy.random_bytes(16)


def test_a_full_disk_keeps_what_was_there(native):
    with asyncio.run(native.open_store("rep")) as store:
        connection = store.connection()
        connection.execute("CREATE TABLE kept (n)")
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.commit()
        connection.execute("PRAGMA max_page_count=3")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            connection.execute("INSERT INTO kept VALUES (zeroblob(100000))")
        connection.rollback()
        assert rows(store) == [(1,)]
