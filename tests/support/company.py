"""A small company in memory, for tests of the rules: rows in a dict behind the same ``Work`` as everywhere."""

from decimal import Decimal
from typing import Any

from shared import SCHEMA_VERSION
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row, from_wire, new_row
from shared.commands import execute
from shared.commands.work import Work
from shared.ids import derived_id, price_id, stock_level_id
from shared.protocol import Command, Transaction
from shared.rules.orders import content_hash

ORG = derived_id("org")
TEAM, OTHER_TEAM = derived_id("team"), derived_id("other team")
REP, COLLEAGUE, MANAGER, ADMIN, STRANGER = (derived_id(name) for name in ("rep", "rep2", "manager", "admin", "rep3"))
WAREHOUSE, PRICES, TAX = derived_id("warehouse"), derived_id("prices"), derived_id("tax")
TENT, LAMP = derived_id("tent"), derived_id("lamp")
ACCOUNT = derived_id("account")
NOW = 1_795_320_000_000


class Company:
    """Rows by (entity, id); both sides' source. ``authority`` decides which side it plays."""

    def __init__(self, *, authority: bool = True) -> None:
        self.authority = authority
        self.rows: dict[tuple[str, str], Row] = {}
        self.clock = NOW
        self.count = 0
        self._seed()

    def get(self, entity: str, row_id: str) -> Row | None:
        return self.rows.get((entity, row_id))

    def children(self, entity: str, field: str, parent_id: str) -> list[Row]:
        return [row for (name, _), row in self.rows.items() if name == entity and row[field] == parent_id]

    def all(self, entity: str) -> list[Row]:
        return [row for (name, _), row in self.rows.items() if name == entity]

    def add(self, entity: str, row_id: str, **values: Any) -> Row:
        row = new_row(ENTITIES[entity], {"id": row_id, "org_id": ORG, "created_at": NOW, "updated_at": NOW, **values})
        self.rows[entity, row_id] = row
        return row

    def _seed(self) -> None:
        self.add("organisation", ORG, name="驼峰户外")
        self.add("team", TEAM, name="展会队")
        self.add("team", OTHER_TEAM, name="电商队")
        people = ((REP, "rep", TEAM), (COLLEAGUE, "rep", TEAM), (STRANGER, "rep", OTHER_TEAM))
        for user_id, role, team in (*people, (MANAGER, "manager", TEAM), (ADMIN, "admin", None)):
            name = f"{role} {user_id[:4]}"
            self.add("user", user_id, name=name, login=user_id[:8], role=role, home_team_id=team)
            self.rows["user", user_id]["discount_limit"] = Decimal(10)
        self.add("warehouse", WAREHOUSE, name="深圳仓")
        self.add("price_list", PRICES, name="零售价", is_default=True)
        self.add("tax", TAX, name="增值税", rate=Decimal(13))
        for product, sku, amount, units in ((TENT, "TENT", "528", 5), (LAMP, "LAMP", "96", 1)):
            self.add("product", product, sku=sku, name=sku.title(), tax_id=TAX)
            key = price_id(PRICES, product)
            self.add("price", key, price_list_id=PRICES, product_id=product, amount=Decimal(amount))
            self.add(
                "stock_level",
                stock_level_id(WAREHOUSE, product),
                warehouse_id=WAREHOUSE,
                product_id=product,
                on_hand=Decimal(units),
            )
        self.add("account", ACCOUNT, name="山野户外", owner_id=REP, team_id=TEAM, created_by=REP)

    def actor(self, user_id: str = REP) -> Actor:
        user = self.rows["user", user_id]
        return Actor(user_id, ORG, user["role"], user["home_team_id"], None, user["discount_limit"])

    def run(self, *commands: tuple[str, dict[str, Any]], by: str = REP, at: int | None = None) -> Work:
        """One transaction; its rows are kept only when it passes."""
        self.count += 1
        self.clock += 1_000
        tx = Transaction(
            derived_id("tx", self.count),
            SCHEMA_VERSION,
            at or self.clock,
            [Command(name, args) for name, args in commands],
        )
        work = Work(
            self, self.actor(by), authority=self.authority, tx_id=tx.id, now_ms=tx.occurred_at, device_name="phone"
        )
        execute(tx, work)
        self.rows.update(work.written)
        return work

    def level(self, product: str) -> Row:
        return self.rows["stock_level", stock_level_id(WAREHOUSE, product)]


def order_commands(
    *lines: tuple[str, int],
    name: str = "order",
    account: str = ACCOUNT,
    policy: str = "backorder",
    discount: str = "0",
    line_discount: str = "0",
    prices: dict[str, str] | None = None,
) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """(order id, the commands of one order as the app sends them) for lines of (product, units)."""
    order_id = derived_id("order", name)
    header = {
        "account_id": account,
        "warehouse_id": WAREHOUSE,
        "price_list_id": PRICES,
        "shortage_policy": policy,
        "discount": discount,
    }
    amounts = {TENT: "528", LAMP: "96", **(prices or {})}
    creates: list[tuple[str, dict[str, Any]]] = [("order.create", {"id": order_id, "values": header})]
    rows = []
    for position, (product, units) in enumerate(lines):
        values = {
            "order_id": order_id,
            "product_id": product,
            "sku": "TENT" if product == TENT else "LAMP",
            "name": "Tent" if product == TENT else "Lamp",
            "position": position,
            "quantity": str(units),
            "unit_price": amounts[product],
            "discount": line_discount,
            "tax_rate": "13",
        }
        line_id = derived_id("line", name, position)
        creates.append(("order_line.create", {"id": line_id, "values": values}))
        rows.append(from_wire(ENTITIES["order_line"], {"id": line_id, **values}))
    seen = content_hash(from_wire(ENTITIES["order"], {"id": order_id, **header}), rows)
    return order_id, [*creates, ("order.submit", {"order_id": order_id, "content_hash": seen})]
