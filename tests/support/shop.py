"""A rep's phone that holds the small company, with helpers to make customers, follow-ups and orders by commands."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from mobile.state import basket as baskets
from mobile.state.basket import Basket
from shared.access import can_see
from shared.catalog import ENTITIES
from shared.ids import uuid7
from shared.protocol import Command
from tests.support.company import REP, Company
from tests.support.devices import Phone


class Shop(Phone):
    """A phone whose replica was filled as by a first sync."""

    def __init__(self, folder: Path, company: Company | None = None, user_id: str = REP) -> None:
        self.company = company or Company()
        super().__init__(folder / f"{user_id[:8]}.db", self.company.actor(user_id))
        with self.store.transaction():
            for (name, _), row in self.company.rows.items():
                if ENTITIES[name].on_devices and can_see(self.actor, ENTITIES[name], row):
                    self.store.put(name, row, 1)

    def new_id(self) -> str:
        return uuid7(self.clock.now_ms(), self.entropy.random_bytes(10))

    def create(self, entity: str, **values: Any) -> str:
        row_id = self.new_id()
        self.engine.run([Command(f"{entity}.create", {"id": row_id, "values": values})])
        return row_id

    def basket(self, account_id: str, *items: tuple[str, int | str]) -> Basket:
        basket = baskets.load(self.store, account_id, self.new_id)
        for product_id, quantity in items:
            basket.set_quantity(product_id, Decimal(quantity))
        baskets.save(self.store, basket, self.clock.now_ms())
        return basket

    def submit(self, basket: Basket) -> str:
        commands = baskets.submit_commands(self.store, basket, self.actor, "CNY", self.new_id)
        self.engine.run(commands)
        baskets.discard(self.store, basket)
        return basket.order_id
