"""What the doctor finds. Each code has its words, and what to do, in ``shared/locale`` (``doctor.<code>``)."""

from collections import Counter
from typing import Any

import msgspec

from shared.commands.work import Key

SHOWN_OF_EACH = 20
"""Findings of one code that are listed; the others are counted."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong. ``params`` fill its words; values of customers are never among them."""

    code: str
    params: dict[str, Any] = {}


class Examined(msgspec.Struct):
    """One organisation's examination."""

    org_id: str
    rows: int = 0
    findings: list[Finding] = []
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    derivable: dict[Key, set[str]] = {}
    """Rows whose feed version or memberships can be made anew from the row, each with the buckets to be left."""
    installs: dict[str, int] = {}
    """Installs whose number is behind the log, with the number that the log has."""

    def add(self, code: str, **params: Any) -> None:
        """Notes a finding."""
        self.counts[code] += 1
        if self.counts[code] <= SHOWN_OF_EACH:
            self.findings.append(Finding(code, params))

    def add_derivable(self, code: str, key: Key, left: set[str] | None = None, **params: Any) -> None:
        """Notes a finding that writing the row anew mends."""
        self.add(code, entity=key[0], id=key[1], **params)
        self.derivable.setdefault(key, set()).update(left or ())
