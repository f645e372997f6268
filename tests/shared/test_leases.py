"""Stock leases at both sides: who may do what, where the units are, and what late orders find."""

from decimal import Decimal
from typing import Any

import pytest

from shared.access import Actor
from shared.codec import Row
from shared.commands import leases
from shared.commands.work import Work
from shared.errors import CaravanError
from shared.ids import derived_id
from shared.rules.leases import LATE_MS, due_at, is_firm, left
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    MANAGER,
    NOW,
    REP,
    STRANGER,
    TENT,
    WAREHOUSE,
    Company,
    order_commands,
)  # fmt: skip

LEASE = derived_id("lease")
UNTIL = NOW + 3 * 86_400_000
PHONE, TABLET = derived_id("phone"), derived_id("tablet")
Commands = tuple[str, dict[str, Any]]


class Show(Company):
    """The small company, where everybody works on a device: the phone, unless ``on`` says otherwise."""

    on = PHONE

    def actor(self, user_id: str = REP) -> Actor:
        known = super().actor(user_id)
        return Actor(user_id, known.org_id, known.role, known.team_id, self.on, known.discount_limit)

    @property
    def lease(self) -> Row:
        return self.rows["stock_lease", LEASE]

    def adds_up(self) -> None:
        """What is reserved is in reservations or left in live leases, and nothing is promised twice."""
        for level in self.all("stock_level"):
            claims = [r["reserved"] for r in self.all("reservation") if r["stock_level_id"] == level["id"]]
            live = [left(lease) for lease in self.all("stock_lease") if lease["held_on"] == level["id"]]
            assert sum(claims, Decimal(0)) + sum(live, Decimal(0)) == level["reserved"] <= level["on_hand"]
        for lease in self.all("stock_lease"):
            assert lease["drawn"] >= 0 and left(lease) >= 0


def grant(units: int = 3, product: str = TENT, *, to: str = REP, lease: str = LEASE, until: int = UNTIL) -> Commands:
    args = {"id": lease, "holder_id": to, "warehouse_id": WAREHOUSE, "product_id": product, "quantity": str(units)}
    return "lease.grant", {**args, "expires_at": until, "event_name": "广州展"}


def on_lease(action: str, **args: Any) -> Commands:
    return f"lease.{action}", {"lease_id": LEASE, **args}


def firm_order(units: int, firm: int, name: str = "firm", policy: str = "backorder") -> tuple[str, list[Commands]]:
    """An order of tents of which the device showed ``firm`` units as firm."""
    order_id, commands = order_commands((TENT, units), name=name, policy=policy)
    draw = {"line_id": derived_id("line", name, 0), "lease_id": LEASE, "quantity": str(firm)}
    return order_id, [*commands[:-1], ("order.submit", {**commands[-1][1], "draws": [draw]})]


def line_of(company: Company, order_id: str) -> Row:
    return company.children("order_line", "order_id", order_id)[0]


def show(units: int = 3, *, authority: bool = True) -> Show:
    """The rep's phone holds a lease of tents."""
    company = Show()
    company.run(grant(units), by=MANAGER)
    company.run(on_lease("claim"))
    company.authority = authority
    return company


def refused(company: Company, *commands: Commands, by: str = REP) -> str:
    before = dict(company.rows)
    with pytest.raises(CaravanError) as caught:
        company.run(*commands, by=by)
    assert company.rows == before
    return caught.value.code


def test_a_grant_reserves_at_once_and_is_on_no_device_yet() -> None:
    company = Show()
    company.run(grant(3), by=MANAGER)
    lease = company.lease
    assert (lease["owner_id"], lease["state"], lease["device_id"], left(lease)) == (REP, "offered", None, 3)
    assert company.level(TENT)["reserved"] == 3
    company.adds_up()
    _, commands = firm_order(1, 1)
    company.run(*commands)
    assert left(company.lease) == 3, "nobody draws on it before a device has it"


