"""What the sign-in promises, on both databases. Stored effects are read in transactions of their own."""

import asyncio

import pytest

from server.db.tables import table
from server.security import totp
from server.security.sign_in import ClientDevice
from shared.errors import AuthError, CaravanError, LimitExceeded
from tests.server.security.conftest import HERE, LOGIN, PASSWORD, PHONE, Desk
from tests.support.company import COLLEAGUE, MANAGER, ORG, REP

pytestmark = pytest.mark.anyio


async def refused(attempt: object) -> AuthError:
    with pytest.raises(AuthError) as refusal:
        await attempt  # type: ignore[misc]
    return refusal.value


async def test_password_and_code_open_a_session(desk: Desk) -> None:
    issued = await desk.sign_in()
    principal = await desk.auth.principal(f"Bearer {issued.view.access_token}")
    assert (principal.user_id, principal.org_id, principal.device_id) == (REP, ORG, issued.view.device_id)
    assert issued.view.user.discount_limit == "10"
    assert issued.view.lease_until - issued.view.server_time == 7 * 86_400_000


async def test_the_name_is_taken_as_people_type_it(desk: Desk) -> None:
    challenge = await desk.auth.sign_in.password(f"  {LOGIN.upper()} ", PASSWORD, PHONE, HERE)
    assert challenge.enrolled


async def test_wrong_password_and_unknown_name_look_the_same(desk: Desk) -> None:
    wrong = await refused(desk.auth.sign_in.password(LOGIN, "wrong password", PHONE, HERE))
    unknown = await refused(desk.auth.sign_in.password("nobody", "wrong password", PHONE, HERE))
    assert (wrong.code, wrong.params, wrong.status) == (unknown.code, unknown.params, unknown.status)
    assert wrong.code == "bad_credentials"


async def test_an_unknown_name_locks_like_a_known_one(desk: Desk) -> None:
    answers = []
    for login in (LOGIN, "nobody"):
        for _ in range(6):
            error = await refused(desk.auth.sign_in.password(login, "wrong password", PHONE, HERE))
            answers.append((error.code, error.params.get("seconds")))
    assert answers[:6] == answers[6:]
    assert answers[5] == ("account_locked", 30)


async def test_of_fifty_parallel_tries_with_one_code_exactly_one_passes(desk: Desk) -> None:
    challenges = await asyncio.gather(*(desk.challenge() for _ in range(5)))
    code = desk.code()
    tries = (desk.auth.sign_in.code(challenges[number % 5], code, HERE) for number in range(50))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    passed = [answer for answer in answers if not isinstance(answer, BaseException)]
    refusals = [answer.code for answer in answers if isinstance(answer, CaravanError)]
    assert len(passed) == 1
    assert refusals == ["code_used"] * 49
    assert (await desk.credential()).failures == 0


async def test_a_used_code_says_when_the_next_comes_and_is_no_failed_guess(desk: Desk) -> None:
    await desk.sign_in()
    for _ in range(10):
        error = await refused(desk.auth.sign_in.code(await desk.challenge(), desk.code(), HERE))
        assert error.code == "code_used"
        assert 0 < error.params["next_in_s"] <= 30
    assert (await desk.credential()).failures == 0
    desk.pass_time(30)
    assert await desk.auth.sign_in.code(await desk.challenge(), desk.code(), HERE)


async def test_an_expired_code_is_told_from_a_wrong_one(desk: Desk) -> None:
    challenge = await desk.challenge()
    assert (await refused(desk.auth.sign_in.code(challenge, desk.code(-3), HERE))).code == "code_expired"
    assert (await refused(desk.auth.sign_in.code(challenge, desk.code(-40), HERE))).code == "code_wrong"
    assert (await desk.credential()).failures == 2


async def test_the_delay_grows_and_a_whole_sign_in_ends_it(desk: Desk) -> None:
    waits = []
    for _ in range(7):
        error = await refused(desk.auth.sign_in.password(LOGIN, "wrong password", PHONE, HERE))
        if error.code == "account_locked":
            waits.append(error.params["seconds"])
            desk.pass_time(error.params["seconds"])
    assert waits == [30]
    await refused(desk.auth.sign_in.password(LOGIN, "wrong password", PHONE, HERE))
    error = await refused(desk.auth.sign_in.password(LOGIN, PASSWORD, PHONE, HERE))
    assert error.params["seconds"] == 60
    desk.pass_time(error.params["seconds"])
    await desk.sign_in()
    stored = await desk.credential()
    assert (stored.failures, stored.locked_until) == (0, None)


async def test_the_right_password_alone_does_not_reset_the_count(desk: Desk) -> None:
    for _ in range(4):
        await refused(desk.auth.sign_in.password(LOGIN, "wrong password", PHONE, HERE))
    challenge = await desk.challenge()
    await refused(desk.auth.sign_in.code(challenge, "000000", HERE))
    assert (await refused(desk.auth.sign_in.code(challenge, desk.code(), HERE))).code == "account_locked"


async def test_a_challenge_takes_few_wrong_codes(desk: Desk) -> None:
    challenge = await desk.challenge()
    for _ in range(6):
        error = await refused(desk.auth.sign_in.code(challenge, "000000", HERE))
        assert error.code == "code_wrong"
        desk.pass_time(45 if (await desk.credential()).failures > 4 else 0)
        stored = await desk.credential()
        if stored.locked_until:
            desk.authority.clock.value = max(desk.now_ms, stored.locked_until)
    assert (await refused(desk.auth.sign_in.code(challenge, desk.code(), HERE))).code == "challenge_expired"


