"""What is said of a lead wherever it is shown or changed: pure functions of its row."""

import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

NAMING = ("name", "company", "phone", "email", "wechat")
"""Fields of which a lead has at least one: by them it is found again."""
_NOT_DIGIT = re.compile("[^0-9]")
_COMPANY_FORM = re.compile(
    r"(?:股份|集团|控股)?(?:有限)?(?:责任)?公司|集团|\b(?:co|ltd|inc|llc|gmbh|corp|corporation|company|limited|ag|bv|srl|sa)\b",
    re.IGNORECASE,
)
_NOT_WORD = re.compile(r"[^\w]+|_")
DIGITS_MIN = 7
"""Fewer digits of a number say too little to call two people the same."""


def title(row: Row) -> str:
    """The name of a lead to people: the first of what is known."""
    return next((str(row[name]) for name in NAMING if row.get(name)), "")


def phone_key(phone: str) -> str:
    """What two spellings of one number have in common: its digits, without the country's code 86 or leading zeros, at
    most the last eleven; empty for too few."""
    digits = _NOT_DIGIT.sub("", re.split(r"(?i)\s*(?:ext|转|x)", phone)[0])
    digits = digits.removeprefix("00")
    if len(digits) > 11:
        digits = digits.removeprefix("86")
    digits = digits.lstrip("0")[-11:]
    return digits if len(digits) >= DIGITS_MIN else ""


def email_key(email: str) -> str:
    """An address as it is compared."""
    return email.strip().lower()


def company_key(name: str) -> str:
    """A company's name without its legal form, spaces and signs: ``杭州山野（有限公司）`` → ``杭州山野``."""
    return _NOT_WORD.sub("", _COMPANY_FORM.sub("", name)).lower()


def lacks(row: Row) -> tuple[str, ...]:
    """What a lead still needs before the booth closes (X5): of ``grade``, ``note``, ``next_step``, in this order."""
    missing = []
    if not row["grade"]:
        missing.append("grade")
    if not row["note"].strip() and not row["answers"]:
        missing.append("note")
    if not row["next_step_on"] and not row["next_step"]:
        missing.append("next_step")
    return tuple(missing)


def runs_on(event: Row, day: str) -> bool:
    """Whether the show is open on the day (ISO text)."""
    return bool(event["active"]) and event["starts_on"] <= day <= event["ends_on"]
