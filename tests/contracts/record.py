"""Records what this version says on the wire: the real device engine against the real server over HTTP.

``python -m tests.contracts.record v7`` writes ``recordings/v7/`` and refuses a folder that is there: what was recorded
once is never recorded again, because the version that said it is gone. Do it when a version is released and before
``PROTOCOL_VERSION`` or ``SCHEMA_VERSION`` rises. ``test_recordings.py`` plays all of them to the present code.

Written: ``exchanges.jsonl.gz`` (each request and answer), ``device.db.gz`` (a rep's local file with a full outbox,
taken in the middle), ``device_after.json.gz`` (the rows that this rep saw when all was sent), ``server.db.gz`` (the
server's database at that moment, without sessions), ``messages.py`` (the shapes of the messages).
"""

import asyncio
import inspect
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from server.db import migrate
from server.db.engine import Database
from shared import codec, protocol
from shared.access import all_entities_on_devices
from shared.errors import Problem
from sync.device.reports import ExchangeReport
from tests.support.authority import device_of
from tests.support.company import ACCOUNT, LAMP, TENT, WAREHOUSE, Company, order_commands
from tests.support.devices import Phone
from tests.support.stage import PEOPLE, Exchanged, Stage, pack_database, staged, write_packed

FOLDER = Path(__file__).with_name("recordings")
MINUTE = 60_000
HALF_TIME = "from here on the device of device.db and the server of server.db go on"
Command = tuple[str, dict[str, Any]]


