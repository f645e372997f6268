"""Leads: their states, conversion, merging, and the rules that screens share with them."""

from typing import Any

import pytest

from shared.commands.leads import became
from shared.errors import CaravanError, NotFound, StateConflict
from shared.ids import derived_id
from shared.rules.leads import lacks, runs_on, title
from tests.support.company import ACCOUNT, ADMIN, COLLEAGUE, MANAGER, REP, STRANGER, TEAM, Company

LEAD, OTHER, EVENT, FILE = (derived_id(name) for name in ("lead", "other lead", "event", "file"))
QUESTIONS = "*想要什么 / Interested in: 帐篷 / Tents, 灯具 / Lamps\n预计采购：100 件内、100–500；500 以上 / Over 500\n"


@pytest.fixture
def company() -> Company:
    made = Company()
    made.add("event", EVENT, name="深圳户外展", starts_on="2026-11-20", ends_on="2026-11-24", qualifiers=QUESTIONS)
    capture(made, LEAD, name="陈立群", phone="138 2660 4471", company="昆明驼铃山野旅行用品店", event_id=EVENT)
    return made


def capture(there: Company, lead_id: str, by: str = REP, /, **values: Any) -> None:
    there.run(("lead.create", {"id": lead_id, "values": values}), by=by)


def attach(company: Company, **values: Any) -> None:
    file = {"file_name": "card.jpg", "media_type": "image/jpeg", "size": 7, "sha256": "a" * 64, **values}
    company.run(("attachment.create", {"id": FILE, "values": file}))


def refused(company: Company, command: str, by: str = REP, **args: Any) -> CaravanError:
    before = dict(company.rows)
    with pytest.raises(CaravanError) as caught:
        company.run((command, args), by=by)
    assert company.rows == before
    return caught.value


def lead(company: Company, lead_id: str = LEAD) -> dict[str, Any]:
    return company.rows["lead", lead_id]


# Capture


@pytest.mark.parametrize("name", ["name", "company", "phone", "email", "wechat"])
def test_a_lead_needs_one_thing_by_which_it_is_found_again(company: Company, name: str) -> None:
    row_id, value = derived_id("minimal", name), {"email": "a@b.cn", "phone": "138 0000 0000"}.get(name, "陈")
    capture(company, row_id, **{name: value})
    assert title(lead(company, row_id)) == value
    assert refused(company, "lead.create", id=derived_id("none"), values={"grade": "A"}).code == "lead_empty"
    emptied = {"base": {name: value}, "values": {name: ""}}
    assert refused(company, "lead.patch", id=row_id, **emptied).code == "lead_empty"


def test_consent_remembers_when_it_was_given(company: Company) -> None:
    row_id = derived_id("consent")
    capture(company, row_id, name="周", consent=True)
    assert lead(company, row_id)["consent_at"] == company.clock
    company.run(("lead.patch", {"id": row_id, "base": {"consent": True}, "values": {"consent": False}}))
    assert lead(company, row_id)["consent_at"] is None
    company.run(("lead.patch", {"id": row_id, "base": {"consent": False}, "values": {"consent": True}}))
    assert lead(company, row_id)["consent_at"] == company.clock
    assert refused(company, "lead.patch", id=row_id, base={"consent_at": 1}, values={"consent_at": 2}).code == (
        "use_command"
    )


def test_chips_of_two_devices_are_one_set(company: Company) -> None:
    company.run(("lead.patch", {"id": LEAD, "base": {"answers": []}, "values": {"answers": ["想要什么:帐篷"]}}))
    company.run(
        ("lead.patch", {"id": LEAD, "base": {"answers": []}, "values": {"answers": ["想要什么:灯具"]}}), by=MANAGER
    )
    assert set(lead(company)["answers"]) == {"想要什么:帐篷", "想要什么:灯具"}
    assert company.all("conflict") == []


# States


