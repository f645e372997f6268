"""``caravan backup`` and ``caravan restore`` as an operator meets them: real processes, real devices."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from shared.access import Actor
from shared.errors import CaravanError
from tests.server.cli.test_cli import caravan, serving
from tests.support.authority import device_of
from tests.support.company import COLLEAGUE, MANAGER, ORG, REP, TENT, Company, order_commands
from tests.support.devices import Phone
from tests.support.postgres import _binaries
from tests.support.served import settings_for
from tests.support.stage import PEOPLE, open_sessions

NAMES = {user_id: name for name, user_id in PEOPLE.items()}


class House:
    """One company's server and its people's phones."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.data = folder / "data"
        settings_for(database_url, self.data)
        self.tokens = asyncio.run(open_sessions(database_url, seed=True))
        self.company = Company()
        self.url = ""

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = f"{_binaries()}{os.pathsep}{os.environ['PATH']}"
        return caravan(self.data, *arguments, "--database-url", self.database_url, PATH=path)

    def phone(self, user_id: str) -> Phone:
        actor = self.company.actor(user_id)
        who = Actor(user_id, ORG, actor.role, actor.team_id, device_of(user_id), actor.discount_limit)
        return Phone(self.folder / f"{NAMES[user_id]}.db", who, seed=list(NAMES).index(user_id) + 1)

    def sync(self, phone: Phone) -> list[str]:
        """Exchanges over HTTP until there is no more; the statuses."""
        headers = {"content-type": "application/json", "x-caravan-client": "native"}
        headers["authorization"] = f"Bearer {self.tokens[NAMES[phone.actor.user_id]]}"
        statuses = []
        for _ in range(30):
            answer = httpx.post(
                f"{self.url}/v1/sync", content=phone.engine.build_request(), headers=headers, timeout=60
            )
            assert answer.status_code == 200, answer.text
            report = phone.engine.apply_response(answer.content)
            statuses.append(report.status)
            assert not report.rejected and not report.doubtful
            if not report.more:
                return statuses
        raise AssertionError("it does not end")


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> House:
    return House(tmp_path, database_url)


def order(phone: Phone, name: str) -> str:
    account = phone.engine.new_id()
    order_id, commands = order_commands((TENT, 1), name=name, account=account)
    phone.engine.run([("account.create", {"id": account, "values": {"name": name}}), *commands])
    return order_id


def numbers(phone: Phone) -> dict[str, str]:
    return {row["id"]: row["number"] for row in phone.store.select("order", "1")}


def test_backup_more_work_restore_devices_reconnect_nothing_lost_nothing_doubled_same_numbers(house: House) -> None:
    """The story of one bad night."""
    rep, colleague, manager = (house.phone(user_id) for user_id in (REP, COLLEAGUE, MANAGER))
    running: Callable[[], object] = lambda: serving(house.data, "--database-url", house.database_url)  # noqa: E731
    with running() as (house.url, _):  # type: ignore[attr-defined]
        for phone in (rep, colleague, manager):
            house.sync(phone)
        order(rep, "before")
        house.sync(rep)
        made = house.command("backup", "create")
        assert made.returncode == 0, made.stderr
        for name in ("second", "third"):
            order(rep, name)
            house.sync(rep)
        order(colleague, "theirs")
        house.sync(colleague)
        house.sync(manager)
        before = numbers(manager)
        assert len(before) == 4 and len(set(before.values())) == 4
        assert len(rep.store.sent()) == 2, "what the backup covers is not kept any more"
        backup = next(path for path in (house.data / "backups").iterdir() if path.suffix in (".db", ".dump"))
        refused = house.command("restore", str(backup))
        assert refused.returncode == 1 and "Stop it" in refused.stderr
    offline = order(rep, "while the server was away")
    rep.restart()
    restored = house.command("restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    with running() as (house.url, _):  # type: ignore[attr-defined]
        assert house.sync(rep)[0] == "restored"
        assert house.sync(colleague)[0] == "restored"
        assert house.sync(manager)[0] == "restored"
        after = numbers(manager)
        assert {row_id: after[row_id] for row_id in before} == before
        assert set(after) == {*before, offline} and after[offline].endswith("-020001")
        assert numbers(rep).items() <= after.items()
        level = manager.store.select("stock_level", "product_id = ?", (TENT,))[0]
        assert (level["on_hand"], level["reserved"]) == (5, 5)
        assert not any(phone.store.outbox() for phone in (rep, colleague, manager))
        assert not manager.store.select("conflict", "1") and house.sync(rep) == ["ok"]
    assert house.command("audit", "verify").returncode == 0
    assert str(backup) in house.command("backup", "list").stdout


def test_a_damaged_backup_is_refused_and_nothing_is_changed(house: House) -> None:
    target = house.folder / "copy"
    assert house.command("backup", "create", "--to", str(target)).returncode == 0
    assert house.command("backup", "verify", str(target)).returncode == 0
    again = house.command("backup", "create", "--to", str(target))
    assert again.returncode == 1 and "there already" in again.stderr
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    for command in ("verify", "restore"):
        words = ("backup", "verify") if command == "verify" else ("restore",)
        refused = house.command(*words, str(target))
        assert refused.returncode == 1 and "damaged" in refused.stderr
    assert house.command("audit", "verify").returncode == 0


def test_an_older_backup_than_the_newest_verified_one_must_be_insisted_on(house: House) -> None:
    first, second = house.folder / "first", house.folder / "second"
    for target in (first, second):
        assert house.command("backup", "create", "--to", str(target)).returncode == 0
    refused = house.command("restore", str(first))
    assert refused.returncode == 1 and str(second) in refused.stderr and "--older" in refused.stderr
    assert house.command("restore", str(first), "--older").returncode == 0


def test_without_the_databases_own_programs_one_sentence_says_so(
    postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.ops import copies

    monkeypatch.setattr(copies.shutil, "which", lambda _program: None)
    settings = settings_for(f"{postgres_server}/postgres", tmp_path)
    with pytest.raises(CaravanError, match="backup_program_missing"):
        asyncio.run(copies.dump(settings, tmp_path / "copy"))
