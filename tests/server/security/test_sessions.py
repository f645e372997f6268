"""What sessions promise, on both databases."""

import asyncio

import pytest

from server.security import sessions
from shared.errors import AuthError
from tests.server.security.conftest import Desk
from tests.support.company import REP

pytestmark = pytest.mark.anyio


async def refused(attempt: object) -> str:
    with pytest.raises(AuthError) as refusal:
        await attempt  # type: ignore[misc]
    return refusal.value.code


def bearer(issued: sessions.Issued) -> str:
    return f"Bearer {issued.view.access_token}"


async def test_an_access_token_lives_for_fifteen_minutes(desk: Desk) -> None:
    issued = await desk.sign_in()
    desk.pass_time(890)
    await desk.auth.principal(bearer(issued))
    desk.pass_time(20)
    assert await refused(desk.auth.principal(bearer(issued))) == "session_expired"


async def test_refreshing_rotates_both_tokens(desk: Desk) -> None:
    issued = await desk.sign_in()
    following = await desk.auth.refresh(issued.refresh_token)
    assert following.refresh_token != issued.refresh_token
    assert following.view.access_token != issued.view.access_token
    assert (await desk.auth.principal(bearer(following))).user_id == REP
    assert (await desk.auth.principal(bearer(issued))).user_id == REP, "requests under way still pass"


async def test_a_lost_answer_is_given_again_and_makes_no_second_branch(desk: Desk) -> None:
    issued = await desk.sign_in()
    lost = await desk.auth.refresh(issued.refresh_token)
    again = await desk.auth.refresh(issued.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert (await desk.auth.refresh(again.refresh_token)).refresh_token != lost.refresh_token


async def test_an_answer_lost_in_a_tunnel_is_given_again_hours_later(desk: Desk) -> None:
    issued = await desk.sign_in()
    lost = await desk.auth.refresh(issued.refresh_token)
    desk.pass_time(5 * 3600)
    assert (await desk.auth.refresh(issued.refresh_token)).refresh_token == lost.refresh_token


async def test_parallel_refreshes_of_two_tabs_agree(desk: Desk) -> None:
    issued = await desk.sign_in()
    answers = await asyncio.gather(*(desk.auth.refresh(issued.refresh_token) for _ in range(10)))
    assert len({answer.refresh_token for answer in answers}) == 1


async def test_an_old_token_that_comes_again_ends_the_whole_session(desk: Desk) -> None:
    issued = await desk.sign_in()
    thief = await desk.auth.refresh(issued.refresh_token)
    await desk.auth.principal(bearer(thief))
    desk.pass_time(121)
    assert await refused(desk.auth.refresh(issued.refresh_token)) == "session_revoked"
    assert await refused(desk.auth.refresh(thief.refresh_token)) == "session_revoked"
    assert await refused(desk.auth.principal(bearer(thief))) == "session_revoked"


async def test_a_token_two_rotations_old_has_no_grace(desk: Desk) -> None:
    issued = await desk.sign_in()
    second = await desk.auth.refresh(issued.refresh_token)
    await desk.auth.refresh(second.refresh_token)
    assert await refused(desk.auth.refresh(issued.refresh_token)) == "session_revoked"


async def test_one_session_that_ends_leaves_the_others(desk: Desk) -> None:
    first, second = await desk.sign_in(), await desk.sign_in()
    await desk.auth.sign_out(first.refresh_token)
    assert await refused(desk.auth.principal(bearer(first))) == "session_expired"
    assert await refused(desk.auth.refresh(first.refresh_token)) == "session_expired"
    assert (await desk.auth.principal(bearer(second))).user_id == REP


async def test_a_session_ends_thirty_days_after_its_last_refresh(desk: Desk) -> None:
    issued = await desk.sign_in()
    desk.pass_time(29 * 86_400)
    following = await desk.auth.refresh(issued.refresh_token)
    desk.pass_time(29 * 86_400)
    following = await desk.auth.refresh(following.refresh_token)
    desk.pass_time(31 * 86_400)
    assert await refused(desk.auth.refresh(following.refresh_token)) == "session_expired"


async def test_a_revoked_device_is_refused_at_its_next_request(desk: Desk) -> None:
    issued, other = await desk.sign_in(), await desk.sign_in()
    await desk.revoke(await desk.auth.principal(bearer(other)), issued.view.device_id)
    assert await refused(desk.auth.principal(bearer(issued))) == "device_revoked"
    assert await refused(desk.auth.refresh(issued.refresh_token)) == "device_revoked"
    assert (await desk.auth.principal(bearer(other))).user_id == REP


async def test_an_inactive_user_is_refused_at_the_next_request(desk: Desk) -> None:
    issued = await desk.sign_in()
    await desk.run_as_admin("user.patch", REP, {"active": True}, {"active": False})
    assert await refused(desk.auth.principal(bearer(issued))) == "user_inactive"
    assert await refused(desk.auth.refresh(issued.refresh_token)) == "user_inactive"


async def test_a_changed_role_counts_at_the_next_request(desk: Desk) -> None:
    issued = await desk.sign_in()
    await desk.run_as_admin("user.patch", REP, {"role": "rep"}, {"role": "manager"})
    assert (await desk.auth.principal(bearer(issued))).actor.role == "manager"


@pytest.mark.parametrize("header", [None, "", "Basic x", "Bearer", "bearer x"])
async def test_a_request_without_a_token_must_sign_in(desk: Desk, header: str | None) -> None:
    assert await refused(desk.auth.principal(header)) == "sign_in_needed"


async def test_made_up_and_exchanged_tokens_open_nothing(desk: Desk) -> None:
    issued = await desk.sign_in()
    place, _, _ = issued.view.access_token.rpartition(".")
    for token in ("x", "", place + ".", f"{place}.guess", issued.refresh_token):
        assert await refused(desk.auth.principal(f"Bearer {token}")) == "session_expired"
    assert await refused(desk.auth.refresh(None)) == "session_expired"
    assert (await desk.auth.principal(bearer(issued))).user_id == REP, "guessing does not end somebody's session"


async def test_an_access_token_is_no_refresh_token(desk: Desk) -> None:
    issued = await desk.sign_in()
    assert await refused(desk.auth.refresh(issued.view.access_token)) == "session_revoked"
