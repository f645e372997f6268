"""Leads in other hands: who is told, and sharing them out by load."""

import random
from collections import Counter

import pytest

from shared.errors import CaravanError
from shared.ids import derived_id
from shared.rules.lead_load import Candidate, share_out
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, OTHER_TEAM, REP, STRANGER, TEAM, Company

IDS = [derived_id("lead", number) for number in range(3)]


@pytest.fixture
def company() -> Company:
    made = Company()
    for number, lead_id in enumerate(IDS):
        made.run(("lead.create", {"id": lead_id, "values": {"name": f"人 {number}"}}))
    return made


def assign(company: Company, owner_id: str, *lead_ids: str, by: str = MANAGER) -> None:
    company.run(*(("lead.assign", {"id": lead_id, "owner_id": owner_id}) for lead_id in lead_ids), by=by)


def test_the_new_owner_finds_a_lead_in_the_inbox_and_puts_the_note_aside(company: Company) -> None:
    assign(company, COLLEAGUE, IDS[0])
    [told] = company.all("conflict")
    assert (told["owner_id"], told["kind"], told["code"], told["state"]) == (
        COLLEAGUE,
        "assigned",
        "lead_given",
        "open",
    )
    assert (told["entity"], told["row_id"], told["title"]) == ("lead", IDS[0], "人 0")
    assert told["params"] == {"name": "人 0", "by": company.rows["user", MANAGER]["name"], "count": 1}
    company.run(("conflict.dismiss", {"conflict_id": told["id"]}), by=COLLEAGUE)
    assert company.all("conflict")[0]["state"] == "dismissed"


def test_several_leads_of_one_action_are_one_row_for_each_new_owner(company: Company) -> None:
    commands = [("lead.assign", {"id": lead_id, "owner_id": owner})
                for lead_id, owner in zip(IDS, (COLLEAGUE, COLLEAGUE, MANAGER), strict=True)]  # fmt: skip
    work = company.run(*commands, by=ADMIN)
    told = {row["owner_id"]: row for row in company.all("conflict")}
    assert told.keys() == {COLLEAGUE, MANAGER} and set(work.conflicts) == {row["id"] for row in told.values()}
    assert (told[COLLEAGUE]["code"], told[COLLEAGUE]["row_id"], told[COLLEAGUE]["params"]["count"]) == (
        "leads_given", None, 2,
    )  # fmt: skip
    assert (told[MANAGER]["code"], told[MANAGER]["row_id"]) == ("lead_given", IDS[2])


def test_nobody_is_told_what_he_did_himself_or_had_already_nor_by_a_device(company: Company) -> None:
    assign(company, REP, IDS[0])
    assign(company, MANAGER, IDS[1])
    assert company.all("conflict") == []
    company.authority = False
    assign(company, COLLEAGUE, IDS[2])
    assert company.rows["lead", IDS[2]]["owner_id"] == COLLEAGUE and company.all("conflict") == []


@pytest.mark.parametrize(("by", "owner", "code"), [
    (REP, COLLEAGUE, "role_not_allowed"), (MANAGER, STRANGER, "other_team"), (ADMIN, derived_id("nobody"), "not_found"),
])  # fmt: skip
def test_only_the_desk_gives_leads_away_and_a_manager_within_the_team(
    company: Company, by: str, owner: str, code: str
) -> None:
    before = dict(company.rows)
    with pytest.raises(CaravanError) as refused:
        assign(company, owner, *IDS, by=by)
    assert refused.value.code == code and company.rows == before


def candidate(user_id: str, count: int, *, role: str = "rep", team_id: str | None = TEAM) -> Candidate:
    return Candidate(user_id, user_id, role, team_id, "", count)


def lead(number: int, owner_id: str | None = None, team_id: str | None = TEAM) -> dict[str, str | None]:
    return {"id": str(number), "owner_id": owner_id, "team_id": team_id}


def test_each_lead_goes_to_whoever_has_the_fewest_by_then() -> None:
    people = [candidate("a", 5), candidate("b", 3), candidate("c", 3), candidate("boss", 0, role="manager")]
    assert share_out([lead(n) for n in range(5)], people) == {"0": "b", "1": "c", "2": "b", "3": "c", "4": "a"}
    assert share_out([lead(0)], [candidate("boss", 0, role="manager")]) == {}
    # What somebody has of them is shared out with the rest.
    assert share_out([lead(n, "a") for n in range(4)], [candidate("a", 4), candidate("b", 0)]) == {
        "0": "a", "1": "b", "2": "a", "3": "b",
    }  # fmt: skip


def test_a_lead_stays_in_its_team_where_that_has_reps() -> None:
    people = [candidate("a", 9), candidate("x", 0, team_id=OTHER_TEAM)]
    given = share_out([lead(0), lead(1, team_id=OTHER_TEAM), lead(2, team_id="empty"), lead(3, team_id=None)], people)
    assert given == {"0": "a", "1": "x", "2": "x", "3": "x"}


def test_shared_out_leads_leave_nobody_with_two_more_than_another() -> None:
    dice = random.Random(5)
    for _ in range(200):
        people = [candidate(f"u{n}", dice.randrange(4)) for n in range(dice.randrange(1, 6))]
        leads = [lead(n) for n in range(dice.randrange(20, 40))]
        given = share_out(leads, people)
        after = Counter({one.id: one.open for one in people}) + Counter(given.values())
        assert given.keys() == {one["id"] for one in leads}
        assert max(after.values()) - min(after[one.id] for one in people) <= 1
