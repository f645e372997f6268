"""What a reset ends: sign-ins begun before it, sessions, and the one-time password itself once it was used."""

from typing import Any

import pytest

from server.security import people, totp
from server.security.passwords import Passwords
from server.security.people import Invitation
from server.security.sign_in import Challenge
from shared.errors import CaravanError
from tests.server.security.conftest import HERE, LOGIN, PASSWORD, PHONE, Desk
from tests.support.authority import caller
from tests.support.company import ADMIN, REP

pytestmark = pytest.mark.anyio
OWN = "camels walk at dusk"


async def reset(desk: Desk, *, authenticator: bool = True) -> Invitation:
    by: Any = caller(ADMIN)
    passwords = Passwords(running=1)
    try:
        return await people.reset(desk.authority, passwords, by, REP, authenticator=authenticator)
    finally:
        passwords.close()


async def begun(desk: Desk, password: str) -> Challenge:
    return await desk.auth.sign_in.password(LOGIN, password, PHONE, HERE)


async def refused(attempt: Any) -> str:
    with pytest.raises(CaravanError) as refusal:
        await attempt
    return refusal.value.code


async def enrolled(desk: Desk, challenge: str, own: str | None) -> Any:
    """The second step of a newcomer, with a code that was not used."""
    desk.pass_time(60)
    secret = (await desk.auth.sign_in.enrol(challenge, HERE)).secret
    return await desk.auth.sign_in.confirm(challenge, totp.code_at(secret, totp.step_at(desk.now_ms)), HERE, own)


async def test_a_sign_in_begun_with_the_old_password_is_over_after_a_reset(desk: Desk) -> None:
    old = (await begun(desk, PASSWORD)).challenge
    first = await reset(desk)
    assert await refused(desk.auth.sign_in.enrol(old, HERE)) == "challenge_expired"
    assert await refused(desk.auth.sign_in.code(old, desk.code(), HERE, OWN)) == "challenge_expired"
    invited = (await begun(desk, first.password)).challenge
    second = await reset(desk)
    assert await refused(desk.auth.sign_in.enrol(invited, HERE)) == "challenge_expired"
    assert (await enrolled(desk, (await begun(desk, second.password)).challenge, OWN)).view.user.id == REP


async def test_a_password_that_was_judged_before_the_reset_opens_nothing_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Passwords.verify

    async def slow(self: Passwords, stored: str | None, password: str) -> bool:
        fits = await judge(self, stored, password)
        monkeypatch.setattr(Passwords, "verify", judge)
        await reset(desk)
        return fits

    monkeypatch.setattr(Passwords, "verify", slow)
    late = (await begun(desk, PASSWORD)).challenge
    assert await refused(desk.auth.sign_in.enrol(late, HERE)) == "challenge_expired"


async def test_sessions_end_with_the_reset_or_not_at_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = f"Bearer {(await desk.sign_in()).view.access_token}"

    async def fails(*_: Any) -> None:
        raise CaravanError("database_busy")

    with monkeypatch.context() as broken:
        broken.setattr("server.db.store.SqlUnit.flush", fails)
        assert await refused(reset(desk)) == "database_busy"
    assert (await desk.auth.principal(token)).user_id == REP
    await reset(desk)
    assert await refused(desk.auth.principal(token)) == "session_revoked"


async def test_the_one_time_password_cannot_stay_as_ones_own(desk: Desk) -> None:
    made = await reset(desk)
    challenge = (await begun(desk, made.password)).challenge
    assert await refused(enrolled(desk, challenge, made.password)) == "password_same"
    assert (await desk.credential()).one_time_until is not None, "nothing was used up"
    assert (await enrolled(desk, challenge, OWN)).view.user.id == REP


async def test_a_second_step_whose_answer_was_lost_is_repeated_and_other_begun_sign_ins_are_over(desk: Desk) -> None:
    made = await reset(desk)
    mine, other = [(await begun(desk, made.password)).challenge for _ in range(2)]
    await enrolled(desk, mine, OWN)
    assert await refused(desk.auth.sign_in.confirm(mine, "000000", HERE, OWN)) == "code_wrong"
    assert await refused(desk.auth.sign_in.enrol(other, HERE)) == "challenge_expired"
