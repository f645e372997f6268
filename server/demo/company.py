"""All rows of the demo company, in an order in which parents come first."""

import random
from pathlib import Path

import msgspec

from server.demo import booth, history, reference, show_stock
from server.demo.calendar import Calendar
from server.demo.customers import Customers
from server.demo.people import ORG_ID, TIME_ZONE
from shared.catalog import ENTITIES
from shared.codec import Row, new_row

SEED = 20261122


class Made(msgspec.Struct, frozen=True):
    """A complete row of an entity."""

    entity: str
    row: Row


def build(now_ms: int, pictures: Path) -> list[Made]:
    """The same company for the same instant; dates and ids move with ``now_ms``. Credentials are not in it."""
    calendar = Calendar(now_ms, TIME_ZONE, random.Random(SEED))
    customers = Customers(calendar)
    start = calendar.at_work(720)
    made = []
    parts = (
        reference.organisation(),
        reference.catalogue(pictures),
        reference.opening_moves(calendar),
        customers.rows(),
        history.orders(calendar, customers.accounts),
        show_stock.leases(calendar),
        booth.rows(calendar, customers.accounts),
    )
    for part in parts:
        for entity, values in part:
            values.setdefault("created_at", start)
            values.setdefault("updated_at", values["created_at"])
            values.setdefault("updated_by", values.get("created_by"))
            made.append(Made(entity, new_row(ENTITIES[entity], {"org_id": ORG_ID, **values})))
    return made
