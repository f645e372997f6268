"""A device in a process of its own: the real engine on a real file, the native app's transport, the real clock."""

import asyncio
import contextlib
import os
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from mobile.platform.common import SystemClock, SystemEntropy
from mobile.platform.native import HttpxTransport
from mobile.state.sync_transport import SyncTransport
from shared.access import Actor
from shared.errors import CaravanError
from shared.ids import uuid7
from sync.device.engine import DeviceEngine
from sync.ports import TransportError
from tests.support.authority import device_of
from tests.support.company import ACCOUNT, TENT, WAREHOUSE, Company, order_commands
from tests.support.devices import open_store

WAITING_MAX = 24
"""Unsent transactions at which a device stops making more."""
PAUSE_S = 0.01


class Files:
    """What stays of a device when its process is gone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.database = folder / "app.db"
        self.install = folder / "install"
        self.confirmed = folder / "confirmed"
        """Ids of transactions whose local commit has returned, one a line."""
        self.exchanges = folder / "exchanges"
        """A dot for each applied answer."""
        self.errors = folder / "errors"

    def keep_install(self, install_id: str) -> None:
        fresh = self.install.with_suffix(".new")
        fresh.write_text(install_id)
        fresh.replace(self.install)

    def install_id(self) -> str:
        if not self.install.exists():
            self.keep_install(uuid7(SystemClock().now_ms(), SystemEntropy().random_bytes(10)))
        return self.install.read_text()

    def issued(self) -> list[str]:
        return self.confirmed.read_text().split() if self.confirmed.exists() else []


def actor_of(user_id: str) -> Actor:
    """The user of the small company on the registered device."""
    return msgspec.structs.replace(Company().actor(user_id), device_id=device_of(user_id))


def engine_on(files: Files, user_id: str) -> DeviceEngine:
    who = actor_of(user_id)
    return DeviceEngine(
        open_store(files.database), SystemClock(), SystemEntropy(), lambda: who, files.install_id(), "0.1.0",
        on_install=files.keep_install, device_name="phone",
    )  # fmt: skip


def run(folder: Path, user_id: str, urls: list[str], token: str, seed: int) -> None:
    """Works and exchanges until the file ``drain`` lies in the folder above; then only until all is sent.

    ``urls``: servers, another one at each request.
    """
    asyncio.run(_run(folder, user_id, urls, token, random.Random(seed)))


async def _run(folder: Path, user_id: str, urls: list[str], token: str, chance: random.Random) -> None:
    files = Files(folder)
    engine = engine_on(files, user_id)
    transports = [_transport(url, token) for url in urls]
    drain = folder.parent / "drain"
    while True:
        draining = drain.exists()
        if not draining and len(engine.store.outbox()) < WAITING_MAX:
            _work(engine, files, chance)
        if draining or chance.random() < 0.5:
            even = await _exchange(engine, files, chance.choice(transports))
            if draining and even and not engine.store.outbox():
                break
        await asyncio.sleep(PAUSE_S * chance.random())
    engine.store.connection.close()
    (folder / "drained").touch()


def _transport(url: str, token: str) -> SyncTransport:
    async def renew() -> None:
        raise AssertionError("the session is good for ever")

    platform: Any = SimpleNamespace(kind="native", transport=HttpxTransport(url))
    return SyncTransport(platform, lambda: token, renew, lambda: "en")


def _work(engine: DeviceEngine, files: Files, chance: random.Random) -> None:
    with contextlib.suppress(CaravanError):  # what the rules refuse did not happen
        _append(files.confirmed, engine.run(_commands(engine, chance)) + "\n")


def _commands(engine: DeviceEngine, chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    kind = chance.random()
    if engine.actor().role == "manager" and kind < 0.5:
        goods = {"warehouse_id": WAREHOUSE, "product_id": TENT}
        return [("stock.receive", {**goods, "quantity": "1"})]
    if kind < 0.7:
        values = {"name": f"客户 {chance.random()}", "city": "杭州"}
        return [("account.create", {"id": engine.new_id(), "values": values})]
    if kind < 0.85:
        row = engine.store.get("account", ACCOUNT) or {}
        city = chance.choice(["杭州", "广州", "宁波"])
        return [("account.patch", {"id": ACCOUNT, "base": {"city": row.get("city", "")}, "values": {"city": city}})]
    return order_commands((TENT, 1), name=engine.new_id())[1]


async def _exchange(engine: DeviceEngine, files: Files, transport: SyncTransport) -> bool:
    """One exchange, whatever comes of it; True when there is no more."""
    try:
        body = await transport.exchange(engine.build_request())
        report = engine.apply_response(body)
    except TransportError as error:
        _append(files.errors, f"{error}\n")
        await asyncio.sleep(5 * PAUSE_S)
        return False
    except CaravanError as error:
        _append(files.errors, f"{error.code}\n")
        engine.exchange_refused(error)
        if engine.stopped:
            engine.resume()
        await asyncio.sleep(5 * PAUSE_S)
        return False
    _append(files.exchanges, ".")
    return report.status == "ok" and not report.more


def _append(path: Path, text: str) -> None:
    """Without a buffer: what was written outlasts the process."""
    opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(opened, text.encode())
    finally:
        os.close(opened)
