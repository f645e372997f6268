"""What every row has."""

from typing import Annotated, Any

import msgspec

from shared import fields as f
from shared.fields import FieldOptions, Kind, Merge


class Record(msgspec.Struct, kw_only=True):
    """Identity, owner, authorship and version of a row. The engine writes these, never a generic command."""

    id: Annotated[str, msgspec.Meta(extra={"caravan": FieldOptions(kind=Kind.ID, merge=Merge.FIXED)})]
    org_id: Annotated[str, f.code(36, merge=Merge.FIXED)]
    owner_id: Annotated[str | None, f.ref("user", merge=Merge.COMMAND)] = None
    team_id: Annotated[str | None, f.ref("team", merge=Merge.COMMAND)] = None
    created_at: Annotated[int, f.timestamp(merge=Merge.FIXED)] = 0
    created_by: Annotated[str | None, f.ref("user", merge=Merge.FIXED)] = None
    updated_at: Annotated[int, f.timestamp(merge=Merge.COMMAND)] = 0
    updated_by: Annotated[str | None, f.ref("user", merge=Merge.COMMAND)] = None
    deleted_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND)] = None
    deleted_tx: Annotated[str | None, f.code(36, merge=Merge.COMMAND)] = None
    """The transaction that deleted the row: restoring reverses exactly that deletion."""
    stamps: Annotated[dict[str, Any], f.json(merge=Merge.COMMAND)] = {}
    """Per changed field ``{"at": ms, "by": user id, "on": device id}``: who a conflict is with, and *latest wins*."""
    custom: Annotated[dict[str, Any], f.json(merge=Merge.PER_KEY)] = {}


class Owned(Record, kw_only=True):
    """A row of the scope *owner*: beside its owner and the owner's managers those see it with whom it is shared."""

    shared_with: Annotated[list[str], f.people()] = []


class Dated(Owned, kw_only=True):
    """A row that becomes history when it is settled and nobody has touched it for long (``EntityOptions.window``)."""

    period: Annotated[str, f.code(7, merge=Merge.COMMAND, index=True)] = ""
    """The month whose history it belongs to, ``2026-05``; empty: it is on every device of those who see it. Written
    by the server's filing, emptied by every edit."""


COMMON = tuple(Record.__struct_fields__)
