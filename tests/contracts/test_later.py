"""What a newer server sends and this app does not know: kept as it came, there after the update without a download."""

import base64
import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from shared import protocol
from shared.access import all_entities_on_devices
from sync.device.exchange import stamp
from tests.contracts.record import make_database
from tests.support.company import ACCOUNT, REP, TENT, Company, order_commands
from tests.support.devices import Phone
from tests.support.stage import Stage, staged

OLDER_APP = '''
"""An app without follow-ups, and with fewer fields: what it does not declare, it does not know."""
import base64, sys
from pathlib import Path
import msgspec
from shared.catalog import ENTITIES
def without(name, *fields):
    kept = {key: field for key, field in ENTITIES[name].fields.items() if key not in fields}
    ENTITIES[name] = msgspec.structs.replace(ENTITIES[name], fields=kept)
without("account", "industry", "tags", "phone")
without("order_line", "discount")
del ENTITIES["activity"]
from tests.support.company import ACCOUNT, REP, Company
from tests.support.devices import Phone
phone = Phone(Path(sys.argv[1]), Company().actor(REP), seed=5, app_version="0.1.0")
for line in sys.stdin:
    order, _, body = line.strip().partition(" ")
    if order == "ask":
        print(base64.b64encode(phone.engine.build_request()).decode(), flush=True)
    elif order == "take":
        print(phone.engine.apply_response(base64.b64decode(body)).more, flush=True)
    else:
        values = {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": body}}
        print(phone.engine.run([("account.patch", values)]), flush=True)
phone.close()
'''


class OlderApp:
    """The older app in a process of its own."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OLDER_APP, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, order: str, body: str = "") -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{order} {body}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0

    def sync(self, stage: Stage) -> None:
        more = "True"
        while more == "True":
            request = base64.b64decode(self.ask("ask"))
            answer = stage.send("rep", "/v1/sync", request).content
            more = self.ask("take", base64.b64encode(answer).decode())
            assert more in ("True", "False")


def sync(phone: Phone, stage: Stage) -> int:
    """Exchanges until there is no more; how many rows they brought."""
    rows = 0
    while True:
        report = phone.engine.apply_response(stage.send("rep", "/v1/sync", phone.engine.build_request()).content)
        rows += report.rows
        if not report.more:
            return rows


def everything(phone: Phone) -> dict[str, list[dict]]:
    return {entity.name: phone.store.select(entity.name, "1") for entity in all_entities_on_devices()}


def test_fields_and_entities_of_a_newer_server_are_there_after_the_update_without_a_download(tmp_path: Path) -> None:
    with staged(make_database(tmp_path / "server.db"), tmp_path / "data") as stage:
        writer = Phone(tmp_path / "writer.db", Company().actor(REP), seed=3)
        sync(writer, stage)
        follow_up = writer.engine.new_id()
        said = {"account_id": ACCOUNT, "body": "要帐篷", "due_on": "2026-12-01"}
        base = {"industry": "", "tags": [], "phone": ""}
        values = {"industry": "户外", "tags": ["重点", "露营"], "phone": "0571-88880000"}
        writer.engine.run([("activity.create", {"id": follow_up, "values": said})])
        writer.engine.run([("account.patch", {"id": ACCOUNT, "base": base, "values": values})])
        writer.engine.run(order_commands((TENT, 2), line_discount="7.5")[1])
        sync(writer, stage)

        older = OlderApp(tmp_path / "older.db")
        older.sync(stage)
        older.ask("patch", "杭州")  # unsent work over a row with unknown fields
        older.close()

        install_id = install_of(tmp_path / "older.db")
        updated = Phone(tmp_path / "older.db", Company().actor(REP), seed=6, install_id=install_id)
        account, activity = updated.store.get("account", ACCOUNT), updated.store.get("activity", follow_up)
        assert account is not None and {**account, **values} == account and "_unknown" not in account
        assert account["city"] == "杭州" and updated.engine.status().unsent == 1
        assert activity is not None and activity["body"] == "要帐篷"
        assert updated.store.buckets("activity", follow_up) == [f"user:{REP}"]
        assert [row["id"] for row in updated.store.search("activity", "帐篷")] == [follow_up]
        assert updated.store.query("SELECT count(*) AS n FROM later_row") == [{"n": 0}]
        assert sync(updated, stage) == 1  # the row of its own outcome
        sync(writer, stage)
        assert everything(updated) == everything(writer)
        writer.close()
        updated.close()


def install_of(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT value FROM meta WHERE key = 'install'").fetchone()[0])


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    return Phone(tmp_path / "phone.db", Company().actor(REP))


def tell(phone: Phone, *messages: protocol.Put | protocol.Remove, drops: tuple[str, ...] = ()) -> None:
    """A page of a newer server."""
    phone.engine.build_request()
    page = protocol.SyncResponse(
        status="ok", dataset="d", nonce="n", cursor="c", drops=list(drops),
        puts=[message for message in messages if isinstance(message, protocol.Put)],
        removes=[message for message in messages if isinstance(message, protocol.Remove)],
    )  # fmt: skip
    phone.engine.apply_response(protocol.encode(page))


def visit(rev: int, *buckets: str, body: bytes = b'{"id":"1","mood":"good"}') -> protocol.Put:
    return protocol.Put("visit", "1", rev, list(buckets), msgspec.Raw(body))


def kept(phone: Phone) -> list[tuple[str, int]]:
    rows = phone.store.query("SELECT id, rev, row FROM later_row ORDER BY id")
    return [(row["row"].decode(), row["rev"]) for row in rows]


def test_rows_of_an_unknown_entity_follow_the_server_until_the_update(phone: Phone) -> None:
    tell(phone, visit(5, "org"))
    assert kept(phone) == [('{"id":"1","mood":"good"}', stamp(1, 5))]
    tell(phone, visit(7, "org", body=b'{"id":"1"}'))
    tell(phone, visit(6, "org"))
    tell(phone, protocol.Remove("visit", "1", 6))
    assert kept(phone) == [('{"id":"1"}', stamp(1, 7))]
    tell(phone, protocol.Remove("visit", "1", 7))
    assert kept(phone) == []


def test_a_row_of_an_unknown_entity_goes_with_its_last_bucket(phone: Phone) -> None:
    tell(phone, visit(5, "org", "user:x"))
    tell(phone, drops=("org",))
    assert len(kept(phone)) == 1
    tell(phone, drops=("user:x",))
    assert kept(phone) == []


def test_a_fresh_start_empties_what_was_kept_for_later(phone: Phone) -> None:
    tell(phone, visit(5, "org"))
    phone.engine.start_fresh()
    assert kept(phone) == []
