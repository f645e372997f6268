"""The first hour with the app: what somebody of each role tries once, and how far somebody is (R85)."""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

import msgspec

TASKS: dict[str, tuple[str, ...]] = {
    "rep": ("signed_in", "lead", "find", "follow_up", "deal", "offline_order", "sheet"),
    "manager": ("signed_in", "period", "rows", "deal", "lease", "trail", "conflict"),
    "admin": ("signed_in", "invite", "stage", "event", "devices", "chain", "feedback"),
}
"""Role → keys of its tasks, in order."""
OCCASIONAL = frozenset({"conflict", "feedback"})
"""Tasks that are there only when there is something to do them with."""
NEEDS_SERVER = frozenset({"trail", "chain", "devices"})
"""Tasks whose screen shows nothing without the network."""
AT_ONCE = frozenset({"signed_in"})
"""What everybody who can see the list has done."""
_NARROWED = frozenset({"first", "owner", "city", "source", "currency"})
_ROWS = frozenset({"/dashboard/leads", "/dashboard/deals"})


class Step(msgspec.Struct, frozen=True):
    """A task of somebody's."""

    key: str
    done: bool


def steps(role: str, done: Collection[str], possible: Collection[str]) -> tuple[Step, ...]:
    """The role's tasks in order. ``possible``: those of ``OCCASIONAL`` for which there is something."""
    return tuple(
        Step(key, key in done or key in AT_ONCE)
        for key in TASKS.get(role, ())
        if key not in OCCASIONAL or key in possible or key in done
    )


def counted_from(*, demo: bool, opened_at: int) -> int:
    """From when on a row counts as one's own try, UTC ms: in a demo, whose people have a past, from the first look at
    the app on this device; otherwise everything that one ever did counts."""
    return opened_at if demo else 0


def seen_at(address: str, *, online: bool) -> frozenset[str]:
    """The tasks that are done by looking at the screen of this address: there is no row that would tell."""
    parts = urlsplit(address)
    path, given = parts.path.rstrip("/") or "/", dict(parse_qsl(parts.query))
    found = set()
    if path == "/" and "period" in given:
        found.add("period")
    if path in _ROWS or (path == "/orders" and _NARROWED & given.keys()) or (path == "/follow-ups" and "late" in given):
        found.add("rows")
    if re.fullmatch(r"/log/[^/]+/[^/]+", path):
        found.add("trail")
    if path == "/log":
        found.add("chain")
    if re.fullmatch(r"/users/(?!new$)[^/]+", path):
        found.add("devices")
    return frozenset(found if online else found - NEEDS_SERVER)
