"""The official number of an order: the one that it had before the server came back from a backup, or the next."""

from shared.codec import Row
from shared.commands.work import Work
from shared.rules.numbering import claim_id, counter_id, is_in_gap, parse_official
from shared.rules.orders import official_number
from shared.timezone import business_date


def take_number(work: Work, order: Row) -> tuple[int, int]:
    """Year and count; kept for this order alone. Only the authority asks."""
    had = _had(work, order)
    if had is not None and _claim(work, *had):
        return had
    organisation = work.require("organisation", work.actor.org_id)
    year = business_date(work.now_ms, organisation["time_zone"]).year
    counter = work.get("counter", counter_id(work.actor.org_id, year))
    if counter is None:
        row = {"id": counter_id(work.actor.org_id, year), "name": f"order:{year}", "value": 0}
        counter = work.insert("counter", row)
    value: int = counter["value"] + 1
    work.update("counter", counter, {"value": value})
    return year, value


def report_renumbered(work: Work, order: Row) -> None:
    """Tells the author when an order could not have the number again under which it was known."""
    had = _had(work, order)
    if had is None or official_number(*had) == order["number"]:
        return
    notice = work.insert(
        "conflict",
        {
            "id": work.derived(),
            "owner_id": work.actor.user_id,
            "kind": "renumbered",
            "tx_id": work.tx_id,
            "entity": "order",
            "row_id": order["id"],
            "account_id": order["account_id"],
            "title": order["number"],
            "code": "order_renumbered",
            "params": {"given": official_number(*had), "number": order["number"]},
        },
    )
    work.conflicts.append(notice["id"])


def _had(work: Work, order: Row) -> tuple[int, int] | None:
    return parse_official(work.given.get(order["id"], ""))


def _claim(work: Work, year: int, count: int) -> bool:
    """Takes a number out of the gap, once. The device's word counts for nothing else: any other number is refused."""
    counter = work.get("counter", counter_id(work.actor.org_id, year))
    if counter is None or not is_in_gap(counter["gaps"], count):
        return False
    row_id = claim_id(work.actor.org_id, year, count)
    if work.get("counter", row_id) is not None:
        return False
    work.insert("counter", {"id": row_id, "name": f"order:{year}:{count}", "value": count})
    return True
