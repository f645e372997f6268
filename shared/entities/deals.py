"""Deals: the stages they pass through, why they are lost, the deals, and the history of their stages."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from shared import fields as f
from shared.entities.goods import DESK
from shared.entities.parties import SELLERS
from shared.entities.record import Owned, Record
from shared.fields import EntityOptions, Merge, Scope

BY_COMMAND = Merge.COMMAND
MOVES = ("opportunity.open", "opportunity.move", "opportunity.win", "opportunity.lose", "opportunity.cancel",
         "opportunity.reopen")  # fmt: skip
StageKind = Literal["open", "won", "lost"]
DealState = Literal["open", "won", "lost", "cancelled"]
StageAction = Literal["opened", "moved", "won", "lost", "cancelled", "reopened"]


class Stage(Record, kw_only=True):
    """A step on the way to an order, 阶段, and how likely a deal in it is won (R84)."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic=DESK)
    name: Annotated[str, f.text(40, form=1, column=1)]
    name_en: Annotated[str, f.text(40, form=2, column=2)] = ""
    position: Annotated[int, f.integer(0, 10_000, form=3)] = 0
    probability: Annotated[Decimal, f.percent(form=4, column=3)] = Decimal(0)
    kind: Annotated[StageKind, f.enum(form=5)] = "open"
    """Deals are moved between open stages; into the others they come by being won or lost. It stays while deals are
    in the stage."""
    required_fields: Annotated[list[str], f.tags(form=6)] = []  # noqa: RUF012 (msgspec copies it for each row)
    """Names of the deal's fields (``rules.deals.ASKABLE``) that must be filled before it enters the stage."""
    active: Annotated[bool, f.flag(form=7)] = True


class LostReason(Record, kw_only=True):
    """Why a deal was lost, 输单原因."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic=DESK)
    name: Annotated[str, f.text(60, form=1, column=1)]
    name_en: Annotated[str, f.text(60, form=2, column=2)] = ""
    position: Annotated[int, f.integer(0, 10_000, form=3)] = 0
    active: Annotated[bool, f.flag(form=4)] = True


class Opportunity(Owned, kw_only=True):
    """A deal, 商机: what a customer may buy, for how much, until when. It belongs to whom the customer belongs."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER,
        title="title",
        follows="account_id",
        generic={"patch": SELLERS, "delete": SELLERS, "restore": SELLERS},
        commands=MOVES,
    )
    account_id: Annotated[str, f.parent("account")]
    title: Annotated[str, f.text(120, form=1, column=1, search="name")]
    contact_id: Annotated[str | None, f.ref("contact", form=4)] = None
    stage_id: Annotated[str, f.ref("stage", merge=BY_COMMAND)]
    amount: Annotated[Decimal, f.money(form=2, column=2, minimum=0)] = Decimal(0)
    """What the customer would pay, tax included."""
    probability: Annotated[Decimal | None, f.percent(form=5)] = None
    """The rep's own judgement; none: that of the stage (``rules.deals.odds``)."""
    expected_close: Annotated[str | None, f.day(form=3, column=3, index=True)] = None
    state: Annotated[DealState, f.enum(merge=BY_COMMAND, column=4, index=True)] = "open"
    stage_since: Annotated[int, f.timestamp(merge=BY_COMMAND)] = 0
    """When it came into its stage; after its end: when it ended."""
    lost_reason_id: Annotated[str | None, f.ref("lost_reason", merge=BY_COMMAND)] = None
    lost_note: Annotated[str, f.text(500, merge=BY_COMMAND)] = ""
    closed_at: Annotated[int | None, f.timestamp(merge=BY_COMMAND, index=True)] = None
    note: Annotated[str, f.long_text(2_000, form=6, search="text")] = ""
    source_id: Annotated[str | None, f.ref("lead_source", form=7)] = None
    event_id: Annotated[str | None, f.ref("event", form=8)] = None
    lead_id: Annotated[str | None, f.ref("lead", merge=Merge.FIXED)] = None
    """The lead that it came from."""


class StageChange(Owned, kw_only=True):
    """One step in the life of a deal, 阶段记录; never changed. ``created_by``: who did it."""

    OPTIONS: ClassVar = EntityOptions(
        scope=Scope.OWNER, title="id", follows="opportunity_id", commands=MOVES, append_only=True
    )
    opportunity_id: Annotated[str, f.parent("opportunity")]
    action: Annotated[StageAction, f.enum(merge=Merge.FIXED)]
    from_stage_id: Annotated[str | None, f.ref("stage", merge=Merge.FIXED)] = None
    """The stage that it left; none when it was opened."""
    to_stage_id: Annotated[str, f.ref("stage", merge=Merge.FIXED)]
    at: Annotated[int, f.timestamp(merge=Merge.FIXED)] = 0
    days: Annotated[int, f.integer(merge=Merge.FIXED)] = 0
    """Whole days that it had spent in the stage that it left."""
    seen_stage_id: Annotated[str | None, f.ref("stage", merge=Merge.FIXED)] = None
    """The stage that the author saw, when it was another than the one left: somebody else had moved it meanwhile."""
    reason: Annotated[str, f.text(500, merge=Merge.FIXED)] = ""
