"""Two years of orders, with lines and totals by the shared rules.

They were shipped long ago: confirmed, without a claim on today's stock, so that cancelling one gives nothing back.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from server.demo import people
from server.demo.calendar import PAST_DAYS, Calendar
from server.demo.products import PRODUCTS, Product
from server.demo.reference import PRICE_LIST_ID, TAX_PERCENT, WAREHOUSE_ID, Rows, product_id
from shared.rules.numbering import counter_id
from shared.rules.orders import official_number
from shared.rules.pricing import order_totals
from shared.timezone import business_date

ORDERS = 1_500
CANCELLED_SHARE = 0.03
_MONTH_WEIGHTS = (70, 55, 95, 120, 130, 115, 100, 105, 125, 120, 110, 90)
"""January to December: the camping season is spring and autumn."""
_LEVEL_WEIGHTS = {"A": 6, "B": 3, "C": 1}
Values = dict[str, Any]


def orders(calendar: Calendar, accounts: list[Values]) -> Rows:
    """Orders in order of time with their lines, then the counters of their numbers."""
    buyers = [account for account in accounts if account["account_class"] == "won"]
    times = sorted(_time(calendar) for _ in range(ORDERS))
    counters: dict[int, int] = {}
    lines: list[Values] = []
    for at in times:
        year = business_date(at, people.TIME_ZONE).year
        counters[year] = counters.get(year, 0) + 1
        order, its_lines = _order(calendar, _buyer(calendar, buyers, at), at, official_number(year, counters[year]))
        lines += its_lines
        yield "order", order
    for line in lines:
        yield "order_line", line
    for year, value in counters.items():
        yield (
            "counter",
            {"id": counter_id(people.ORG_ID, year), "name": f"order:{year}", "value": value},
        )


def _time(calendar: Calendar) -> int:
    """An instant of the past, by season and growth; the last three days are the trade show."""
    while True:
        days_ago = calendar.random.randrange(PAST_DAYS)
        month = (calendar.today - timedelta(days=days_ago)).month
        weight = _MONTH_WEIGHTS[month - 1] * calendar.share(days_ago)
        if days_ago < 3 or calendar.random.randrange(max(_MONTH_WEIGHTS)) < weight:
            return calendar.at_work(days_ago)


def _buyer(calendar: Calendar, buyers: list[Values], at: int) -> Values:
    known = [account for account in buyers if account["created_at"] < at] or buyers[:1]
    return calendar.random.choices(known, [_LEVEL_WEIGHTS[account["level"]] for account in known])[0]


def _order(calendar: Calendar, account: Values, at: int, number: str) -> tuple[Values, list[Values]]:
    random = calendar.random
    chosen = random.sample(PRODUCTS, random.choices((1, 2, 3, 4, 5, 6), (4, 5, 4, 2, 1, 1))[0])
    # With the lines' two percent this stays within what each of them may give.
    newcomer = account["owner_id"] == people.CHEN.id
    discount = Decimal(random.choices((0, 3) if newcomer else (0, 3, 5), (7, 2) if newcomer else (7, 2, 1))[0])
    cancelled = random.random() < CANCELLED_SHARE
    shared = {
        "owner_id": account["owner_id"],
        "team_id": account["team_id"],
        "created_at": at,
        "created_by": account["owner_id"],
    }
    order_id = calendar.new_id(at)
    lines = [
        {"id": calendar.new_id(at), "order_id": order_id, **shared, **_line(calendar, product, position)}
        for position, product in enumerate(chosen)
    ]
    totals = order_totals(discount, lines)
    for line, amount in zip(lines, totals.lines, strict=True):
        line |= {"total": amount.total, "state": "cancelled" if cancelled else "reserved"}
    order = {
        "id": order_id,
        "account_id": account["id"],
        **shared,
        "number": number,
        "state": "cancelled" if cancelled else "confirmed",
        "price_list_id": PRICE_LIST_ID,
        "warehouse_id": WAREHOUSE_ID,
        "discount": discount,
        "currency": people.CURRENCY,
        "total": totals.total,
        "tax_total": totals.tax,
        "units": totals.units,
        "line_count": len(lines),
        "ordered_at": at,
        "confirmed_at": at,
        "cancelled_at": min(at + 7_200_000, calendar.now_ms) if cancelled else None,
    }
    return order, lines


def _line(calendar: Calendar, product: Product, position: int) -> Values:
    dear = Decimal(product.list_price) > 500
    return {
        "product_id": product_id(product.sku),
        "sku": product.sku,
        "name": product.name_zh,
        "position": position,
        "quantity": Decimal(calendar.random.choice((1, 1, 2, 3) if dear else (2, 4, 6, 10, 12, 20))),
        "unit_price": Decimal(product.list_price),
        "discount": Decimal(calendar.random.choices((0, 2), (8, 1))[0]),
        "tax_rate": TAX_PERCENT,
    }