class Story:
    """What happens. Every kind of transaction and every status of an answer occurs at least once."""

    def __init__(self, stage: Stage, work: Path, server_file: Path, out: Path) -> None:
        self.stage = stage
        self.out = out
        self.work = work
        self.server_file = server_file
        self.recorded: list[Exchanged] = []
        self.phones: dict[str, Phone] = {}
        for number, who in enumerate(PEOPLE):
            actor = Company().actor(PEOPLE[who])
            actor = msgspec.structs.replace(actor, device_id=device_of(actor.user_id))
            self.phones[who] = Phone(work / f"{who}.db", actor, seed=101 + number)

    def close(self) -> None:
        for phone in self.phones.values():
            phone.close()

    # What a device does

    def run(self, who: str, *commands: Command) -> str:
        return self.phones[who].engine.run(commands)

    def new_id(self, who: str) -> str:
        return self.phones[who].engine.new_id()

    def row(self, who: str, entity: str, row_id: str) -> dict[str, Any]:
        row = self.phones[who].store.get(entity, row_id)
        assert row is not None
        return row

    def patch(self, who: str, row_id: str, entity: str = "account", **values: Any) -> str:
        declared = codec.entity_named(entity)
        seen = codec.to_wire(declared, self.row(who, entity, row_id))
        base = {name: seen[name] for name in values}
        return self.run(who, (f"{entity}.patch", {"id": row_id, "base": base, "values": values}))

    def exchange(self, who: str, *, lost: bool = False, note: str = "", rows: int = 250) -> ExchangeReport | None:
        """One exchange; ``lost``: the answer does not arrive."""
        phone = self.phones[who]
        phone.engine.limits.rows = rows
        answer = self.post(who, phone.engine.build_request(), note=note, lost=lost)
        return None if lost else phone.engine.apply_response(answer)

    def sync(self, who: str, *, note: str = "", rows: int = 250) -> list[ExchangeReport]:
        reports = []
        while not reports or reports[-1].more:
            report = self.exchange(who, note=note if not reports else "", rows=rows)
            assert report is not None and len(reports) < 40
            reports.append(report)
        return reports

    def post(self, who: str, body: bytes, *, note: str = "", lost: bool = False) -> bytes:
        return self._record(who, "/v1/sync", body, note, lost)

    def poll(self, who: str, note: str) -> bytes:
        return self._record(who, f"/v1/changes?since={self.phones[who].engine.cursor}&wait_s=0", None, note, False)

    def _record(self, who: str, path: str, body: bytes | None, note: str, lost: bool) -> bytes:
        answer = self.stage.send(who, path, body)
        self.recorded.append(
            Exchanged(
                who=who, at=self.stage.clock.value, path=path, request=None if body is None else body.decode(),
                status=answer.status_code, answer=answer.text, note=note, lost=lost,
            )
        )  # fmt: skip
        return answer.content

    def later(self, minutes: int) -> None:
        self.stage.clock.value += minutes * MINUTE
        for phone in self.phones.values():
            phone.clock.value = max(phone.clock.value, self.stage.clock.value)

    # What happens

    def tell(self) -> None:
        self.first_days()
        self.disagreements()
        self.stock()
        self.half_time()
        self.second_half()
        self.ends()

    def first_days(self) -> None:
        for who in ("rep", "manager"):
            self.sync(who, note="first sync in pages", rows=7)
        for who in ("colleague", "admin", "stranger"):
            self.sync(who, note="first sync")
        self.later(5)
        self.customer = self.new_id("rep")
        self.contact = self.new_id("rep")
        self.run("rep", ("account.create", {"id": self.customer, "values": {"name": "云栖露营", "city": "杭州"}}))
        person = {"account_id": self.customer, "name": "王芳", "phone": "13800138000"}
        self.run("rep", ("contact.create", {"id": self.contact, "values": person}))
        visit = {"account_id": self.customer, "body": "展位见面，要两顶帐篷", "due_on": "2026-12-01"}
        self.run("rep", ("activity.create", {"id": self.new_id("rep"), "values": visit}))
        self.order, commands = order_commands((TENT, 2), (LAMP, 1), name="first", account=self.customer)
        self.run("rep", *commands)
        cancelled, commands = order_commands((TENT, 1), name="never sent")
        self.run("rep", *commands)
        self.run("rep", ("order.cancel", {"order_id": cancelled}))
        self.patch("rep", ACCOUNT, phone="0571-88880000", tags=["露营"], custom={"booth": 7})
        self.later(90)
        assert len(self.sync("rep", note="offline work arrives")[0].accepted) == 7
        self.sync("manager", note="the team's rows arrive")

    def disagreements(self) -> None:
        self.patch("manager", ACCOUNT, name="山野户外（总部）", notes="总部的备注", tags=["露营", "重点"], level="A")
        self.patch("rep", ACCOUNT, name="山野户外 杭州", notes="展会的备注", tags=["露营", "展会"], city="杭州")
        self.later(1)
        self.exchange("manager", lost=True, note="the answer is lost")
        self.later(1)
        self.sync("manager", note="the same work again")
        report = self.sync("rep", note="a field conflict")[0]
        assert report.conflicts
        conflict = self.row("rep", "conflict", report.conflicts[0])
        choice = {"conflict_id": conflict["id"], "choice": "mine", "seen": conflict["theirs"]}
        self.run("rep", ("conflict.resolve", choice))
        self.later(1)
        self.sync("rep", note="the conflict is resolved")
        deleting = self.run("manager", ("contact.delete", {"id": self.contact}))
        self.patch("rep", self.contact, "contact", position="店长")
        self.later(1)
        self.sync("manager", note="a deletion")
        refused = self.sync("rep", note="an edit of what was deleted")[0].rejected
        assert [problem.code for problem in refused.values() if problem] == ["deleted"]
        self.run("manager", ("contact.restore", {"id": self.contact, "deleted_tx": deleting}))
        self.later(1)
        self.sync("manager", note="the deletion is taken back")
        self.sync("rep")

    def stock(self) -> None:
        mine, commands = order_commands((LAMP, 1), name="no lamp", policy="reject")
        self.run("rep", *commands)
        self.run("rep", ("order.cancel", {"order_id": mine}))
        _, commands = order_commands((TENT, 4), name="short", policy="partial", account=self.customer)
        self.run("rep", *commands)
        _, commands = order_commands((LAMP, 2), name="wanting", account=self.customer)
        self.run("rep", *commands)
        self.later(1)
        report = self.sync("rep", note="out of stock: refused with what builds on it, partial, backorder")[0]
        codes = [problem.code for problem in report.rejected.values() if problem]
        assert codes == ["out_of_stock", "dependency"] and len(report.accepted) == 2
        goods = {"warehouse_id": WAREHOUSE, "product_id": LAMP}
        self.run("manager", ("stock.receive", {**goods, "quantity": "5", "note": "补货"}))
        self.run("manager", ("stock.count", {**goods, "counted": "5", "expected": "6", "note": "盘点"}))
        self.later(1)
        self.sync("manager", note="a receipt and a count")
        self.sync("rep", note="the backorder is filled")
        self.run("rep", ("order.cancel", {"order_id": self.order}))
        self.later(1)
        self.sync("rep", note="a confirmed order is cancelled")
        for who, sku in (("admin", "TENT"), ("admin", "STOVE")):
            self.run(who, ("product.create", {"id": self.new_id(who), "values": {"sku": sku, "name": sku.title()}}))
        self.later(1)
        refused = self.sync("admin", note="a value that must be unique")[0].rejected
        assert [problem.code for problem in refused.values() if problem] == ["not_unique"]

    def half_time(self) -> None:
        """The rep's phone is full of work, some of it on its way, when it is copied."""
        self.patch("rep", ACCOUNT, address="文三路 1 号")
        order, commands = order_commands((TENT, 2), name="on its way", account=self.customer)
        self.run("rep", *commands)
        self.later(1)
        self.exchange("rep", lost=True, note="sent, the answer is lost")
        self.patch("manager", ACCOUNT, address="文三路 100 号", industry="户外")
        self.later(1)
        self.sync("manager")
        self.run("rep", ("order.cancel", {"order_id": order}))
        self.patch("rep", ACCOUNT, industry="零售")
        shop = self.new_id("rep")
        self.run("rep", ("account.create", {"id": shop, "values": {"name": "江边营地"}}))
        self.run("rep", ("contact.create", {"id": self.new_id("rep"), "values": {"account_id": shop, "name": "李"}}))
        _, commands = order_commands((LAMP, 9), name="late", account=shop, policy="reject")
        self.run("rep", *commands)
        self.run("rep", ("contact.delete", {"id": self.contact}))
        phone = self.phones["rep"]
        phone.close()
        write_packed(self.out / "device.db.gz", phone.path.read_bytes())
        shutil.copyfile(phone.path, self.work / "clone.db")
        phone.open()
        assert len(phone.store.outbox()) == 8
        pack_database(self.server_file, self.out / "server.db.gz", forget=("session",))

    def second_half(self) -> None:
        self.later(30)
        self.sync("rep", note=HALF_TIME, rows=9)
        assert not self.phones["rep"].store.outbox()
        seen = {
            entity.name: [codec.to_wire(entity, row) for row in self.phones["rep"].store.select(entity.name, "1")]
            for entity in all_entities_on_devices()
        }
        write_packed(self.out / "device_after.json.gz", codec.encode(seen))

    def ends(self) -> None:
        original = self.phones["rep"]
        original.close()
        copied = Phone(self.work / "clone.db", original.actor, seed=300, install_id=original.install_id)
        self.phones["rep"] = copied
        self.later(1)
        self.sync("rep", note="a copy of the device: fork, then the old words under new numbers")
        self.sync("manager", note="what the rep did")
        self.run("manager", ("account.assign", {"id": ACCOUNT, "owner_id": PEOPLE["colleague"]}))
        self.later(1)
        self.sync("manager", note="a customer gets another owner")
        self.sync("rep", note="its rows leave")
        self.sync("colleague", note="its rows arrive")
        self.poll("colleague", "nothing new")
        self.run("colleague", ("device.revoke", {"device_id": device_of(PEOPLE["colleague"])}))
        self.later(1)
        self.exchange("colleague", note="a device is revoked by its own last word")
        other = msgspec.json.decode(self.phones["manager"].engine.build_request())
        self.post("manager", msgspec.json.encode({**other, "dataset": "another"}), note="reset", lost=True)


def make_database(path: Path) -> str:
    """URL of a new, migrated, empty SQLite database."""
    url = f"sqlite:///{path}"

    async def migrated() -> None:
        database = Database.open(url)
        await migrate.upgrade(database)
        await database.close()

    asyncio.run(migrated())
    return url


def record(out: Path) -> None:
    """Writes all files of a recording into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        server_file = work / "server.db"
        with staged(make_database(server_file), work / "data") as stage:
            story = Story(stage, work, server_file, out)
            story.tell()
            story.close()
    lines = [msgspec.json.encode(exchanged) for exchanged in story.recorded]
    write_packed(out / "exchanges.jsonl.gz", b"\n".join(lines) + b"\n")
    shapes = inspect.getsource(protocol).replace("from shared.errors import Problem\n", inspect.getsource(Problem))
    assert "shared." not in shapes.partition("import msgspec")[2].replace("``shared.", ""), "shapes must stand alone"
    (out / "messages.py").write_text(shapes, encoding="utf-8")


if __name__ == "__main__":
    folder = FOLDER / sys.argv[1]
    folder.mkdir(parents=True)
    record(folder)
