"""What the generic commands may do to deals, their stages and the orders made from them."""

from typing import Any

from shared.codec import Row
from shared.commands.work import Work
from shared.errors import InvalidInput, StateConflict
from shared.rules.deals import ASKABLE, require_open


def opportunity(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """Of an ended deal only the note changes; its contact is the customer's; it stays while orders name it."""
    if action == "delete":
        orders = work.children("order", "opportunity_id", row["id"])
        if orders:
            raise StateConflict("deal_has_orders", name=row["title"], count=len(orders))
        return
    if action == "patch" and set(values) - {"note"}:
        require_open(row)
    if values.get("contact_id"):
        contact = work.require("contact", values["contact_id"], field="contact_id")
        if contact["account_id"] != row["account_id"]:
            raise InvalidInput("contact_elsewhere", field="contact_id", name=contact["name"])


def stage(work: Work, action: str, row: Row, values: dict[str, Any]) -> None:
    """It asks for fields that deals have; it stays, and of its kind, while deals are in it."""
    unknown = sorted(set(values.get("required_fields") or ()) - set(ASKABLE))
    if unknown:
        raise InvalidInput("stage_unknown_field", field="required_fields", given=unknown[0], allowed=", ".join(ASKABLE))
    if action == "delete" or (action == "patch" and values.get("kind", row["kind"]) != row["kind"]):
        deals = work.children("opportunity", "stage_id", row["id"])
        if deals:
            raise StateConflict("stage_in_use", stage=row["name"], count=len(deals))


def order(work: Work, row: Row, values: dict[str, Any]) -> None:
    """The deal that an order names is its customer's."""
    if values.get("opportunity_id"):
        deal = work.require("opportunity", values["opportunity_id"], field="opportunity_id")
        if deal["account_id"] != row["account_id"]:
            raise InvalidInput("deal_elsewhere", field="opportunity_id", name=deal["title"])
