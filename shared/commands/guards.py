"""What an entity's own rules add to the generic commands."""

from typing import Any

from shared.catalog import Entity
from shared.codec import Row
from shared.commands import attachments, deal_guards, feedback, lead_notice, lead_rules, people
from shared.commands.work import Work
from shared.errors import InvalidInput, StateConflict
from shared.ids import price_id
from shared.rules.orders import display_number
from shared.timezone import zone


def before(work: Work, entity: Entity, action: str, row: Row, values: dict[str, Any]) -> None:
    """Raises when the entity's rules forbid the action on the row."""
    guard = _GUARDS.get(entity.name)
    if guard is not None:
        guard(work, action, row, values)


def after(work: Work, entity: Entity, row: Row) -> None:
    """What follows from a patch; ``row`` is as it was before."""
    if entity.name == "user":
        people.remember(work, row, work.require("user", row["id"]))
    elif entity.name == "lead":
        lead_rules.remember_consent(work, row)
    elif entity.name == "feedback":
        feedback.tell(work, row)
    elif entity.name == "activity":
        _no_time_without_day(work, row)


def assigned(work: Work, entity: Entity, row: Row, owner: Row) -> None:
    """What follows from another owner; ``row`` is as it was before."""
    if entity.name == "lead":
        lead_notice.tell_new_owner(work, row, owner)


def _no_time_without_day(work: Work, row: Row) -> None:
    """Whoever takes the day away takes its time away too, also a client that knows nothing of times. A time that
    somebody chose meanwhile for a day that is gone is refused, and so never lost without a word."""
    now = work.require("activity", row["id"])
    if now["due_on"] is None and now["due_time"] is not None:
        if now["due_time"] != row["due_time"]:
            raise InvalidInput("required", field="due_on", entity="activity")
        work.update("activity", now, {"due_time": None})


def defaults(work: Work, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values that a new row takes from its circumstances when the author gave none."""
    if name == "activity":
        return {"happened_at": work.now_ms}
    if name == "lead" and values.get("consent"):
        return {"consent_at": work.now_ms}
    if name == "attachment" and values.get("lead_id"):
        return attachments.of_lead(work, values["lead_id"])
    return {}


def _activity(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    if action == "create" and values.get("due_time") is not None and values.get("due_on") is None:
        raise InvalidInput("required", field="due_on", entity="activity")


def _order(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    if action in ("patch", "delete"):
        _require_draft(row)
    deal_guards.order(work, row, values)


def _order_line(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    order = work.require("order", row["order_id"], field="order_id")
    _require_draft(order)
    if row.get("quantity") == 0 or values.get("quantity") == 0:
        raise InvalidInput("too_small", field="quantity", entity="order_line", limit=1, given="0")


def _require_draft(order: Row) -> None:
    if order["state"] != "draft":
        raise StateConflict("order_not_draft", number=display_number(order), state=order["state"])


def _account(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    if action == "delete":
        orders = work.children("order", "account_id", row["id"])
        if orders:
            raise StateConflict("account_has_orders", name=row["name"], count=len(orders))


def _price(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    if action == "create" and row["id"] != price_id(row["price_list_id"], values["product_id"]):
        raise InvalidInput("derived_id_expected", field="id", entity="price")


def _organisation(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    if "time_zone" in values:
        try:
            zone(values["time_zone"])
        except ValueError as error:
            raise InvalidInput("unknown_time_zone", field="time_zone", given=values["time_zone"]) from error


_GUARDS = {
    "activity": _activity,
    "order": _order,
    "order_line": _order_line,
    "account": _account,
    "price": _price,
    "organisation": _organisation,
    "user": people.guard,
    "attachment": attachments.guard,
    "opportunity": deal_guards.opportunity,
    "stage": deal_guards.stage,
    "lead": lead_rules.guard,
    "event": lead_rules.guard_event,
    "feedback": feedback.guard,
}
