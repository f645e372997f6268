"""What the server tells of a record's history and of the log: ``/v1/audit`` and ``/v1/audit/chain``."""

from typing import Any

import msgspec


class Change(msgspec.Struct, frozen=True):
    """A field's values in wire form, as the author had seen and as he wanted them; long ones are cut."""

    field: str
    before: Any = None
    after: Any = None


class Step(msgspec.Struct, frozen=True):
    """A command about the record. ``changes`` are of its named fields only; a named command has none."""

    command: str
    changes: list[Change] = []


class TrailEntry(msgspec.Struct, frozen=True):
    """One entry of the log. ``status``: accepted, merged, rejected; ``code`` of a refusal. Instants UTC milliseconds.

    ``erased``: what was sent is not kept any more. Without a user the server itself did it.
    """

    n: int
    user_id: str
    user_name: str
    device_name: str
    occurred_at: int
    received_at: int
    status: str
    code: str
    steps: list[Step]
    erased: bool = False


class ChainState(msgspec.Struct, frozen=True):
    """The log's chain as far as it was verified: ``entries`` of ``head`` are. ``broken_at``: the first entry that does
    not fit, None while all do. ``checked_at``: UTC milliseconds."""

    intact: bool
    entries: int
    head: int
    checked_at: int
    broken_at: int | None = None


class Trail(msgspec.Struct, frozen=True):
    """The newest entries first. ``more``: ask again with ``before`` the last one's ``n``. ``complete``: the log has
    been followed to its end; otherwise the newest entries are still missing. ``chain``: of managers and admins.
    """

    entries: list[TrailEntry]
    more: bool
    complete: bool
    chain: ChainState | None = None
