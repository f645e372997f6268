"""What is typed at the booth: the commands that save it, and what stays for the next one."""

import datetime
from itertools import count
from pathlib import Path

from mobile.state.lead_capture import DRAFT, Capture, capture_of, keep
from mobile.store.queries.leads import Same
from shared.commands.leads import became
from shared.ids import derived_id
from tests.support.company import ACCOUNT, Company
from tests.support.shop import Shop

TODAY = datetime.date(2026, 11, 22)
numbers = count()


def new_id() -> str:
    return derived_id("captured", next(numbers))


def typed(**texts: str) -> Capture:
    capture = Capture()
    capture.texts.update(texts)
    return capture


def saved(company: Company, capture: Capture, joins: Same | None = None) -> str:
    commands = capture.commands(new_id, joins)
    company.run(*((command.name, command.args) for command in commands))
    return str(commands[0].args["id"])


def test_three_fields_and_some_taps_are_a_lead() -> None:
    capture, company = typed(name=" 陈立群 ", phone="138 2660 4471", company="昆明驼铃"), Company(authority=False)
    capture.grade, capture.consent, capture.answers = "A", True, ["想要什么:帐篷"]
    capture.choose_step("发报价", 1, TODAY)
    assert capture.check()
    row = company.rows["lead", saved(company, capture)]
    assert (row["name"], row["grade"], row["consent"], row["answers"]) == ("陈立群", "A", True, ["想要什么:帐篷"])
    assert (row["next_step"], row["next_step_on"]) == ("发报价", "2026-11-23")


def test_the_next_one_begins_empty_with_the_same_show_and_source() -> None:
    capture = typed(name="陈立群")
    capture.event_id, capture.source_id, capture.chosen = "e", "s", True
    capture.grade = "A"
    before = capture.count
    assert not capture.is_empty()
    capture.next()
    assert capture.is_empty()
    assert (capture.event_id, capture.source_id, capture.count) == ("e", "s", before + 1)


def test_what_cannot_be_saved_is_said_at_its_field() -> None:
    capture = typed(phone="call me", email="nobody")
    assert not capture.check()
    assert {name: problem.code for name, problem in capture.errors.items()} == {
        "phone": "invalid_phone", "email": "invalid_email",
    }  # fmt: skip
    assert not typed(note="only a note").check()
    assert typed(wechat="chen_1").check()


def test_a_step_tapped_again_is_taken_back_and_later_has_no_day() -> None:
    capture = Capture()
    capture.choose_step("再说", None, TODAY)
    assert (capture.next_step, capture.next_step_on) == ("再说", None)
    capture.choose_step("再说", None, TODAY)
    assert capture.next_step == ""


def test_a_card_fills_what_is_empty_and_never_what_was_typed() -> None:
    capture = typed(name="陈立群")
    capture.fill({"name": "CHEN Liqun", "phone": "13826604471", "email": "chen@tuoling.cn", "position": "x" * 200})
    assert (capture.texts["name"], capture.texts["phone"]) == ("陈立群", "13826604471")
    assert len(capture.texts["position"]) == 80
    assert capture.more


def test_a_known_person_takes_up_what_was_typed_in_one_transaction() -> None:
    company = Company(authority=False)
    first = saved(company, typed(name="陈立群", phone="138 2660 4471"))
    other = saved(company, typed(name="陈立群", note="要帐篷"), Same("lead", first, "陈立群", "phone"))
    assert company.rows["lead", first]["note"] == "要帐篷"
    assert company.rows["lead", other]["merged_into"] == first
    third = saved(company, typed(name="周岚", phone="139 1111 2222"), Same("account", ACCOUNT, "山野户外", "company"))
    assert company.rows["lead", third]["account_id"] == ACCOUNT
    assert company.rows["contact", became(third, "contact")]["name"] == "周岚"


def test_what_was_typed_outlives_the_tab_and_is_forgotten_when_nothing_is_left(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    capture = capture_of(shop.store)
    capture.texts["name"], capture.grade, capture.answers = "陈立群", "A", ["想要什么:帐篷"]
    capture.event_id, capture.chosen = "e", True
    keep(shop.store, capture, 1)
    shop.store.connection.close()
    again = Shop(tmp_path)
    found = capture_of(again.store)
    assert found is not capture
    assert (found.texts["name"], found.texts["phone"], found.grade, found.answers) == (
        "陈立群",
        "",
        "A",
        capture.answers,
    )
    assert (found.event_id, found.chosen) == ("e", True)
    found.next()
    keep(again.store, found, 2)
    assert again.store.draft(DRAFT) is None


def test_an_emptied_form_comes_back_with_what_was_typed_since() -> None:
    capture = typed(name="陈立群", note="要样品")
    capture.grade, capture.files = "B", ["card"]
    assert capture.throw() == [] and capture.is_empty()
    capture.texts["note"], capture.files = "先打电话", ["badge"]
    capture.put_back()
    assert (capture.texts["name"], capture.texts["note"]) == ("陈立群", "先打电话")
    assert (capture.grade, capture.files) == ("B", ["card", "badge"])
    capture.throw()
    assert capture.throw() == ["card", "badge"], "only the last one can be brought back"
