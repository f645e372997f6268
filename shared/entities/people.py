"""Organisation, users, teams, devices, and the credentials that never leave the server."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from shared import fields as f
from shared.entities.record import Record
from shared.fields import EntityOptions, Merge, Privacy, Scope

Role = Literal["rep", "manager", "admin"]


class Organisation(Record, kw_only=True):
    """The company whose data this is: its calendar and its currency."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic={"patch": ("admin",)})
    name: Annotated[str, f.text(120, form=1, column=1)]
    time_zone: Annotated[str, f.code(60, form=2, column=2)] = "Asia/Shanghai"
    currency: Annotated[str, f.code(3, form=3, column=3)] = "CNY"
    event_name: Annotated[str, f.text(120, form=4)] = ""
    """The trade show the team is at; shown under the greeting."""
    escalate_days: Annotated[int, f.integer(0, 90, form=5)] = 3
    """A follow-up that is overdue by more days than these is escalated: it stands on the manager's desk as such."""
    demo: Annotated[bool, f.flag(merge=Merge.COMMAND)] = False
    """Set when the data were made by ``caravan seed-demo``."""


class Team(Record, kw_only=True):
    """People who work together; a manager sees the team's rows."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic={"create": ("admin",), "patch": ("admin",)})
    name: Annotated[str, f.text(80, form=1, column=1)]


class User(Record, kw_only=True):
    """A person who signs in. What is here is visible to colleagues; secrets are in ``Credential``."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.ORGANISATION, generic={"patch": ("admin",)}, commands=("caravan user add",)
    )
    name: Annotated[str, f.text(80, form=1, column=1, search="name")]
    login: Annotated[str, f.code(60, unique=True, merge=Merge.FIXED, column=2)]
    role: Annotated[Role, f.enum(form=2, column=3)] = "rep"
    home_team_id: Annotated[str | None, f.ref("team", form=3, column=4)] = None
    phone: Annotated[str, f.phone(form=4)] = ""
    email: Annotated[str, f.email(form=5)] = ""
    discount_limit: Annotated[Decimal, f.percent(form=6)] = Decimal(0)
    """The largest discount on line and order together that this user may give, percent."""
    active: Annotated[bool, f.flag(form=7)] = True


class Device(Record, kw_only=True):
    """One browser profile or phone of one user: can be revoked."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.PRIVATE, commands=("device.revoke",))
    name: Annotated[str, f.text(120, column=1, merge=Merge.COMMAND)]
    platform: Annotated[str, f.code(40, column=2, merge=Merge.COMMAND)] = ""
    last_seen_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND, column=3)] = None
    revoked_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND, column=4)] = None


class Credential(Record, kw_only=True):
    """Password and second factor of a user (the row's id is the user's id). Server only."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.SERVER, title="id", commands=("caravan user add",))
    password_hash: Annotated[str, f.text(400, privacy=Privacy.SECRET, merge=Merge.COMMAND)]
    totp_secret: Annotated[str, f.text(400, privacy=Privacy.SECRET, merge=Merge.COMMAND)] = ""
    """Base32, encrypted at rest; empty until the user has enrolled."""
    totp_step: Annotated[int, f.integer(privacy=Privacy.SECRET, merge=Merge.COMMAND)] = 0
    """The last time step (of 30 s) used; each step passes once."""
    enrolled_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND)] = None
    failures: Annotated[int, f.integer(merge=Merge.COMMAND)] = 0
    locked_until: Annotated[int | None, f.timestamp(merge=Merge.COMMAND)] = None
    one_time_until: Annotated[int | None, f.timestamp(merge=Merge.COMMAND)] = None
    """Until when the password, given by an administrator, opens once and is then replaced by one of the user's own."""
