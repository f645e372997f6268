"""All rows of the demo company, in an order in which parents come first."""

import random
from pathlib import Path

import msgspec

from server.demo import booth, deals, feedback, history, reference, show_stock
from server.demo.calendar import KNOWN_DAYS, Calendar
from server.demo.customers import Customers
from server.demo.filed import file_rows
from server.demo.people import ORG_ID, TIME_ZONE
from shared.catalog import ENTITIES
from shared.codec import Row, new_row

SEED = 20261122
HISTORY_MONTHS = 12


class Made(msgspec.Struct, frozen=True):
    """A complete row of an entity."""

    entity: str
    row: Row


def build(now_ms: int, pictures: Path, history_months: int = HISTORY_MONTHS) -> list[Made]:
    """The same company for the same instant; dates and ids move with ``now_ms``. Credentials are not in it.

    ``history_months``: what nobody has touched for so long is history from the beginning; 0: nothing is.
    """
    calendar = Calendar(now_ms, TIME_ZONE, random.Random(SEED))
    customers = Customers(calendar)
    start = calendar.at_work(KNOWN_DAYS)
    # In order of making: chance goes on from one to the next.
    given = [*reference.organisation(), *reference.catalogue(pictures), *reference.opening_moves(calendar)]
    known = list(customers.rows())
    bought = list(history.orders(calendar, customers.accounts))
    set_aside = list(show_stock.leases(calendar))
    captured = list(booth.rows(calendar, customers.accounts))
    contacts = [values for entity, values in known if entity == "contact"]
    # With chance of its own: whatever becomes of the deals, the rest of the company stays what it was.
    wishes = deals.Deals(Calendar(now_ms, TIME_ZONE, random.Random(SEED + 1)), customers.accounts, contacts)
    wished = wishes.rows([values for entity, values in bought if entity == "order"])
    said = list(feedback.rows(calendar))
    rows: list[tuple[str, Row]] = []
    for part in (given, known, deals.reference(), wished, bought, set_aside, captured, said):
        for entity, values in part:
            values.setdefault("created_at", start)
            values.setdefault("updated_at", values["created_at"])
            values.setdefault("updated_by", values.get("created_by"))
            rows.append((entity, new_row(ENTITIES[entity], {"org_id": ORG_ID, **values})))
    file_rows(rows, now_ms, history_months)
    return [Made(entity, row) for entity, row in rows]
