"""kill -9 at random points: of the server while it takes work, of devices while they make it."""

import random
from pathlib import Path

from tests.blackbox.ground import KILLS, Record, ground, pause


def test_a_killed_server_loses_nothing_and_doubles_nothing(
    database_url: str, tmp_path: Path, record_property: Record
) -> None:
    """Half of the kills on each database."""
    chance, kills = random.Random(1), KILLS // 4
    with ground(tmp_path, database_url) as at:
        at.begin("rep")
        at.begin("manager")
        for _ in range(kills):
            at.wait_for_exchanges(1)
            pause(chance)
            at.servers[0].kill()
            at.servers[0].start()
        at.drain()
        record_property("kills", kills)
        record_property("played", f"server kills={kills} {at.check()}")


def test_a_killed_device_keeps_every_confirmed_change_and_sends_it(
    database_url: str, tmp_path: Path, record_property: Record
) -> None:
    chance, kills = random.Random(2), KILLS // 4
    with ground(tmp_path, database_url) as at:
        at.begin("manager")
        at.begin("rep")
        for number in range(kills):
            who = ("rep", "manager")[number % 2]
            at.wait_for_exchanges(1)
            pause(chance, 0.2)
            at.kill_device(who)
            phone = at.phone(who)
            kept = {entry.tx_id for entry in phone.store.outbox()}
            kept |= {row["tx_id"] for row in phone.store.query("SELECT tx_id FROM sent_log")}
            phone.close()
            assert set(at.files(who).issued()) <= kept, "a confirmed change is gone"
            at.begin(who)
        at.drain()
        record_property("kills", kills)
        record_property("played", f"device kills={kills} {at.check()}")
