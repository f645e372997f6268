"""No room left: for the server's database, and for a device's."""

import resource
import sqlite3
from pathlib import Path

import pytest

from tests.blackbox.ground import Record, ground, wait_for
from tests.support.company import REP, Company
from tests.support.devices import Phone

UNLIMITED = resource.RLIM_INFINITY


@pytest.fixture
def database_kind() -> str:
    """A file that may not grow; PostgreSQL's files are its own affair."""
    return "sqlite"


def test_a_server_without_room_says_so_loses_nothing_and_goes_on_when_there_is_room(
    database_url: str, tmp_path: Path, record_property: Record
) -> None:
    """A limit on the size of files (it holds for root, too, and needs no mount) that is lifted later."""
    with ground(tmp_path, database_url) as at:
        at.begin("rep")
        at.wait_for_exchanges(2)
        server = at.servers[0]
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4_096, hard))
        wait_for(lambda: "server_full" in at.trouble(), f"the full disk was not met: {at.trouble()}")
        before = at.answers("rep")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
        wait_for(lambda: at.answers("rep") > before + 2, f"it does not go on: {at.trouble()}")
        at.drain()
        assert "no room left for the database" in server.log.read_text()
        record_property("played", f"server disk full=1 {at.check()}")


def test_a_device_without_room_refuses_new_work_keeps_the_old_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    phone = Phone(tmp_path / "phone.db", Company().actor(REP))

    def create(size: int) -> None:
        values = {"name": "客户", "notes": "x" * size}
        phone.engine.run([("account.create", {"id": phone.engine.new_id(), "values": values})])

    create(10)
    pages = phone.store.query("PRAGMA page_count")[0]["page_count"]
    phone.store.query(f"PRAGMA max_page_count = {pages + 4}")
    done = 1
    with pytest.raises(sqlite3.OperationalError, match="full"):
        while done < 50:
            create(4_000)
            done += 1
    assert len(phone.store.outbox()) == phone.store.count("account") == done
    before = [entry.payload_hash for entry in phone.store.outbox()]
    phone.restart()
    assert [entry.payload_hash for entry in phone.store.outbox()] == before
    assert phone.store.query("PRAGMA integrity_check")[0]["integrity_check"] == "ok"
    create(4_000)
    assert len(phone.store.outbox()) == done + 1 and phone.engine.build_request()
    phone.close()