async def test_a_challenge_ends_after_five_minutes(desk: Desk) -> None:
    challenge = await desk.challenge()
    desk.pass_time(301)
    assert (await refused(desk.auth.sign_in.code(challenge, desk.code(), HERE))).code == "challenge_expired"


async def test_a_made_up_challenge_is_an_expired_one(desk: Desk) -> None:
    real = await desk.challenge()
    for token in ("", "x", real[:-1] + ("A" if real[-1] != "A" else "B"), real.partition(".")[2]):
        assert (await refused(desk.auth.sign_in.code(token, desk.code(), HERE))).code == "challenge_expired"


async def test_a_newcomer_enrols_once_and_signs_in_with_it(desk: Desk) -> None:
    await desk.add_credential(COLLEAGUE, enrolled=False)
    first = await desk.auth.sign_in.password(COLLEAGUE[:8], PASSWORD, PHONE, HERE)
    assert not first.enrolled
    assert (await refused(desk.auth.sign_in.code(first.challenge, "123456", HERE))).code == "not_enrolled"
    enrolment = await desk.auth.sign_in.enrol(first.challenge, HERE)
    again = await desk.auth.sign_in.enrol(first.challenge, HERE)
    assert enrolment == again, "asking again (the answer was lost) shows the same secret"
    assert enrolment.otpauth_uri.startswith("otpauth://totp/")
    assert enrolment.secret in enrolment.otpauth_uri
    code = totp.code_at(enrolment.secret, totp.step_at(desk.now_ms))
    assert (await desk.auth.sign_in.confirm(first.challenge, code, HERE)).view.user.id == COLLEAGUE
    assert (await refused(desk.auth.sign_in.confirm(first.challenge, code, HERE))).code == "code_used"
    assert (await refused(desk.auth.sign_in.enrol(first.challenge, HERE))).code == "already_enrolled"
    stored = await desk.credential(COLLEAGUE)
    assert stored.totp_secret.startswith("sealed:")
    assert enrolment.secret not in stored.totp_secret


async def test_of_two_enrolments_of_one_user_the_first_confirmed_wins(desk: Desk) -> None:
    await desk.add_credential(COLLEAGUE, enrolled=False)
    challenges = [(await desk.challenge(COLLEAGUE[:8])) for _ in range(2)]
    secrets = [(await desk.auth.sign_in.enrol(challenge, HERE)).secret for challenge in challenges]
    step = totp.step_at(desk.now_ms)
    assert await desk.auth.sign_in.confirm(challenges[1], totp.code_at(secrets[1], step), HERE)
    desk.pass_time(30)
    error = await refused(desk.auth.sign_in.confirm(challenges[0], totp.code_at(secrets[0], step + 1), HERE))
    assert error.code == "code_wrong"


async def test_an_inactive_user_is_told_so_only_with_the_right_password(desk: Desk) -> None:
    await desk.run_as_admin("user.patch", REP, {"active": True}, {"active": False})
    assert (await refused(desk.auth.sign_in.password(LOGIN, "wrong password", PHONE, HERE))).code == "bad_credentials"
    assert (await refused(desk.auth.sign_in.password(LOGIN, PASSWORD, PHONE, HERE))).code == "user_inactive"


async def test_the_same_device_comes_back_and_a_revoked_or_foreign_one_gets_a_new_id(desk: Desk) -> None:
    first = (await desk.sign_in()).view.device_id
    again = ClientDevice(first, "Lin's phone", "web")
    assert (await desk.sign_in(again)).view.device_id == first
    foreign = ClientDevice(MANAGER, "not mine", "web")
    assert (await desk.sign_in(foreign)).view.device_id not in (first, MANAGER)
    principal = await desk.auth.principal(f"Bearer {(await desk.sign_in(again)).view.access_token}")
    await desk.revoke(principal, first)
    assert (await desk.sign_in(again)).view.device_id != first


async def test_a_device_is_a_row_in_its_owners_feed_and_in_the_log(desk: Desk) -> None:
    device_id = (await desk.sign_in()).view.device_id
    rows = await desk.authority.store.view(ORG, lambda view: view.versions([("device", device_id)], restricted=False))
    assert [row.buckets for row in rows] == [(f"user:{REP}",)]
    log = await desk.database.read(lambda tx: tx.execute(desk.database.metadata.tables["tx_log"].select()))
    assert "device.sign_in" in {entry.commands for entry in log}


async def test_one_address_cannot_try_without_end(desk: Desk) -> None:
    async def until_limited() -> LimitExceeded:
        for _ in range(200):
            try:
                await desk.auth.sign_in.code("x", "000000", "203.0.113.9")
            except LimitExceeded as error:
                return error
            except AuthError:
                continue
        raise AssertionError("200 tries passed")

    assert (await until_limited()).code == "too_many_requests"
    assert await desk.challenge(), "another address is not concerned"


async def test_no_secret_is_stored_as_it_is(desk: Desk) -> None:
    issued = await desk.sign_in()
    challenge = await desk.challenge()
    stored = []
    for name in ("session", "challenge", table("credential").name):
        rows = await desk.database.read(lambda tx, name=name: tx.execute(desk.database.metadata.tables[name].select()))
        stored += [str(value) for row in rows for value in row]
    secrets = [PASSWORD, challenge, issued.refresh_token, issued.view.access_token]
    for secret in (part for whole in secrets for part in (whole, whole.rpartition(".")[2])):
        assert not any(secret in value for value in stored)
