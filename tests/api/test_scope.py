"""Changes of view over HTTP, read by fresh devices and through a connection of their own."""

import time

from tests.api.test_auth import stored
from tests.api.test_handin import pulled, push
from tests.support.company import ACCOUNT, ADMIN, OTHER_TEAM, REP, STRANGER
from tests.support.served import Browser

PATIENCE_S = 30


def test_a_shared_customer_comes_to_a_fresh_device_with_all_below_it(server: str) -> None:
    with Browser(server) as desk:
        desk.sign_in(ADMIN[:8])
        contact = {"id": "0199aaaa-0000-7000-8000-000000000001", "values": {"account_id": ACCOUNT, "name": "周岚"}}
        push(desk, ("contact.create", contact))
        push(desk, ("account.share", {"id": ACCOUNT, "user_id": STRANGER}))
    rows = pulled(server, STRANGER)
    assert [row["id"] for row in rows["account"]] == [ACCOUNT]
    assert [(row["name"], row["owner_id"], row["shared_with"]) for row in rows["contact"]] == [
        ("周岚", REP, [STRANGER])
    ]


def test_the_running_server_moves_the_rows_of_a_user_to_the_new_team(server: str, database_url: str) -> None:
    before = stored(database_url, "account", ACCOUNT)
    with Browser(server) as desk:
        desk.sign_in(ADMIN[:8])
        move = {"base": {"home_team_id": before.team_id}, "values": {"home_team_id": OTHER_TEAM}}
        push(desk, ("user.patch", {"id": REP, **move}))
    deadline = time.monotonic() + PATIENCE_S
    while stored(database_url, "account", ACCOUNT).team_id != OTHER_TEAM:
        assert time.monotonic() < deadline, "the rows do not follow"
        time.sleep(0.1)
    assert stored(database_url, "account", ACCOUNT).owner_id == REP
