from decimal import Decimal

import pytest

from shared.errors import CaravanError
from shared.ids import derived_id
from shared.labels import problem_words
from shared.rules.deals import days_between, missing_fields, odds
from tests.support.company import (
    ACCOUNT,
    ADMIN,
    COLLEAGUE,
    MANAGER,
    NOW,
    REP,
    STRANGER,
    TEAM,
    TENT,
    Company,
    order_commands,
)
from tests.support.deals import (
    CONTACTED,
    DEAL,
    LOST,
    QUOTED,
    TALKING,
    TOO_DEAR,
    WON,
    cancelled,
    lost,
    moved,
    opened,
    reopened,
    with_stages,
    won,
)

DAY = 86_400_000
OTHER = derived_id("another account")


@pytest.fixture
def company() -> Company:
    made = with_stages(Company())
    made.add("account", OTHER, name="驼铃", owner_id=REP, team_id=TEAM, created_by=REP)
    return made


def refused(company: Company, *commands: tuple[str, dict], by: str = REP) -> CaravanError:
    with pytest.raises(CaravanError) as caught:
        company.run(*commands, by=by)
    return caught.value


def deal(company: Company) -> dict:
    return company.rows["opportunity", DEAL]


def history(company: Company) -> list[dict]:
    return sorted(company.all("stage_change"), key=lambda row: (row["at"], row["id"]))


def patched(**values: object) -> tuple[str, dict]:
    base = {"amount": "0", "probability": None, "expected_close": None, "note": "", "title": "", "contact_id": None}
    return "opportunity.patch", {"id": DEAL, "base": {name: base[name] for name in values}, "values": values}


def test_a_deal_belongs_to_whom_its_customer_belongs_and_begins_its_history(company: Company) -> None:
    company.run(opened(amount="31800", expected_close="2026-12-18"), by=MANAGER)
    row, (first,) = deal(company), history(company)
    assert (row["owner_id"], row["team_id"], row["created_by"]) == (REP, TEAM, MANAGER)
    assert (row["stage_id"], row["state"], row["amount"]) == (CONTACTED, "open", Decimal(31800))
    assert (first["action"], first["from_stage_id"], first["to_stage_id"]) == ("opened", None, CONTACTED)
    assert (first["at"], first["created_by"], first["owner_id"]) == (row["stage_since"], MANAGER, REP)


def test_each_step_says_how_many_days_the_deal_had_been_where_it_was(company: Company) -> None:
    company.run(opened(amount="100", expected_close="2026-12-18"), at=NOW)
    company.run(moved(QUOTED, CONTACTED), at=NOW + 5 * DAY + 1)
    company.run(moved(TALKING, QUOTED), at=NOW + 14 * DAY)
    company.run(won(TALKING), at=NOW + 20 * DAY)
    assert [(row["action"], row["to_stage_id"], row["days"]) for row in history(company)] == [
        ("opened", CONTACTED, 0),
        ("moved", QUOTED, 5),
        ("moved", TALKING, 8),
        ("won", WON, 6),
    ]
    assert (deal(company)["state"], deal(company)["closed_at"]) == ("won", NOW + 20 * DAY)


def test_a_move_to_where_it_is_changes_nothing(company: Company) -> None:
    company.run(opened())
    work = company.run(moved(CONTACTED, CONTACTED))
    assert not work.written


def test_a_stage_asks_for_its_fields_and_takes_them_in_the_same_transaction(company: Company) -> None:
    company.run(opened(amount="100"))
    refusal = refused(company, moved(TALKING, CONTACTED))
    assert (refusal.code, refusal.field) == ("stage_asks", "expected_close")
    assert problem_words("zh", refusal.problem())[0] == "进入“商务谈判”前，“秋冬帐篷 60 顶”还要填：预计成交"
    company.run(patched(expected_close="2026-12-18"), moved(TALKING, CONTACTED))
    assert deal(company)["stage_id"] == TALKING
    assert refused(company, opened(derived_id("second"), stage=TALKING)).code == "stage_asks"


def test_missing_fields_come_in_the_order_of_asking(company: Company) -> None:
    company.run(opened())
    assert missing_fields(deal(company), company.rows["stage", TALKING]) == ["amount", "expected_close"]
    assert missing_fields(deal(company), company.rows["stage", QUOTED]) == []


