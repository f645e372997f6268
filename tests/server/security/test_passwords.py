"""What password hashing promises."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from argon2 import extract_parameters

from server.security.passwords import NOBODY, Passwords, check_policy
from shared.errors import InvalidInput, LimitExceeded, Unavailable


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    hasher = Passwords(running=2, waiting=2)
    yield hasher
    hasher.close()


def test_a_hash_is_argon2id_and_fits_its_password_only(passwords: Passwords) -> None:
    stored = passwords.hash_now("camels walk at dawn")
    assert stored.startswith("$argon2id$")
    assert asyncio.run(passwords.verify(stored, "camels walk at dawn"))
    assert not asyncio.run(passwords.verify(stored, "camels walk at dusk"))


def test_the_hash_of_nobody_has_the_parameters_of_all_others(passwords: Passwords) -> None:
    assert extract_parameters(NOBODY) == extract_parameters(passwords.hash_now("camels walk at dawn"))


def test_a_damaged_hash_fits_nothing(passwords: Passwords) -> None:
    assert not asyncio.run(passwords.verify("not a hash", "camels walk at dawn"))


def test_an_unknown_user_costs_as_much_as_a_known_one(passwords: Passwords) -> None:
    stored = passwords.hash_now("camels walk at dawn")

    def seconds(of: str | None) -> float:
        start = time.perf_counter()
        assert not asyncio.run(passwords.verify(of, "wrong password"))
        return time.perf_counter() - start

    known = min(seconds(stored) for _ in range(5))
    unknown = min(seconds(None) for _ in range(5))
    assert 0.5 < unknown / known < 2


def test_more_than_the_queue_holds_is_told_to_come_back(passwords: Passwords) -> None:
    stored = passwords.hash_now("camels walk at dawn")

    async def many() -> list[bool | BaseException]:
        tries = (passwords.verify(stored, "camels walk at dawn") for _ in range(10))
        return await asyncio.gather(*tries, return_exceptions=True)

    answers = asyncio.run(many())
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert [answer.code for answer in refused] == ["too_busy"] * 6
    assert answers.count(True) == 4
    assert asyncio.run(passwords.verify(stored, "camels walk at dawn")), "the queue is free again afterwards"


def test_an_endless_password_is_refused_before_hashing(passwords: Passwords) -> None:
    with pytest.raises(LimitExceeded) as refusal:
        asyncio.run(passwords.verify(None, "x" * 513))
    assert (refusal.value.code, refusal.value.status) == ("password_too_long", 413)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("1234567890", "password_common"),
        ("Password123", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("xx-gaolan-2026", "password_common"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_policy(password, login="gaolan")
    assert refusal.value.code == code


@pytest.mark.parametrize("password", ["camels walk at dawn", "骆驼商队清晨出发去沙漠"])
def test_a_few_words_make_a_password(password: str) -> None:
    check_policy(password, login="gaolan")