def test_an_open_lead_moves_and_remembers_its_way(company: Company) -> None:
    company.run(("lead.move", {"id": LEAD, "expected": "new", "state": "following"}))
    company.run(("lead.move", {"id": LEAD, "expected": "new", "state": "following"}), by=MANAGER)
    company.run(("lead.invalidate", {"id": LEAD, "reason": " 同行 "}))
    company.run(("lead.invalidate", {"id": LEAD, "reason": "again"}))
    company.run(("lead.reopen", {"id": LEAD, "reason": "又来问价"}), by=MANAGER)
    way = [(step["from"], step["to"], step["reason"], step["by"]) for step in lead(company)["history"]]
    assert way == [
        ("new", "following", "", REP),
        ("following", "invalid", "同行", REP),
        ("invalid", "following", "又来问价", MANAGER),
    ]


def test_what_a_state_does_not_take_is_refused(company: Company) -> None:
    company.run(("lead.move", {"id": LEAD, "expected": "new", "state": "interested"}))
    assert refused(company, "lead.move", id=LEAD, expected="new", state="following").code == "lead_moved"
    assert (
        refused(company, "lead.move", id=LEAD, expected="interested", state="converted").code == "malformed_arguments"
    )
    assert refused(company, "lead.invalidate", id=LEAD, reason=" ").code == "required"
    assert refused(company, "lead.reopen", id=LEAD, reason="x" * 201).code == "too_long"
    assert refused(company, "lead.patch", id=LEAD, base={"state": "new"}, values={"state": "new"}).code == "use_command"
    company.run(("lead.invalidate", {"id": LEAD, "reason": "同行"}))
    for command, args in (("move", {"expected": "invalid", "state": "following"}), ("convert", {})):
        assert refused(company, f"lead.{command}", id=LEAD, **args).code == "lead_invalid"
    company.run(("lead.reopen", {"id": LEAD, "reason": "又来问价"}), ("lead.convert", {"id": LEAD}))
    for command in ("invalidate", "reopen"):
        assert refused(company, f"lead.{command}", id=LEAD, reason="x").code == "lead_converted"
    assert refused(company, "lead.move", id=LEAD, expected="converted", state="new").code == "lead_converted"
    assert refused(company, "lead.delete", id=LEAD).code == "lead_converted"


def test_nobody_acts_on_a_lead_he_does_not_see(company: Company) -> None:
    for by in (COLLEAGUE, STRANGER):
        assert isinstance(refused(company, "lead.convert", by=by, id=LEAD), NotFound)
        assert isinstance(refused(company, "lead.invalidate", by=by, id=LEAD, reason="x"), NotFound)


# Conversion


def test_a_lead_becomes_a_customer_a_contact_and_a_first_follow_up(company: Company) -> None:
    values = {
        "grade": "A",
        "note": "要样品",
        "answers": ["想要什么:帐篷"],
        "next_step_on": "2026-11-25",
        "next_step": "发报价",
    }
    base = {"grade": "", "note": "", "answers": [], "next_step_on": None, "next_step": ""}
    company.run(("lead.patch", {"id": LEAD, "base": base, "values": values}))
    company.run(("lead.convert", {"id": LEAD}))
    row = lead(company)
    account, contact = company.rows["account", row["account_id"]], company.rows["contact", row["contact_id"]]
    assert (row["state"], account["name"], account["level"]) == ("converted", "昆明驼铃山野旅行用品店", "A")
    assert (account["account_class"], account["source"], account["owner_id"]) == ("interested", "trade_show", REP)
    assert (contact["name"], contact["phone"], contact["team_id"]) == ("陈立群", "138 2660 4471", TEAM)
    told = company.rows["activity", became(LEAD, "activity")]
    assert told["body"] == "深圳户外展\n想要什么:帐篷\n要样品"
    assert (told["channel"], told["happened_at"], told["due_on"], told["due_note"]) == (
        "booth", row["created_at"], "2026-11-25", "发报价",
    )  # fmt: skip


def test_both_sides_make_the_same_rows_and_once(company: Company) -> None:
    phone = Company(authority=False)
    phone.rows = dict(company.rows)
    phone.run(("lead.convert", {"id": LEAD}))
    company.run(("lead.convert", {"id": LEAD}), by=MANAGER)
    made = {key for key in phone.rows if key[0] != "conflict"}
    assert made == set(company.rows)
    before = dict(company.rows)
    company.run(("lead.convert", {"id": LEAD}))
    assert company.rows == before, "whoever comes second finds it done"
    assert company.rows["account", became(LEAD, "account")]["owner_id"] == REP, "the customer is the lead's owner's"
    assert refused(company, "lead.convert", id=LEAD, account_id=ACCOUNT).code == "lead_converted"


