"""A lease on the device: what it promises offline, and what its clock has to do with it."""

from decimal import Decimal

import pytest

from mobile.state import basket as baskets
from mobile.store.queries import leases
from shared.protocol import decode_transaction
from shared.rules.leases import LATE_MS
from tests.support.authority import TestAuthority
from tests.support.company import ACCOUNT, MANAGER, TENT, WAREHOUSE, order_commands
from tests.support.devices import Phone, sync
from tests.sync.device.conftest import MakePhone

pytestmark = pytest.mark.anyio


async def lent(authority: TestAuthority, make_phone: MakePhone, units: int = 3) -> tuple[Phone, str]:
    """The rep's phone with a lease of tents, and the lease's id."""
    rep, manager = make_phone(), make_phone(MANAGER)
    await sync(authority, manager)
    lease = manager.engine.new_id()
    what = {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": str(units), "event_name": "展"}
    until = manager.clock.now_ms() + 3_600_000
    manager.engine.run([("lease.grant", {"id": lease, "holder_id": rep.actor.user_id, "expires_at": until, **what})])
    await sync(authority, manager)
    await sync(authority, rep)
    rep.engine.run([("lease.claim", {"lease_id": lease})])
    await sync(authority, rep)
    return rep, lease


def promised(phone: Phone) -> dict[str, leases.Firm]:
    return leases.firm(phone.store, phone.actor.device_id, WAREHOUSE, phone.engine.server_now_ms)


def submit(phone: Phone, units: int, name: str) -> str:
    """An order of tents with what the phone may promise, as the app sends it; the line's id."""
    _, commands = order_commands((TENT, units), name=name, account=ACCOUNT)
    line = {"id": commands[1][1]["id"], "product_id": TENT, "quantity": Decimal(units)}
    commands[-1][1]["draws"] = baskets.draws_of([line], promised(phone))
    phone.engine.run(commands)
    return str(line["id"])


async def test_orders_on_one_lease_do_not_depend_on_each_other(authority: TestAuthority, make_phone: MakePhone) -> None:
    rep, _ = await lent(authority, make_phone)
    submit(rep, 1, "a")
    submit(rep, 1, "b")
    assert [decode_transaction(entry.payload).after for entry in rep.store.outbox()] == [[], []]
    assert promised(rep)[TENT].units == 1


async def test_a_device_past_the_end_promises_nothing_and_the_server_still_honours_what_was(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    rep, lease = await lent(authority, make_phone)
    line = submit(rep, 2, "in time")
    rep.clock.value += 3_600_000
    assert promised(rep) == {}
    late = submit(rep, 1, "after the end")
    authority.clock.value += LATE_MS - 3_600_000
    await sync(authority, rep)
    rows = {row["id"]: row["leased"] for row in rep.store.select("order_line")}
    assert (rows[line], rows[late]) == (2, 0)
    assert rep.store.get("stock_lease", lease)["drawn"] == 2  # type: ignore[index]


async def test_the_servers_clock_is_told_from_the_skew_and_never_before_the_last_exchange(
    authority: TestAuthority, make_phone: MakePhone
) -> None:
    rep, _ = await lent(authority, make_phone)
    assert abs(rep.engine.server_now_ms - authority.clock.value) < 1_000
    rep.clock.value -= 86_400_000
    await sync(authority, rep)
    assert abs(rep.engine.server_now_ms - authority.clock.value) < 1_000, "a clock a day behind is corrected"
    authority.clock.value += 7_200_000
    await sync(authority, rep)
    assert promised(rep) == {}, "over by the server's clock, whatever the device's says"
    told = rep.engine.server_now_ms
    rep.clock.value -= 7 * 86_400_000
    assert told - 1_000 <= rep.engine.server_now_ms, "put back after the exchange: at least as late as then"
