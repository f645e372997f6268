"""Stock leases at the real authority: who draws, when leases end, and what the devices and the database say."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.db.engine import Database, Tx
from server.ops import expiry
from server.ops.expiry import LeaseWatch, expire_leases
from shared.catalog import ENTITIES
from shared.codec import new_row
from shared.ids import derived_id, stock_level_id
from shared.rules.leases import LATE_MS
from sync.authority.ports import FlushError
from tests.support.authority import TestAuthority, Wire, device_of, make_authority
from tests.support.company import COLLEAGUE, LAMP, MANAGER, NOW, ORG, REP, STRANGER, TENT, WAREHOUSE, order_commands

pytestmark = pytest.mark.anyio
LEVEL = ("stock_level", stock_level_id(WAREHOUSE, TENT))
LEASE = derived_id("lease")
TABLET = derived_id("tablet")
UNTIL = NOW + 3_600_000


def grant(units: int = 3, *, holder: str = REP, product: str = TENT, lease: str = LEASE) -> tuple[str, dict[str, Any]]:
    what = {"warehouse_id": WAREHOUSE, "product_id": product, "quantity": str(units), "expires_at": UNTIL}
    return "lease.grant", {"id": lease, "holder_id": holder, "event_name": "广州展", **what}


def firm_order(units: int, firm: int, name: str, policy: str = "backorder") -> tuple[str, list[Any]]:
    order_id, commands = order_commands((TENT, units), name=name, policy=policy)
    draw = {"line_id": derived_id("line", name, 0), "lease_id": LEASE, "quantity": str(firm)}
    return order_id, [*commands[:-1], ("order.submit", {**commands[-1][1], "draws": [draw]})]


async def people(database: Database) -> tuple[TestAuthority, Wire, Wire]:
    """The rep holds a lease of three tents on the registered device."""
    authority = await make_authority(database)
    rep, manager = Wire(authority, REP), Wire(authority, MANAGER)
    assert (await manager.push(grant())).status == "accepted"
    assert (await rep.push(("lease.claim", {"lease_id": LEASE}))).status == "accepted"
    return authority, rep, manager


async def test_a_lease_travels_to_its_holder_and_the_holders_manager_only(database: Database) -> None:
    authority, rep, manager = await people(database)
    colleague, stranger = Wire(authority, COLLEAGUE), Wire(authority, STRANGER)
    for wire in (rep, manager, colleague, stranger):
        await wire.pull()
    assert ("stock_lease", LEASE) in rep.rows and ("stock_lease", LEASE) in manager.rows
    assert not colleague.all("stock_lease") and not stranger.all("stock_lease")
    assert manager.rows["stock_lease", LEASE]["device_name"] == f"phone {REP[:4]}"
    assert rep.rows[LEVEL]["reserved"] == "3"


async def test_leased_units_are_sold_exactly_once_whatever_the_network_repeats(database: Database) -> None:
    _authority, rep, _manager = await people(database)
    tx = rep.tx(*firm_order(2, 2, "a")[1])
    request = rep.request(rep.envelope(tx))
    await rep.lose(request)
    await rep.lose(request)
    response = await rep.send(rep.request(rep.envelope(tx, seq=rep.seq)))
    assert response.outcomes[0].status == "accepted"
    await rep.pull()
    lease, level = rep.rows["stock_lease", LEASE], rep.rows[LEVEL]
    assert (lease["drawn"], level["reserved"]) == ("2", "3")


async def test_another_device_of_the_holder_draws_nothing(database: Database) -> None:
    authority, rep, _manager = await people(database)
    tablet = Wire(authority, REP, seed=9)
    tablet.caller = type(tablet.caller)(REP, tablet.caller.org_id, "")
    order_id, commands = firm_order(2, 2, "tablet")
    assert (await tablet.push(*commands)).status == "accepted"
    await rep.pull()
    (line,) = [row for row in rep.all("order_line") if row["order_id"] == order_id]
    assert (line["leased"], line["reserved"], rep.rows["stock_lease", LEASE]["drawn"]) == ("0", "2", "0")


async def test_a_late_order_after_a_reclaim_is_a_backorder_and_its_author_is_told(database: Database) -> None:
    _authority, rep, manager = await people(database)
    await manager.push(("lease.reclaim", {"lease_id": LEASE}))
    await manager.push(*order_commands((TENT, 5), name="others")[1])
    order_id, commands = firm_order(3, 3, "late")
    outcome = await rep.push(*commands)
    assert outcome.status == "accepted" and len(outcome.conflicts) == 1
    await rep.pull()
    codes = {row["row_id"]: row["code"] for row in rep.all("conflict")}
    assert codes == {LEASE: "lease_taken_back", order_id: "lease_reclaimed"}
    (line,) = [row for row in rep.all("order_line") if row["order_id"] == order_id]
    assert (line["backordered"], line["leased"]) == ("3", "0")


async def test_leases_end_by_the_servers_clock_and_the_waiting_get_the_units(database: Database) -> None:
    authority, rep, manager = await people(database)
    await manager.push(*order_commands((TENT, 4), name="waits")[1])
    authority.clock.value = UNTIL + LATE_MS - 10_000
    assert await expire_leases(authority) == 0
    order_id, commands = firm_order(1, 1, "in time")
    await rep.push(*commands, at=UNTIL - 1)
    authority.clock.value = UNTIL + LATE_MS
    assert await expire_leases(authority) == 1
    assert await expire_leases(authority) == 0
    for wire in (rep, manager):
        await wire.pull()
    lease, level = rep.rows["stock_lease", LEASE], rep.rows[LEVEL]
    assert (lease["state"], lease["drawn"], lease["returned"], lease["held_on"]) == ("expired", "1", "2", None)
    assert (level["reserved"], level["backordered"]) == ("5", "0")
    (line,) = [row for row in rep.all("order_line") if row["order_id"] == order_id]
    assert (line["leased"], line["state"]) == ("1", "reserved")


async def test_a_lease_that_nobody_granted_ends_too(database: Database) -> None:
    authority, rep, _manager = await people(database)
    granted = tables.table("stock_lease")
    await database.run_tx(lambda tx: tx.execute(update(granted).where(granted.c.id == LEASE).values(created_by=None)))
    authority.clock.value = UNTIL + LATE_MS
    assert await expire_leases(authority) == 1
    await rep.pull()
    lease = rep.rows["stock_lease", LEASE]
    assert (lease["state"], lease["updated_by"]) == ("expired", None)


async def test_the_watch_outlives_a_lease_that_cannot_be_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = await make_authority(database)
    looked = asyncio.Event()

    async def fails(_authority: Any) -> int:
        looked.set()
        raise FlushError("a value that the database does not take")

    monkeypatch.setattr(expiry, "expire_leases", fails)
    watch = LeaseWatch(authority)
    watch.start()
    await looked.wait()
    await asyncio.sleep(0)
    await watch.stop()


async def test_a_lease_extended_at_the_last_moment_does_not_end(database: Database) -> None:
    authority, rep, manager = await people(database)
    authority.clock.value = UNTIL + LATE_MS - 5_000
    await manager.push(("lease.extend", {"lease_id": LEASE, "expires_at": UNTIL + 2 * LATE_MS}))
    authority.clock.value = UNTIL + LATE_MS
    assert await expire_leases(authority) == 0
    await rep.pull()
    assert rep.rows["stock_lease", LEASE]["state"] == "active"


async def test_two_watches_at_once_end_a_lease_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, rep, _manager = await people(database)
    monkeypatch.setattr(expiry, "EVERY_S", 0.01)
    authority.clock.value = UNTIL + LATE_MS
    watches = [LeaseWatch(authority), LeaseWatch(authority)]
    for watch in watches:
        watch.start()
    for _ in range(200):
        await rep.pull()
        if rep.rows["stock_lease", LEASE]["state"] == "expired":
            break
        await asyncio.sleep(0.01)
    for watch in watches:
        await watch.stop()

    async def ended(tx: Tx) -> int:
        log = tables.tx_log.c
        return len((await tx.execute(select(log.n).where(log.commands == "lease.expire"))).all())

    assert await database.read(ended) == 1
    assert rep.rows[LEVEL]["reserved"] == "0"


async def test_the_database_itself_refuses_to_draw_too_much(database: Database) -> None:
    await people(database)
    lease = tables.table("stock_lease")

    async def overdraw(tx: Tx) -> None:
        await tx.execute(update(lease).values(drawn=40_000))

    with pytest.raises(Exception, match="ck_e_stock_lease_left"):
        await database.run_tx(overdraw)


async def test_of_two_managers_who_lease_the_last_units_one_is_refused(database: Database) -> None:
    authority = await make_authority(database)
    first, second = Wire(authority, MANAGER, seed=1), Wire(authority, MANAGER, seed=2)
    outcomes = await asyncio.gather(
        first.push(grant(1, product=LAMP)), second.push(grant(1, product=LAMP, holder=COLLEAGUE, lease=first.new_id()))
    )
    assert sorted(outcome.status for outcome in outcomes) == ["accepted", "rejected"]
    refused = next(outcome for outcome in outcomes if outcome.problem)
    assert refused.problem is not None and refused.problem.code == "lease_too_many"


def on_tablet(authority: TestAuthority) -> Wire:
    """Another registered device of the rep's."""
    tablet = Wire(authority, REP, seed=9)
    tablet.caller = type(tablet.caller)(REP, tablet.caller.org_id, TABLET)
    return tablet


