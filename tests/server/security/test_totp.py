"""What the second factor promises, at the level of pure rules."""

import pytest

from server.security import totp
from server.security.totp import Verdict

# RFC 6238, appendix B: the SHA-1 secret "12345678901234567890", last six of the eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
NOW_MS = 1_800_000_010_000
STEP = totp.step_at(NOW_MS)


def code(offset: int) -> str:
    return totp.code_at(RFC_SECRET, STEP + offset)


@pytest.mark.parametrize(("second", "expected"), RFC_CODES.items())
def test_codes_are_those_of_the_standard(second: int, expected: str) -> None:
    assert totp.code_at(RFC_SECRET, totp.step_at(second * 1000)) == expected


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_neighbouring_codes_pass(offset: int) -> None:
    judged = totp.judge(RFC_SECRET, code(offset), 0, NOW_MS)
    assert (judged.verdict, judged.step) == (Verdict.PASSES, STEP + offset)


@pytest.mark.parametrize("offset", [-2, -11])
def test_an_older_code_is_called_expired(offset: int) -> None:
    assert totp.judge(RFC_SECRET, code(offset), 0, NOW_MS).verdict is Verdict.EXPIRED


@pytest.mark.parametrize("offset", [-12, 2])
def test_a_code_outside_of_the_look_back_is_wrong(offset: int) -> None:
    assert totp.judge(RFC_SECRET, code(offset), 0, NOW_MS).verdict is Verdict.WRONG


@pytest.mark.parametrize("used", [0, 1])
def test_a_used_step_never_passes_again_and_neither_does_an_earlier_one(used: int) -> None:
    for offset in range(-1, used + 1):
        assert totp.judge(RFC_SECRET, code(offset), STEP + used, NOW_MS).verdict is Verdict.USED


@pytest.mark.parametrize(("used", "seconds"), [(-1, 0), (0, 20), (1, 50)])
def test_a_used_code_says_when_the_next_one_comes(used: int, seconds: int) -> None:
    # NOW_MS is ten seconds into its step.
    assert totp.judge(RFC_SECRET, code(used), STEP + used, NOW_MS).next_in_s == seconds


def test_secrets_are_long_and_different() -> None:
    secrets = {totp.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {32}  # 160 bits in base32


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "１２３４５６", "12 456"])
def test_only_six_ascii_digits_are_a_code(text: str) -> None:
    assert not totp.is_code(text)