def test_two_who_move_at_once_are_both_in_the_history_and_the_later_at_the_server_decides(company: Company) -> None:
    company.run(opened(amount="100", expected_close="2026-12-18"))
    company.run(moved(QUOTED, CONTACTED))
    company.run(moved(TALKING, CONTACTED), by=MANAGER)
    _, first, second = history(company)
    assert deal(company)["stage_id"] == TALKING
    assert (first["to_stage_id"], first["created_by"], first["seen_stage_id"]) == (QUOTED, REP, None)
    assert (second["from_stage_id"], second["to_stage_id"], second["created_by"]) == (QUOTED, TALKING, MANAGER)
    assert second["seen_stage_id"] == CONTACTED, "its author had not seen the other's step"


def test_losing_needs_a_reason_and_keeps_it(company: Company) -> None:
    company.run(opened())
    name, args = lost(CONTACTED, note=" 对手报低 8% ")
    assert refused(company, (name, {**args, "reason_id": derived_id("none")})).code == "not_found"
    assert refused(company, (name, {**args, "note": "x" * 501})).code == "too_long"
    company.run((name, args))
    row = deal(company)
    assert (row["state"], row["stage_id"], row["lost_reason_id"]) == ("lost", LOST, TOO_DEAR)
    assert (row["lost_note"], history(company)[-1]["reason"]) == ("对手报低 8%", "价格太高")


def test_cancelling_and_reopening_need_a_reason_and_reopening_forgets_the_loss(company: Company) -> None:
    company.run(opened())
    assert refused(company, cancelled(" ")).code == "required"
    assert refused(company, reopened()).code == "deal_open"
    company.run(cancelled())
    assert (deal(company)["state"], deal(company)["stage_id"]) == ("cancelled", CONTACTED)
    assert refused(company, reopened(reason="")).code == "required"
    company.run(reopened())
    company.run(lost(QUOTED))
    company.run(reopened(CONTACTED))
    row = deal(company)
    assert (row["state"], row["stage_id"], row["closed_at"]) == ("open", CONTACTED, None)
    assert (row["lost_reason_id"], row["lost_note"]) == (None, "")
    assert [step["action"] for step in history(company)] == ["opened", "cancelled", "reopened", "lost", "reopened"]
    assert history(company)[-1]["days"] == 0, "an ended deal does not wait in a stage"


def test_an_ended_deal_is_moved_won_lost_and_edited_by_nobody_until_reopened(company: Company) -> None:
    company.run(opened())
    company.run(won(CONTACTED))
    company.run(won(CONTACTED), by=MANAGER)
    assert len(history(company)) == 2, "winning twice is winning once"
    for command in (moved(QUOTED, CONTACTED), lost(CONTACTED), cancelled(), patched(amount="5")):
        assert refused(company, command).code == "deal_closed"
    company.run(patched(note="已签合同"))
    assert deal(company)["note"] == "已签合同"


def test_open_stages_are_for_moving_and_ends_for_winning_and_losing(company: Company) -> None:
    company.run(opened())
    name, args = lost(CONTACTED)
    for command in (
        moved(WON, CONTACTED),
        opened(derived_id("second"), stage=LOST),
        ("opportunity.win", {"id": DEAL, "stage_id": QUOTED, "seen_stage_id": CONTACTED}),
        (name, {**args, "stage_id": WON}),
    ):
        assert refused(company, command).code == "stage_kind"
    company.rows["stage", QUOTED]["active"] = False
    assert refused(company, moved(QUOTED, CONTACTED)).code == "stage_inactive"


def test_a_deal_of_somebody_elses_customer_is_unknown(company: Company) -> None:
    company.run(opened())
    for command in (moved(QUOTED, CONTACTED), won(CONTACTED), lost(CONTACTED), cancelled(), reopened()):
        for person in (COLLEAGUE, STRANGER):
            assert refused(company, command, by=person).code == "not_found"
    assert refused(company, opened(derived_id("second")), by=STRANGER).code == "not_found"


def test_the_contact_and_the_orders_of_a_deal_are_its_customers(company: Company) -> None:
    company.run(opened())
    contact = derived_id("contact")
    company.run(("contact.create", {"id": contact, "values": {"account_id": OTHER, "name": "周岚"}}))
    assert refused(company, patched(contact_id=contact)).code == "contact_elsewhere"
    assert refused(company, opened(derived_id("second"), contact_id=contact)).code == "contact_elsewhere"
    order = {"account_id": OTHER, "opportunity_id": DEAL}
    assert refused(company, ("order.create", {"id": derived_id("order"), "values": order})).code == "deal_elsewhere"
    company.run(("order.create", {"id": derived_id("order"), "values": {**order, "account_id": ACCOUNT}}))
    refusal = refused(company, ("opportunity.delete", {"id": DEAL}))
    assert (refusal.code, refusal.params["count"]) == ("deal_has_orders", 1)


