"""Trade shows, where leads come from, and the leads themselves."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from shared import fields as f
from shared.entities.parties import SELLERS
from shared.entities.record import Owned, Record
from shared.fields import EntityOptions, Merge, Privacy, Scope

DESK = ("manager", "admin")
LeadGrade = Literal["", "A", "B", "C"]
LeadState = Literal["new", "following", "interested", "converted", "invalid"]


class LeadSource(Record, kw_only=True):
    """Where leads come from, 线索来源."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.ORGANISATION, generic={"create": DESK, "patch": DESK, "delete": DESK, "restore": DESK}
    )
    name: Annotated[str, f.text(60, form=1, column=1)]
    name_en: Annotated[str, f.text(60, form=2, column=2)] = ""
    position: Annotated[int, f.integer(0, 10_000, form=3)] = 0
    """Order in lists; the first one is where leads of a show come from."""
    active: Annotated[bool, f.flag(form=4, column=3)] = True


class Event(Record, kw_only=True):
    """A trade show, 展会 (R1)."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.ORGANISATION, generic={"create": DESK, "patch": DESK, "delete": DESK, "restore": DESK}
    )
    name: Annotated[str, f.text(80, form=1, column=1, search="name")]
    name_en: Annotated[str, f.text(80, form=2, search="name")] = ""
    venue: Annotated[str, f.text(120, form=3, column=2)] = ""
    """Hall and booth."""
    city: Annotated[str, f.text(60, form=4, column=3)] = ""
    starts_on: Annotated[str, f.day(form=5, column=4, index=True)]
    ends_on: Annotated[str, f.day(form=6, column=5)]
    """The last day, inclusive."""
    cost: Annotated[Decimal, f.money(form=7, minimum=0)] = Decimal(0)
    qualifiers: Annotated[str, f.long_text(4_000, form=8, merge=Merge.SCALAR)] = ""
    """The questions asked at the booth with the answers to choose from, as ``shared.rules.qualifiers`` reads them."""
    active: Annotated[bool, f.flag(form=9)] = True


class Lead(Owned, kw_only=True):
    """Somebody who may become a customer, 线索 (R1, R8). After conversion it points to what it became."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        generic={
            "create": SELLERS,
            "patch": SELLERS,
            "delete": SELLERS,
            "restore": SELLERS,
            "assign": ("manager", "admin"),
        },
        commands=("lead.move", "lead.convert", "lead.merge", "lead.invalidate", "lead.reopen"),
    )
    name: Annotated[str, f.text(80, form=1, column=1, search="name", privacy=Privacy.PERSONAL)] = ""
    phone: Annotated[str, f.phone(form=2, column=3)] = ""
    company: Annotated[str, f.text(120, form=3, column=2, search="name")] = ""
    position: Annotated[str, f.text(80, form=4)] = ""
    email: Annotated[str, f.email(form=5)] = ""
    wechat: Annotated[str, f.text(60, form=6, search="text", privacy=Privacy.PERSONAL)] = ""
    grade: Annotated[LeadGrade, f.enum(form=7, column=4, index=True)] = ""
    """A buys this month, B is interested, C looks around; empty: nobody has said."""
    state: Annotated[LeadState, f.enum(merge=Merge.COMMAND, column=5, index=True)] = "new"
    source_id: Annotated[str | None, f.ref("lead_source", form=8)] = None
    event_id: Annotated[str | None, f.ref("event", form=9)] = None
    answers: Annotated[list[str], f.tags()] = []  # noqa: RUF012 (msgspec copies it for each row)
    """What was chosen of the event's qualifiers, each ``question:answer`` (``shared.rules.qualifiers``)."""
    next_step_on: Annotated[str | None, f.day(form=10, index=True)] = None
    next_step: Annotated[str, f.text(200, form=11)] = ""
    consent: Annotated[bool, f.flag(form=12)] = False
    """Whether the person agreed that contact data are kept."""
    consent_at: Annotated[int | None, f.timestamp(merge=Merge.COMMAND)] = None
    note: Annotated[str, f.long_text(4_000, form=13, search="text")] = ""
    history: Annotated[Any, f.json(merge=Merge.COMMAND)] = None
    """Changes of the state, the oldest first: ``[{"at": ms, "by": user id, "from", "to", "reason"}, …]``, or none."""
    account_id: Annotated[str | None, f.ref("account", merge=Merge.COMMAND)] = None
    contact_id: Annotated[str | None, f.ref("contact", merge=Merge.COMMAND)] = None
    opportunity_id: Annotated[str | None, f.code(36, merge=Merge.COMMAND)] = None
    """What it was converted to."""
    merged_into: Annotated[str | None, f.code(36, merge=Merge.COMMAND)] = None
    """The lead that took over what this one, now deleted, had to say."""