def test_a_lead_can_be_added_to_a_customer_that_is_there(company: Company) -> None:
    company.run(("lead.convert", {"id": LEAD, "account_id": ACCOUNT}))
    assert lead(company)["account_id"] == ACCOUNT
    assert company.rows["contact", lead(company)["contact_id"]]["account_id"] == ACCOUNT
    assert ("account", became(LEAD, "account")) not in company.rows
    known = lead(company)["contact_id"]
    capture(company, OTHER, name="陈立群", phone="138 2660 4471")
    company.run(("lead.convert", {"id": OTHER, "account_id": ACCOUNT, "contact_id": known}))
    assert lead(company, OTHER)["contact_id"] == known
    assert len(company.all("contact")) == 1


def test_a_lead_that_became_a_known_customer_becomes_no_new_one(company: Company) -> None:
    company.run(("lead.convert", {"id": LEAD, "account_id": ACCOUNT}))
    assert refused(company, "lead.convert", id=LEAD).code == "lead_converted"
    before = dict(company.rows)
    company.run(("lead.convert", {"id": LEAD, "account_id": ACCOUNT}))
    assert company.rows == before


def test_a_contact_of_somebody_else_and_an_unseen_customer_are_refused(company: Company) -> None:
    capture(company, OTHER, name="周岚", company="另一家")
    company.run(("lead.convert", {"id": OTHER}))
    error = refused(company, "lead.convert", id=LEAD, account_id=ACCOUNT, contact_id=lead(company, OTHER)["contact_id"])
    assert error.code == "contact_elsewhere"
    foreign = derived_id("foreign")
    company.add("account", foreign, name="别人的", owner_id=STRANGER)
    assert isinstance(refused(company, "lead.convert", id=LEAD, account_id=foreign), NotFound)


def test_photos_of_a_lead_are_the_customers_after_its_conversion(company: Company) -> None:
    attach(company, lead_id=LEAD)
    assert company.rows["attachment", FILE]["owner_id"] == REP
    company.run(("account.share", {"id": ACCOUNT, "user_id": COLLEAGUE}))
    company.run(("lead.convert", {"id": LEAD, "account_id": ACCOUNT}))
    file = company.rows["attachment", FILE]
    assert (file["account_id"], file["lead_id"], file["shared_with"]) == (ACCOUNT, LEAD, [COLLEAGUE])
    late = derived_id("late file")
    values = {"file_name": "b.jpg", "media_type": "image/jpeg", "size": 7, "sha256": "b" * 64, "lead_id": LEAD}
    company.run(("attachment.create", {"id": late, "values": values}))
    assert company.rows["attachment", late]["account_id"] == ACCOUNT


def test_a_file_needs_a_customer_or_a_lead_and_only_its_own(company: Company) -> None:
    values = {"file_name": "b.jpg", "media_type": "image/jpeg", "size": 7, "sha256": "b" * 64}
    alone = refused(company, "attachment.create", id=FILE, values=values)
    assert (alone.code, alone.field) == ("required", "account_id")
    both = {**values, "lead_id": LEAD, "account_id": ACCOUNT}
    assert refused(company, "attachment.create", id=FILE, values=both).code == "other_account"


def test_a_lead_takes_its_photos_along(company: Company) -> None:
    attach(company, lead_id=LEAD)
    company.run(("lead.assign", {"id": LEAD, "owner_id": COLLEAGUE}), by=MANAGER)
    assert company.rows["attachment", FILE]["owner_id"] == COLLEAGUE
    company.run(("lead.delete", {"id": LEAD}), by=COLLEAGUE)
    deleted_tx = company.rows["attachment", FILE]["deleted_tx"]
    assert deleted_tx == lead(company)["deleted_tx"] is not None
    company.run(("lead.restore", {"id": LEAD, "deleted_tx": deleted_tx}), by=COLLEAGUE)
    assert company.rows["attachment", FILE]["deleted_at"] is None