def test_no_more_is_granted_than_is_free() -> None:
    company = Show()
    company.run(*order_commands((TENT, 3))[1])
    assert refused(company, grant(3), by=MANAGER) == "lease_too_many"
    company.run(grant(2), by=MANAGER)
    assert refused(
        company, ("lease.extend", {"lease_id": LEASE, "expires_at": UNTIL, "quantity": "1"}), by=MANAGER
    ) == ("lease_too_many")
    company.adds_up()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"quantity": "0"}, "too_small"),
        ({"quantity": "many"}, "invalid_number"),
        ({"expires_at": NOW}, "lease_end"),
        ({"expires_at": NOW + 500 * 86_400_000}, "lease_end"),
        ({"event_name": "x" * 121}, "too_long"),
        ({"event_name": " "}, "required"),
        ({"holder_id": derived_id("nobody")}, "not_found"),
        ({"holder_id": STRANGER}, "lease_other_team"),
        ({"product_id": derived_id("nothing")}, "not_found"),
    ],
)
def test_what_a_grant_may_not_say(changed: dict[str, Any], code: str) -> None:
    name, args = grant()
    assert refused(Show(), (name, {**args, **changed}), by=MANAGER) == code


def test_managers_grant_in_their_team_admins_everywhere_reps_nowhere() -> None:
    company = Show()
    assert refused(company, grant()) == "role_not_allowed"
    company.run(grant(1, to=STRANGER), by=ADMIN)
    assert refused(company, on_lease("reclaim"), by=MANAGER) == "not_found"
    assert refused(company, on_lease("claim")) == "not_found", "another person's lease is not there"
    company.rows["user", COLLEAGUE]["active"] = False
    assert refused(company, grant(1, to=COLLEAGUE, lease=derived_id("other")), by=MANAGER) == "lease_holder_inactive"


def test_one_live_lease_for_each_person_and_product() -> None:
    company = show()
    assert refused(company, grant(1, lease=derived_id("second")), by=MANAGER) == "lease_exists"
    company.run(grant(1, lease=derived_id("second"), to=COLLEAGUE), by=MANAGER)
    company.run(on_lease("return"))
    company.run(grant(1, lease=derived_id("third")), by=MANAGER)
    company.adds_up()


def test_the_first_device_that_claims_a_lease_has_it() -> None:
    company = show()
    assert (company.lease["state"], company.lease["device_id"]) == ("active", PHONE)
    company.run(on_lease("claim"))
    company.on = TABLET
    assert refused(company, on_lease("claim")) == "lease_elsewhere"
    assert refused(company, on_lease("return")) == "lease_elsewhere"
    _, commands = firm_order(2, 2)
    company.run(*commands)
    assert company.lease["drawn"] == 0, "the other device of the same person draws nothing"
    company.adds_up()


def test_a_claim_is_no_promise_before_the_server_has_answered() -> None:
    company = Show()
    company.run(grant(3), by=MANAGER)
    company.authority = False
    company.run(on_lease("claim"))
    assert (company.lease["state"], company.lease["device_id"]) == ("claiming", None)
    order_id, commands = firm_order(2, 2)
    company.run(*commands)
    assert (line_of(company, order_id)["leased"], company.lease["drawn"]) == (0, 0)
    company.on = ""
    company.authority = True
    company.rows["stock_lease", LEASE]["state"] = "offered"
    assert refused(company, on_lease("claim")) == "lease_needs_device"


@pytest.mark.parametrize("authority", [False, True])
def test_an_order_on_a_lease_is_firm_and_the_rest_is_taken_from_the_free_stock(authority: bool) -> None:
    company = show(3, authority=authority)
    order_id, commands = firm_order(4, 3)
    company.run(*commands)
    line = line_of(company, order_id)
    assert (line["leased"], line["lease_id"], line["reserved"]) == (3, LEASE, 4)
    assert left(company.lease) == 0
    assert company.level(TENT)["reserved"] == 4, "three were reserved already"
    assert company.rows["order", order_id]["state"] == ("confirmed" if authority else "pending")
    if authority:
        company.adds_up()


@pytest.mark.parametrize("authority", [False, True])
def test_leased_units_are_firm_when_all_others_are_sold(authority: bool) -> None:
    company = show(3)
    company.run(*order_commands((TENT, 9), name="others")[1], by=MANAGER)
    company.authority = authority
    order_id, commands = firm_order(3, 3, policy="reject")
    company.run(*commands)
    assert (line_of(company, order_id)["leased"], left(company.lease)) == (3, 0)