def test_a_deal_goes_and_comes_back_with_its_history_and_with_its_customer(company: Company) -> None:
    company.run(opened())
    work = company.run(("account.delete", {"id": ACCOUNT}))
    assert deal(company)["deleted_at"] and history(company)[0]["deleted_at"]
    company.run(("account.restore", {"id": ACCOUNT, "deleted_tx": work.tx_id}))
    assert deal(company)["deleted_at"] is None and history(company)[0]["deleted_at"] is None


def test_sharing_and_handing_over_the_customer_takes_its_deals_along(company: Company) -> None:
    company.run(opened())
    company.run(("account.share", {"id": ACCOUNT, "user_id": COLLEAGUE}))
    company.run(moved(QUOTED, CONTACTED), by=COLLEAGUE)
    for row in (deal(company), *history(company)):
        assert (row["owner_id"], row["shared_with"]) == (REP, [COLLEAGUE])
    company.run(("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE}), by=MANAGER)
    for row in (deal(company), *history(company)):
        assert (row["owner_id"], row["shared_with"]) == (COLLEAGUE, [])
    assert [row["created_by"] for row in history(company)] == [REP, COLLEAGUE], "who did it does not change"


def test_stages_are_the_managers_and_stay_while_deals_are_in_them(company: Company) -> None:
    company.run(opened())
    stage = {"id": derived_id("new stage"), "values": {"name": "打样", "required_fields": ["amount"]}}
    assert refused(company, ("stage.create", stage)).code == "role_not_allowed"
    company.run(("stage.create", stage), by=MANAGER)
    wrong = {**stage, "id": derived_id("x"), "values": {"name": "打样", "required_fields": ["salary"]}}
    assert refused(company, ("stage.create", wrong), by=MANAGER).code == "stage_unknown_field"
    assert refused(company, ("stage.delete", {"id": CONTACTED}), by=ADMIN).code == "stage_in_use"
    other_kind = {"base": {"kind": "open"}, "values": {"kind": "won"}}
    assert refused(company, ("stage.patch", {"id": CONTACTED, **other_kind}), by=MANAGER).code == "stage_in_use"
    company.run(("stage.patch", {"id": stage["id"], **other_kind}), by=MANAGER)
    company.run(("stage.delete", {"id": stage["id"]}), by=ADMIN)


def test_the_history_is_written_by_the_steps_alone(company: Company) -> None:
    company.run(opened())
    row = history(company)[0]
    for action in ("patch", "delete", "create"):
        args = {"patch": {"id": row["id"], "base": {}, "values": {}}, "delete": {"id": row["id"]}}
        made = args.get(action, {"id": derived_id("x"), "values": {}})
        assert refused(company, (f"stage_change.{action}", made), by=ADMIN).code == "use_command"


def test_the_odds_are_the_reps_own_otherwise_the_stages_and_certain_at_the_end(company: Company) -> None:
    company.run(opened(amount="1000.55"))
    stage = company.rows["stage", CONTACTED]
    assert odds(deal(company), stage) == 10
    company.run(patched(probability="35"))
    assert odds(deal(company), stage) == 35
    company.run(won(CONTACTED))
    assert odds(deal(company), company.rows["stage", WON]) == 100
    assert odds({**deal(company), "state": "lost"}, stage) == 0
    assert odds({**deal(company), "state": "open", "probability": None}, None) == 0


def test_days_are_never_negative() -> None:
    assert [days_between(NOW, NOW + step) for step in (-DAY, 0, DAY - 1, DAY)] == [0, 0, 0, 1]


def test_a_device_makes_the_same_steps_at_once(company: Company) -> None:
    phone = with_stages(Company(authority=False))
    for made in (company, phone):
        made.run(opened(amount="100", expected_close="2026-12-18"))
        made.run(moved(TALKING, CONTACTED))
    assert deal(phone) == deal(company)
    assert history(phone) == history(company)


def test_an_order_from_a_deal_names_it_and_is_confirmed_like_any_other(company: Company) -> None:
    company.run(opened())
    order_id, commands = order_commands((TENT, 1))
    commands[0][1]["values"]["opportunity_id"] = DEAL
    company.run(*commands)
    order = company.rows["order", order_id]
    assert (order["opportunity_id"], order["state"]) == (DEAL, "confirmed")