def test_a_converted_lead_in_other_hands_shows_nobody_more_of_the_customer(company: Company) -> None:
    attach(company, lead_id=LEAD)
    company.run(("account.share", {"id": ACCOUNT, "user_id": MANAGER}))
    company.run(("lead.convert", {"id": LEAD, "account_id": ACCOUNT}))
    file = company.rows["attachment", FILE]
    company.run(("lead.assign", {"id": LEAD, "owner_id": COLLEAGUE}), by=ADMIN)
    assert (lead(company)["owner_id"], lead(company)["shared_with"]) == (COLLEAGUE, [])
    assert company.rows["attachment", FILE] == file, "it is the customer's"


# Merging


def test_two_leads_of_one_person_become_one_and_nothing_is_lost(company: Company) -> None:
    attach(company, lead_id=LEAD)
    capture(
        company,
        OTHER,
        name="陈立群",
        phone="139 0000 1111",
        email="chen@tuoling.cn",
        note="要大帐篷",
        grade="B",
        consent=True,
    )
    company.run(("lead.merge", {"id": OTHER, "other_id": LEAD}))
    kept, gone = lead(company, OTHER), lead(company)
    assert (kept["phone"], kept["company"], kept["event_id"], kept["grade"]) == (
        "139 0000 1111", "昆明驼铃山野旅行用品店", EVENT, "B",
    )  # fmt: skip
    assert kept["note"] == "要大帐篷\n138 2660 4471"
    assert (gone["merged_into"], gone["deleted_at"] is not None) == (OTHER, True)
    assert company.rows["attachment", FILE]["lead_id"] == OTHER
    before = dict(company.rows)
    company.run(("lead.merge", {"id": OTHER, "other_id": LEAD}), by=MANAGER)
    assert company.rows == before
    assert refused(company, "lead.merge", id=OTHER, other_id=OTHER).code == "lead_same"


def test_what_two_leads_say_differently_is_in_the_note_with_the_next_step_as_one(company: Company) -> None:
    sources = [derived_id("source", name) for name in ("show", "web")]
    for source, name in zip(sources, ("展会", "网站"), strict=True):
        company.add("lead_source", source, name=name)
    elsewhere = derived_id("another event")
    company.add("event", elsewhere, name="广州展", starts_on="2026-12-01", ends_on="2026-12-03")
    capture(company, OTHER, name="陈立群", grade="B", source_id=sources[0], event_id=EVENT, next_step="打电话")
    third = derived_id("third lead")
    step = {"next_step_on": "2026-11-25", "next_step": "发报价"}
    capture(company, third, name="陈立群", grade="A", source_id=sources[1], event_id=elsewhere, **step)
    company.run(("lead.merge", {"id": OTHER, "other_id": third}))
    kept = lead(company, OTHER)
    assert (kept["grade"], kept["source_id"], kept["event_id"]) == ("B", sources[0], EVENT)
    assert (kept["next_step_on"], kept["next_step"]) == (None, "打电话"), "no day of the one beside words of the other"
    assert kept["note"] == "A / 网站 / 广州展 / 2026-11-25 发报价"
    capture(company, third[:-4] + "beef", name="陈立群", **step)
    company.run(("lead.merge", {"id": LEAD, "other_id": third[:-4] + "beef"}))
    assert (lead(company)["next_step_on"], lead(company)["next_step"]) == ("2026-11-25", "发报价")
    assert lead(company)["note"] == ""


def test_leads_that_say_too_much_together_stay_two(company: Company) -> None:
    long, many = derived_id("long"), derived_id("many")
    base = {"note": "", "answers": []}
    answers = [f"问:{number}" for number in range(30)]
    company.run(("lead.patch", {"id": LEAD, "base": base, "values": {"note": "甲" * 3_000, "answers": answers}}))
    capture(company, long, name="陈立群", note="乙" * 1_000)
    capture(company, many, name="陈立群", answers=[f"问:{number}" for number in range(29, 60)])
    for other, code in ((long, "lead_note_full"), (many, "lead_answers_full")):
        assert refused(company, "lead.merge", id=LEAD, other_id=other).code == code
    company.run(("lead.patch", {"id": long, "base": {"note": "乙" * 1_000}, "values": {"note": "乙" * 999}}))
    company.run(("lead.merge", {"id": LEAD, "other_id": long}))
    assert len(lead(company)["note"]) == 4_000