def test_no_draw_takes_more_than_the_line_the_claim_or_the_lease() -> None:
    company = show(3)
    first, commands = firm_order(1, 9, name="a")
    company.run(*commands)
    second, commands = firm_order(4, 4, name="b")
    company.run(*commands)
    assert (line_of(company, first)["leased"], line_of(company, second)["leased"]) == (1, 2)
    assert line_of(company, second)["reserved"] == 4 and not company.all("conflict")
    third, commands = firm_order(2, 2, name="c")
    company.run(*commands)
    (notice,) = company.all("conflict")
    assert (notice["code"], notice["row_id"], notice["params"]["lines"][0]["short"]) == ("lease_short", third, "2")
    company.adds_up()


@pytest.mark.parametrize("authority", [False, True])
def test_cancelling_returns_the_units_to_the_lease_while_it_is_active(authority: bool) -> None:
    company = show(3, authority=authority)
    order_id, commands = firm_order(4, 3)
    company.run(*commands)
    company.run(("order.cancel", {"order_id": order_id}))
    assert (left(company.lease), company.level(TENT)["reserved"]) == (3, 3)
    assert line_of(company, order_id)["leased"] == 0
    company.adds_up()


def test_cancelling_after_the_lease_is_over_returns_the_units_to_the_stock() -> None:
    company = show(3)
    order_id, commands = firm_order(3, 3)
    company.run(*commands)
    company.run(on_lease("return"))
    company.run(("order.cancel", {"order_id": order_id}))
    assert company.level(TENT)["reserved"] == 0
    assert (company.lease["state"], company.lease["drawn"]) == ("returned", 3)
    company.adds_up()


def test_returning_frees_what_is_left_for_those_who_wait() -> None:
    company = show(3)
    company.run(*order_commands((TENT, 4), name="waits")[1], by=MANAGER)
    assert company.level(TENT)["backordered"] == 2
    company.run(*firm_order(1, 1)[1])
    company.run(on_lease("return"))
    assert company.level(TENT)["backordered"] == 0
    assert (company.lease["drawn"], company.lease["returned"], company.lease["held_on"]) == (1, 2, None)
    assert refused(company, on_lease("return")) == "lease_over"
    company.adds_up()


def test_a_reclaimed_lease_turns_late_orders_into_backorders_and_the_inbox_says_why() -> None:
    company = show(3)
    company.run(on_lease("reclaim"), by=MANAGER)
    (told,) = company.all("conflict")
    assert (told["owner_id"], told["kind"], told["code"], told["params"]["units"]) == (
        REP, "lease", "lease_taken_back", "3",
    )  # fmt: skip
    company.run(*order_commands((TENT, 4), name="others")[1], by=MANAGER)
    order_id, commands = firm_order(3, 3)
    company.run(*commands)
    line = line_of(company, order_id)
    assert (line["state"], line["reserved"], line["backordered"], line["leased"]) == ("partial", 1, 2, 0)
    notice = next(row for row in company.all("conflict") if row["row_id"] == order_id)
    assert (notice["owner_id"], notice["code"], notice["params"]["event"]) == (REP, "lease_reclaimed", "广州展")
    company.run(("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": "1"}), by=MANAGER)
    notice = next(row for row in company.all("conflict") if row["row_id"] == order_id)
    assert (notice["code"], notice["params"]["lines"][0]["short"]) == ("lease_reclaimed", "1"), "the reason stays"
    company.run(("stock.receive", {"warehouse_id": WAREHOUSE, "product_id": TENT, "quantity": "1"}), by=MANAGER)
    assert next(row for row in company.all("conflict") if row["row_id"] == order_id)["state"] == "resolved"
    company.adds_up()


def test_a_late_order_whose_policy_is_reject_is_returned_with_the_reason() -> None:
    company = show(3)
    company.run(on_lease("reclaim"), by=MANAGER)
    company.run(*order_commands((TENT, 5), name="others")[1], by=MANAGER)
    with pytest.raises(CaravanError) as caught:
        company.run(*firm_order(3, 3, policy="reject")[1])
    assert (caught.value.code, caught.value.params["lease"]) == ("out_of_stock", "lease_reclaimed")