async def register_tablet(authority: TestAuthority) -> None:
    values = {"id": TABLET, "org_id": ORG, "owner_id": REP, "name": "tablet", "created_at": NOW, "updated_at": NOW}
    await authority.write_rows(ORG, [("device", new_row(ENTITIES["device"], values))], name="device.register")


async def test_a_lease_goes_to_another_device_when_its_device_lets_go_of_it(database: Database) -> None:
    authority, rep, _manager = await people(database)
    await register_tablet(authority)
    tablet = on_tablet(authority)
    refused = await tablet.push(("lease.claim", {"lease_id": LEASE}))
    assert refused.problem is not None and refused.problem.code == "lease_elsewhere"
    refused = await tablet.push(("lease.release", {"lease_id": LEASE}))
    assert refused.problem is not None and refused.problem.code == "lease_elsewhere"
    assert (await rep.push(*firm_order(1, 1, "before")[1])).status == "accepted"
    assert (await rep.push(("lease.release", {"lease_id": LEASE}))).status == "accepted"
    await rep.pull()
    lease = rep.rows["stock_lease", LEASE]
    assert (lease["state"], lease["device_id"], lease["drawn"]) == ("offered", None, "1")
    assert rep.rows[LEVEL]["reserved"] == "3", "its units stay set aside"
    order_id, commands = firm_order(1, 1, "after")
    assert (await rep.push(*commands)).status == "accepted"
    await rep.pull()
    (line,) = [row for row in rep.all("order_line") if row["order_id"] == order_id]
    assert line["leased"] == "0", "the device that let go draws nothing more"
    assert (await tablet.push(("lease.claim", {"lease_id": LEASE}))).status == "accepted"
    assert (await tablet.push(*firm_order(2, 2, "tablet")[1])).status == "accepted"
    await tablet.pull()
    lease = tablet.rows["stock_lease", LEASE]
    assert (lease["state"], lease["device_name"], lease["drawn"]) == ("active", "tablet", "3")


@pytest.mark.parametrize("taken", ["back", "to the tablet"])
async def test_a_lease_of_a_revoked_device_is_seen_taken_back_or_taken_to_another_device(
    database: Database, taken: str
) -> None:
    authority, _rep, manager = await people(database)
    await register_tablet(authority)
    tablet = on_tablet(authority)
    assert (await tablet.push(("device.revoke", {"device_id": device_of(REP)}))).status == "accepted"
    await manager.pull()
    assert manager.rows["stock_lease", LEASE]["device_gone_at"] is not None
    if taken == "back":
        assert (await manager.push(("lease.reclaim", {"lease_id": LEASE}))).status == "accepted"
        await manager.pull()
        assert (manager.rows["stock_lease", LEASE]["state"], manager.rows[LEVEL]["reserved"]) == ("reclaimed", "0")
        return
    assert (await tablet.push(("lease.claim", {"lease_id": LEASE}))).status == "accepted"
    assert (await tablet.push(*firm_order(3, 3, "tablet")[1])).status == "accepted"
    await tablet.pull()
    lease = tablet.rows["stock_lease", LEASE]
    assert (lease["device_name"], lease["device_gone_at"], lease["drawn"]) == ("tablet", None, "3")
