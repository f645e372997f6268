"""Work that its author may no longer do, kept for the managers who answer for it, and what tells that he once could."""

from typing import Annotated, Any, ClassVar, Literal

from shared import fields as f
from shared.entities.people import Role
from shared.entities.record import Record
from shared.fields import EntityOptions, Merge, Scope

BY_COMMAND = Merge.COMMAND


class QuarantineItem(Record, kw_only=True):
    """One transaction that was not executed, 待接手的改动, whole and for ever. Made by the server only.

    ``team_id`` is the author's team, ``answering_team_id`` the present team of the row concerned; the managers of both
    see it, and nobody else.
    """

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.DESK, title="title", commands=("quarantine.adopt", "quarantine.dismiss")
    )
    state: Annotated[Literal["open", "adopted", "dismissed"], f.enum(merge=BY_COMMAND, column=1, index=True)] = "open"
    reason: Annotated[Literal["scope", "dependency", "device"], f.enum(merge=BY_COMMAND, column=2)] = "scope"
    """The author's view has changed; it builds on handed-over work; it came in from a device that was revoked."""
    code: Annotated[str, f.code(60, merge=BY_COMMAND)] = ""
    """Code of the refusal that its author would have met."""
    title: Annotated[str, f.text(200, merge=BY_COMMAND, column=3)] = ""
    """Name of the record concerned, as the author gave it; empty when the commands do not name it."""
    tx_id: Annotated[str, f.code(36, merge=BY_COMMAND)]
    author_id: Annotated[str, f.ref("user", merge=BY_COMMAND)]
    device_id: Annotated[str, f.code(36, merge=BY_COMMAND)] = ""
    device_name: Annotated[str, f.text(120, merge=BY_COMMAND)] = ""
    occurred_at: Annotated[int, f.timestamp(merge=BY_COMMAND, column=4)] = 0
    """When the author did it, by the author's device."""
    entity: Annotated[str, f.code(40, merge=BY_COMMAND)] = ""
    row_id: Annotated[str | None, f.code(36, merge=BY_COMMAND)] = None
    account_id: Annotated[str | None, f.code(36, merge=BY_COMMAND)] = None
    answering_team_id: Annotated[str | None, f.ref("team", merge=BY_COMMAND)] = None
    touched: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """The business rows that the commands name: ``[[entity, id], …]``."""
    builds_on: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """Ids of the items that it builds on: they are settled first."""
    written_under: Annotated[int, f.integer(merge=BY_COMMAND)] = 1
    """Version of the declarations under which the commands were written."""
    payload: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """All commands, as sent: ``[{"name", "args"}, …]``."""
    arrived: Annotated[Any, f.json(merge=BY_COMMAND)] = None
    """Content of its attachments that its device has handed in: ``{sha256: media type}``, checked."""
    note: Annotated[str, f.text(200, merge=BY_COMMAND)] = ""
    """Why it was dismissed."""
    settled_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND)] = None
    settled_by: Annotated[str | None, f.ref("user", merge=BY_COMMAND)] = None


class Standing(Record, kw_only=True):
    """A role and a team that a user had until then, 曾任职务; one row for each pair. Server only.

    The proof that work refused today was allowed when it was done.
    """

    OPTIONS: ClassVar = EntityOptions(scope=Scope.SERVER, title="role", commands=("user.patch",))
    user_id: Annotated[str, f.parent("user")]
    role: Annotated[Role, f.enum(merge=BY_COMMAND)]
    home_team_id: Annotated[str | None, f.ref("team", merge=BY_COMMAND)] = None
    until: Annotated[int, f.timestamp(merge=BY_COMMAND)] = 0
    rows_follow: Annotated[bool, f.flag(merge=BY_COMMAND, index=True)] = False
    """Set while the rows of a user who changed the team still have to take the new one."""
