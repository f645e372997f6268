"""Time-based one-time passwords (RFC 6238): six digits, 30 s steps, SHA-1, one step of tolerance to each side.

Pure rules. That a step passes only once is kept by the database (``sign_in.py``): a conditional update of the last used
step, so that of any number of parallel tries with one code exactly one passes.
"""

import hmac
from enum import StrEnum

import msgspec
import pyotp

STEP_S = 30
DIGITS = 6
WINDOW_STEPS = 1
"""Clocks of telephones differ: the neighbouring codes pass too."""
LOOK_BACK_STEPS = 10
"""An older code of the last five minutes is called expired, not wrong: typing it again will not help."""
ISSUER = "Caravan 商队"


class Verdict(StrEnum):
    """What a code is worth."""

    PASSES = "passes"
    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"


class Judgement(msgspec.Struct, frozen=True):
    """A verdict with the step that the code belongs to (0 for a wrong one), and for a used code how many seconds
    remain until one comes that has not been used."""

    verdict: Verdict
    step: int = 0
    next_in_s: int = 0


def new_secret() -> str:
    """A fresh secret of 160 bits, base32."""
    return pyotp.random_base32()


def step_at(now_ms: int) -> int:
    """The number of the time step."""
    return now_ms // 1000 // STEP_S


def code_at(secret: str, step: int) -> str:
    """The six digits of a step."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).generate_otp(step)


def enrolment_uri(secret: str, login: str) -> str:
    """The ``otpauth://`` address that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=login, issuer_name=ISSUER)


def is_code(text: str) -> bool:
    """Whether the text has the form of a code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def judge(secret: str, code: str, used_step: int, now_ms: int) -> Judgement:
    """What the code is worth now. ``used_step`` is the last step that has passed.

    Every step is compared in constant time and all are compared, whatever matches.
    """
    now = step_at(now_ms)
    candidates = range(now - WINDOW_STEPS - LOOK_BACK_STEPS, now + WINDOW_STEPS + 1)
    matches = [step for step in candidates if hmac.compare_digest(code_at(secret, step), code)]
    current = [step for step in matches if step >= now - WINDOW_STEPS]
    fresh = [step for step in current if step > used_step]
    if fresh:
        return Judgement(Verdict.PASSES, fresh[0])
    if current:
        return Judgement(Verdict.USED, current[-1], next_in_s(used_step, now_ms))
    if matches:
        return Judgement(Verdict.EXPIRED, matches[-1])
    return Judgement(Verdict.WRONG)


def next_in_s(used_step: int, now_ms: int) -> int:
    """Seconds until the authenticator shows a code of a later step than the used one; 0 when it does already."""
    wait_ms = (used_step + 1) * STEP_S * 1000 - now_ms
    return max(0, -(-wait_ms // 1000))