def test_a_converted_lead_takes_another_up_but_goes_into_none(company: Company) -> None:
    capture(company, OTHER, name="陈立群")
    attach(company, lead_id=OTHER)
    company.run(("lead.convert", {"id": LEAD}))
    assert isinstance(refused(company, "lead.merge", id=OTHER, other_id=LEAD), StateConflict)
    company.run(("lead.merge", {"id": LEAD, "other_id": OTHER}))
    assert company.rows["attachment", FILE]["account_id"] == lead(company)["account_id"]


# Shows and what is asked there


def test_a_show_ends_after_it_starts_and_its_questions_can_be_read(company: Company) -> None:
    values = {"name": "广州展", "starts_on": "2026-12-03", "ends_on": "2026-12-01"}
    early = refused(company, "event.create", by=MANAGER, id=OTHER, values=values)
    assert (early.code, early.field) == ("event_ends_early", "ends_on")
    asked = refused(
        company, "event.patch", by=MANAGER, id=EVENT, base={"qualifiers": QUESTIONS}, values={"qualifiers": "什么"}
    )
    assert (asked.code, asked.params["line"]) == ("qualifiers_unclear", "什么")
    assert refused(company, "event.create", id=OTHER, values=values).code == "role_not_allowed"
    event = company.rows["event", EVENT]
    assert [day for day in ("2026-11-19", "2026-11-20", "2026-11-24", "2026-11-25") if runs_on(event, day)] == [
        "2026-11-20", "2026-11-24",
    ]  # fmt: skip
    assert not runs_on({**event, "active": False}, "2026-11-20")


def test_what_a_lead_still_lacks_before_the_booth_closes(company: Company) -> None:
    assert lacks(lead(company)) == ("grade", "note", "next_step")
    done = {**lead(company), "grade": "B", "answers": ["想要什么:帐篷"], "next_step": "发报价"}
    assert lacks(done) == ()


# Deals


def test_a_conversion_can_open_a_deal_at_once_or_later(company: Company) -> None:
    stage, source = derived_id("stage"), derived_id("source")
    company.add("stage", stage, name="初步接触", probability=10)
    company.add("lead_source", source, name="展会")
    company.run(("lead.patch", {"id": LEAD, "base": {"source_id": None}, "values": {"source_id": source}}))
    deal = {"stage_id": stage, "values": {"amount": "12000", "expected_close": "2026-12-20"}}
    for _ in range(2):
        company.run(("lead.convert", {"id": LEAD}))
    assert company.all("opportunity") == []
    for _ in range(2):
        company.run(("lead.convert", {"id": LEAD, "opportunity": deal}))
    (opened,) = company.all("opportunity")
    row = lead(company)
    assert (opened["id"], opened["title"], opened["amount"]) == (row["opportunity_id"], row["company"], 12_000)
    origin = ("account_id", "contact_id", "source_id", "event_id")
    assert [opened[name] for name in origin] == [row[name] for name in origin]
    assert opened["lead_id"] == LEAD
    capture(company, OTHER, name="周岚")
    company.run(("lead.convert", {"id": OTHER, "opportunity": {**deal, "values": {"title": "周岚的帐篷"}}}))
    assert company.rows["opportunity", lead(company, OTHER)["opportunity_id"]]["title"] == "周岚的帐篷"


def test_a_show_and_a_source_that_were_deleted_hold_up_no_deal(company: Company) -> None:
    stage, source = derived_id("stage"), derived_id("source")
    company.add("stage", stage, name="初步接触", probability=10)
    company.add("lead_source", source, name="展会")
    company.run(("lead.patch", {"id": LEAD, "base": {"source_id": None}, "values": {"source_id": source}}))
    company.run(("event.delete", {"id": EVENT}), ("lead_source.delete", {"id": source}), by=MANAGER)
    company.run(("lead.convert", {"id": LEAD, "opportunity": {"stage_id": stage, "values": {}}}))
    (opened,) = company.all("opportunity")
    assert (opened["event_id"], opened["source_id"], opened["contact_id"]) == (None, None, lead(company)["contact_id"])
    assert (lead(company)["event_id"], lead(company)["source_id"]) == (EVENT, source), "the lead still says whence"


def test_a_deal_that_is_refused_converts_nothing(company: Company) -> None:
    deal = {"stage_id": derived_id("no stage"), "values": {}}
    assert refused(company, "lead.convert", id=LEAD, opportunity=deal).code == "not_found"
