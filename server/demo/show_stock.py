"""Show stock of the demo: units of two products that the manager has set aside for a rep, who has yet to take them."""

import datetime

from server.demo import people
from server.demo.calendar import Calendar
from server.demo.products import SHOW_STOCK
from server.demo.reference import WAREHOUSE_ID, Rows, product_id
from shared.ids import stock_level_id
from shared.timezone import business_date, day_start_ms

HOLDER = people.WANG
DAYS = 14


def leases(calendar: Calendar) -> Rows:
    """Offered since yesterday, until the end of a day two weeks from now."""
    last_day = business_date(calendar.now_ms, people.TIME_ZONE) + datetime.timedelta(days=DAYS)
    for sku, units in SHOW_STOCK.items():
        at = calendar.at_work(1)
        place = {"warehouse_id": WAREHOUSE_ID, "product_id": product_id(sku)}
        level_id = stock_level_id(*place.values())
        yield (
            "stock_lease",
            {
                "id": calendar.new_id(at),
                "owner_id": HOLDER.id,
                "team_id": people.TEAM_ID,
                "stock_level_id": level_id,
                **place,
                "event_name": people.EVENT_NAME,
                "quantity": units,
                "expires_at": day_start_ms(last_day + datetime.timedelta(days=1), people.TIME_ZONE),
                "held_on": level_id,
                "created_at": at,
                "created_by": people.GAO.id,
            },
        )
