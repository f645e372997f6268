"""Reference data of the demo: organisation, people, catalogue, prices, stock."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from server.demo import people, products
from server.demo.calendar import PAST_DAYS, Calendar
from shared.ids import derived_id, price_id, stock_level_id

Rows = Iterator[tuple[str, dict[str, Any]]]
"""(entity, values), parents before their children."""

TAX_ID = derived_id("demo", "tax", products.TAX_CLASS)
PRICE_LIST_ID = derived_id("demo", "price_list", "standard")
WAREHOUSE_ID = derived_id("demo", "warehouse", "shenzhen")
TAX_PERCENT = Decimal(products.TAX_RATE) * 100
_UNITS = {unit.key: unit for unit in products.UNITS}
_MODELS = {model.code: model for model in products.MODELS}


@cache
def product_id(sku: str) -> str:
    """The id of a demo product."""
    return derived_id("demo", "product", sku)


def organisation() -> Rows:
    yield (
        "organisation",
        {
            "id": people.ORG_ID,
            "name": people.ORG_NAME,
            "time_zone": people.TIME_ZONE,
            "currency": people.CURRENCY,
            "event_name": people.EVENT_NAME,
            "demo": True,
        },
    )
    yield "team", {"id": people.TEAM_ID, "name": people.TEAM_NAME}
    for person in people.PEOPLE:
        yield (
            "user",
            {
                "id": person.id,
                "name": person.name,
                "login": person.login,
                "role": person.role,
                "home_team_id": people.TEAM_ID,
                "phone": person.phone,
                "email": f"{person.login}@hump.example",
                "discount_limit": person.discount_limit,
            },
        )


def catalogue(pictures: Path) -> Rows:
    """Products with the pictures of ``pictures/index.json`` (SKU → file name)."""
    index: dict[str, str] = json.loads((pictures / "index.json").read_text("utf-8"))
    for position, shelf in enumerate(products.CATEGORIES):
        values = {"id": derived_id("demo", "category", shelf.key), "name": shelf.name_zh, "name_en": shelf.name_en}
        yield "category", {**values, "position": position}
    yield "tax", {"id": TAX_ID, "name": "增值税 13%", "rate": TAX_PERCENT}
    yield (
        "price_list",
        {"id": PRICE_LIST_ID, "name": "标准价目表", "name_en": "Standard price list", "is_default": True},
    )
    yield "warehouse", {"id": WAREHOUSE_ID, "name": "深圳仓", "name_en": "Shenzhen warehouse"}
    for product in products.PRODUCTS:
        yield "product", _product(product, index)
    for product in products.PRODUCTS:
        identity = {"price_list_id": PRICE_LIST_ID, "product_id": product_id(product.sku)}
        yield "price", {"id": price_id(*identity.values()), **identity, "amount": Decimal(product.list_price)}
    for product in products.PRODUCTS:
        place = {"warehouse_id": WAREHOUSE_ID, "product_id": product_id(product.sku)}
        units = {"on_hand": Decimal(product.stock), "reserved": products.SHOW_STOCK.get(product.sku, Decimal(0))}
        yield "stock_level", {"id": stock_level_id(*place.values()), **place, **units}


def _product(product: products.Product, index: dict[str, str]) -> dict[str, Any]:
    unit, model = _UNITS[product.unit], _MODELS[product.model]
    return {
        "id": product_id(product.sku),
        "sku": product.sku,
        # Without the colour, which stands in ``variant``: screens show both side by side.
        "name": model.name_zh,
        "name_en": model.name_en,
        "variant": product.colour_zh,
        "variant_en": product.colour_en,
        "category_id": derived_id("demo", "category", product.category),
        "tax_id": TAX_ID,
        "unit": unit.name_zh,
        "unit_en": unit.name_en,
        "picture": index[product.sku],
        "description": product.description_zh,
        "description_en": product.description_en,
    }


def opening_moves(calendar: Calendar) -> Rows:
    """The receipts that the opening stock came from."""
    keeper = people.GAO.id
    for product in products.PRODUCTS:
        at = calendar.at_work(PAST_DAYS)
        yield (
            "stock_move",
            {
                "id": calendar.new_id(at),
                "owner_id": keeper,
                "team_id": people.TEAM_ID,
                "stock_level_id": stock_level_id(WAREHOUSE_ID, product_id(product.sku)),
                "product_id": product_id(product.sku),
                "reason": "receipt",
                "quantity": Decimal(product.stock),
                "note": "期初入库",
                "created_at": at,
                "created_by": keeper,
            },
        )
