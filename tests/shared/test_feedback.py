"""Feedback: who may say, answer and read it, and how its author learns what became of it."""

from typing import Any

import pytest

from shared.commands.feedback import notice_id
from shared.errors import CaravanError
from shared.ids import derived_id
from shared.rules.feedback import STANDINGS, SUBJECT_SIGNS, subject
from tests.support.company import ADMIN, MANAGER, REP, Company

SAID = derived_id("said")
ANSWER = "已经改好，更新应用就能看到。"


@pytest.fixture
def company() -> Company:
    made = Company()
    say(made)
    return made


def say(company: Company, by: str = REP, **values: Any) -> None:
    told = {"kind": "problem", "text": "金额被挡住了", "screen": "/orders", **values}
    company.run(("feedback.create", {"id": SAID, "values": told}), by=by)


def answer(company: Company, by: str = ADMIN, base: dict[str, Any] | None = None, /, **values: Any) -> None:
    row = feedback(company)
    seen = {name: row[name] for name in values} if base is None else base
    company.run(("feedback.patch", {"id": SAID, "base": seen, "values": values}), by=by)


def feedback(company: Company) -> dict[str, Any]:
    return company.rows["feedback", SAID]


def notice(company: Company) -> dict[str, Any] | None:
    return company.rows.get(("conflict", notice_id(SAID)))


def refused(company: Company, act: Any) -> CaravanError:
    before = dict(company.rows)
    with pytest.raises(CaravanError) as caught:
        act()
    assert company.rows == before
    return caught.value


def test_an_answer_comes_to_its_authors_inbox_with_who_and_when(company: Company) -> None:
    assert notice(company) is None
    answer(company, status="planned", answer=ANSWER)
    row, told = feedback(company), notice(company)
    assert (row["status"], row["answer"], row["answered_by"]) == ("planned", ANSWER, ADMIN)
    assert row["answered_at"] == company.clock
    assert told is not None
    assert (told["owner_id"], told["kind"], told["state"], told["row_id"]) == (REP, "feedback", "open", SAID)
    assert (told["title"], told["theirs_by"]) == ("金额被挡住了", ADMIN)


def test_a_notice_that_was_put_aside_comes_back_with_the_next_change_and_stays_one(company: Company) -> None:
    answer(company, status="planned", answer=ANSWER)
    company.run(("conflict.dismiss", {"conflict_id": notice_id(SAID)}))
    answer(company, status="done")
    told = notice(company)
    assert told is not None and (told["state"], told["resolved_at"]) == ("open", None)
    assert len([row for row in company.all("conflict") if row["kind"] == "feedback"]) == 1


def test_an_answer_alone_is_an_answer(company: Company) -> None:
    answer(company, answer=ANSWER)
    assert feedback(company)["status"] == "answered"


def test_nothing_changed_tells_nobody(company: Company) -> None:
    answer(company, status="planned")
    company.run(("conflict.dismiss", {"conflict_id": notice_id(SAID)}))
    answer(company, status="planned")
    told = notice(company)
    assert told is not None and told["state"] == "dismissed"


def test_who_answers_himself_is_not_told() -> None:
    company = Company()
    say(company, by=ADMIN)
    answer(company, status="done")
    assert notice(company) is None


def test_a_device_tells_nobody_the_server_does() -> None:
    company = Company(authority=False)
    say(company)
    answer(company, status="done")
    assert notice(company) is None and feedback(company)["status"] == "done"


@pytest.mark.parametrize("state", ["answered", "declined"])
def test_what_says_nothing_without_words_needs_an_answer(company: Company, state: str) -> None:
    problem = refused(company, lambda: answer(company, status=state))
    assert (problem.code, problem.field) == ("feedback_needs_answer", "answer")
    answer(company, status=state, answer=ANSWER)
    assert feedback(company)["status"] == state


def test_only_administrators_answer_and_nobody_answers_by_writing(company: Company) -> None:
    assert refused(company, lambda: answer(company, REP, status="done")).code == "role_not_allowed"
    assert refused(company, lambda: answer(company, MANAGER, status="done")).code == "role_not_allowed"
    fresh = Company()
    for values in ({"status": "done"}, {"answer": "好"}):
        assert refused(fresh, lambda values=values: say(fresh, **values)).code == "feedback_begins_new"


def test_what_was_said_stays_as_it_was_said(company: Company) -> None:
    assert refused(company, lambda: answer(company, text="别的")).code == "field_fixed"


def test_a_manager_does_not_see_it_and_its_author_withdraws_it(company: Company) -> None:
    assert refused(company, lambda: company.run(("feedback.delete", {"id": SAID}), by=MANAGER)).code == "not_found"
    company.run(("feedback.delete", {"id": SAID}))
    assert feedback(company)["deleted_at"] is not None
    deleted = feedback(company)["deleted_tx"]
    company.run(("feedback.restore", {"id": SAID, "deleted_tx": deleted}))
    assert feedback(company)["deleted_at"] is None


def test_two_administrators_who_answer_are_both_read_and_a_state_given_twice_is_a_question(company: Company) -> None:
    fresh = {"status": "new", "answer": ""}
    answer(company, ADMIN, fresh, status="planned", answer="下个月做。")
    company.run(
        ("feedback.patch", {"id": SAID, "base": {"answer": ""}, "values": {"answer": "先搜城市名。"}}), by=ADMIN
    )
    assert "下个月做。" in feedback(company)["answer"] and "先搜城市名。" in feedback(company)["answer"]
    work = company.run(
        ("feedback.patch", {"id": SAID, "base": {"status": "new"}, "values": {"status": "done"}}), by=ADMIN
    )
    [conflict] = [row for row in company.all("conflict") if row["kind"] == "field"]
    assert conflict["id"] in work.conflicts and feedback(company)["status"] == "planned"
    seen = {"conflict_id": conflict["id"], "choice": "mine", "seen": {"status": "planned"}}
    company.run(("conflict.dismiss", {"conflict_id": notice_id(SAID)}))
    company.run(("conflict.resolve", seen), by=ADMIN)
    told = notice(company)
    assert feedback(company)["status"] == "done" and told is not None and told["state"] == "open"


def test_every_state_stands_somewhere_and_a_subject_is_one_short_line() -> None:
    from shared.catalog import ENTITIES

    states = [state for group in STANDINGS.values() for state in group]
    assert sorted(states) == sorted(ENTITIES["feedback"].fields["status"].choices)
    assert subject({"text": "\n  金额被挡住了 \n第二行"}) == "金额被挡住了"
    assert len(subject({"text": "长" * 500})) == SUBJECT_SIGNS