def test_a_late_order_that_the_free_stock_can_serve_is_served() -> None:
    company = show(3)
    company.run(on_lease("reclaim"), by=MANAGER)
    order_id, commands = firm_order(3, 3)
    company.run(*commands)
    assert line_of(company, order_id)["state"] == "reserved"
    assert {row["row_id"] for row in company.all("conflict")} == {LEASE}


def expire(company: Show, at: int) -> bool:
    actor = company.actor(MANAGER)
    work = Work(company, actor, authority=True, tx_id=derived_id("expire", at), now_ms=at)
    done = leases.expire(work, LEASE)
    company.rows.update(work.written)
    return done


def test_the_server_keeps_the_units_a_day_longer_for_orders_made_in_time() -> None:
    company = show(3)
    assert is_firm(company.lease, PHONE, UNTIL - 1) and not is_firm(company.lease, PHONE, UNTIL)
    assert not is_firm(company.lease, TABLET, NOW) and not is_firm(company.lease, None, NOW)
    assert not expire(company, UNTIL + LATE_MS - 1)
    order_id, commands = firm_order(2, 2)
    company.run(*commands, at=UNTIL + 1_000)
    assert line_of(company, order_id)["leased"] == 2, "a slow clock costs nobody anything while the units are there"
    assert expire(company, UNTIL + LATE_MS) and not expire(company, UNTIL + LATE_MS)
    assert (company.lease["state"], company.lease["returned"], company.level(TENT)["reserved"]) == ("expired", 1, 2)
    company.adds_up()


def test_an_offered_lease_ends_on_time_because_no_device_can_have_drawn() -> None:
    company = Show()
    company.run(grant(3), by=MANAGER)
    assert due_at(company.lease) == UNTIL
    assert expire(company, UNTIL)
    company.adds_up()


def test_leases_that_are_due_end_when_their_stock_is_touched() -> None:
    company = show(3)
    company.run(
        grant(5, to=COLLEAGUE, lease=derived_id("next"), until=UNTIL + 9 * 86_400_000), by=MANAGER, at=UNTIL + LATE_MS
    )
    assert company.lease["state"] == "expired"
    company.adds_up()


def test_extending_makes_it_longer_or_larger_never_shorter() -> None:
    company = show(2)
    assert refused(company, on_lease("extend", expires_at=UNTIL - 1), by=MANAGER) == "lease_only_longer"
    assert refused(company, on_lease("extend", expires_at=UNTIL, quantity="-1"), by=MANAGER) == "lease_only_longer"
    assert refused(company, on_lease("extend", expires_at=UNTIL + 1)) == "role_not_allowed"
    company.run(on_lease("extend", expires_at=UNTIL + 5, quantity="2"), by=MANAGER)
    assert (company.lease["expires_at"], left(company.lease), company.level(TENT)["reserved"]) == (UNTIL + 5, 4, 4)
    company.run(on_lease("reclaim"), by=MANAGER)
    assert refused(company, on_lease("extend", expires_at=UNTIL + 9), by=MANAGER) == "lease_over"
    company.adds_up()


def count(found: int, expected: int) -> Commands:
    args = {"warehouse_id": WAREHOUSE, "product_id": TENT, "counted": str(found), "expected": str(expected)}
    return "stock.count", args


def test_a_loss_takes_plain_reservations_then_unsold_leases_then_firm_units() -> None:
    company = show(3)
    firm, commands = firm_order(2, 2, name="firm")
    company.run(*commands)
    plain, commands = order_commands((TENT, 2), name="plain", account=ACCOUNT)
    company.run(*commands)
    company.run(count(3, 5), by=MANAGER)
    assert (line_of(company, plain)["reserved"], left(company.lease), line_of(company, firm)["leased"]) == (0, 1, 2)
    company.run(count(2, 3), by=MANAGER)
    assert (left(company.lease), line_of(company, firm)["leased"]) == (0, 2)
    told = next(row for row in company.all("conflict") if row["kind"] == "lease")
    assert (told["owner_id"], told["code"], told["params"]["units"]) == (REP, "lease_lost", "1")
    company.run(count(1, 2), by=MANAGER)
    line = line_of(company, firm)
    assert (line["reserved"], line["backordered"], line["leased"]) == (1, 1, 1)
    company.adds_up()
    company.run(("order.cancel", {"order_id": firm}))
    company.adds_up()
    assert company.lease["drawn"] == 1
