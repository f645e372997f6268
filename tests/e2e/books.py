"""The authoritative database, read on a fresh connection beside the running server."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import func, select

from server.db.engine import Database, Tx
from server.db.tables import table
from shared.numbers import from_scaled
from shared.timezone import month_bounds_ms
from tests.e2e.company import DemoServer


class OrderLine(msgspec.Struct, frozen=True):
    """A line with the number of its order."""

    number: str
    owner_id: str
    state: str


class Books:
    """What the company's books say now."""

    def __init__(self, server: DemoServer) -> None:
        self.url = server.database_url

    def rows(self, statement: Any) -> list[Any]:
        """Runs a Core select."""

        async def read() -> list[Any]:
            database = Database.open(self.url)
            try:

                async def fetch(tx: Tx) -> list[Any]:
                    return list((await tx.execute(statement)).fetchall())

                return await database.read(fetch)
            finally:
                await database.close()

        # In a thread of its own: Playwright's event loop runs in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, read()).result()

    def orders_for(self, sku: str) -> list[OrderLine]:
        """Lines of the product in orders that were not made by the seed: those have no reservation."""
        line, order, claim = table("order_line"), table("order"), table("reservation")
        query = (
            select(order.c.number, order.c.owner_id, line.c.state)
            .join(order, order.c.id == line.c.order_id)
            .join(claim, claim.c.order_line_id == line.c.id)
            .where(line.c.sku == sku)
            .order_by(order.c.number)
        )
        return [OrderLine(*row) for row in self.rows(query)]

    def owner(self, line: OrderLine) -> str:
        """Login of the order's owner."""
        user = table("user")
        return str(self.rows(select(user.c.login).where(user.c.id == line.owner_id))[0][0])

    def level(self, sku: str) -> tuple[Decimal, Decimal, Decimal]:
        """(on hand, reserved, backordered)."""
        level, product = table("stock_level"), table("product")
        query = (
            select(level.c.on_hand, level.c.reserved, level.c.backordered)
            .join(product, product.c.id == level.c.product_id)
            .where(product.c.sku == sku)
        )
        (row,) = self.rows(query)
        return from_scaled(row[0]), from_scaled(row[1]), from_scaled(row[2])

    def waits_for_level(self, sku: str, wanted: tuple[int, int, int], *, within_s: float = 60) -> None:
        """Until the level is as wanted."""
        deadline = time.monotonic() + within_s
        while self.level(sku) != wanted:
            assert time.monotonic() < deadline, f"{self.level(sku)} in place of {wanted}"
            time.sleep(0.5)

    def customer_of(self, login: str) -> str:
        """Name of a customer of the user's that no other name contains."""
        account, user = table("account"), table("user")
        mine = select(account.c.name).join(user, user.c.id == account.c.owner_id).where(user.c.login == login)
        names = [row[0] for row in self.rows(select(account.c.name))]
        chosen = (row[0] for row in self.rows(mine.order_by(account.c.name.desc())))
        return next(str(name) for name in chosen if sum(name in other for other in names) == 1 and len(name) > 6)

    def phone_of(self, customer: str) -> str:
        account = table("account")
        (row,) = self.rows(select(account.c.phone).where(account.c.name == customer))
        return str(row[0])

    def waits_for_phone(self, customer: str, phone: str, *, within_s: float = 60) -> None:
        """Until the customer's number is as wanted."""
        deadline = time.monotonic() + within_s
        while self.phone_of(customer) != phone:
            assert time.monotonic() < deadline, f"{self.phone_of(customer)} in place of {phone}"
            time.sleep(0.5)

    def deal(self, title: str) -> tuple[str, str, Decimal, list[str]]:
        """(customer, stage, amount, numbers of its orders)."""
        deal, stage, account, order = table("opportunity"), table("stage"), table("account"), table("order")
        query = (
            select(deal.c.id, account.c.name, stage.c.name, deal.c.amount)
            .join(stage, stage.c.id == deal.c.stage_id)
            .join(account, account.c.id == deal.c.account_id)
            .where(deal.c.title == title)
        )
        ((deal_id, customer, at, amount),) = self.rows(query)
        orders = self.rows(select(order.c.number).where(order.c.opportunity_id == deal_id).order_by(order.c.number))
        return str(customer), str(at), from_scaled(amount), [str(row[0]) for row in orders]

    def has_customer(self, name: str) -> bool:
        account = table("account")
        return bool(self.rows(select(account.c.id).where(account.c.name == name)))

    def month(self, time_zone: str) -> tuple[int, Decimal]:
        """(leads written down, total of the confirmed orders) of the organisation's month."""
        lead, order = table("lead"), table("order")
        first, following = month_bounds_ms(int(time.time() * 1_000), time_zone)
        leads = select(func.count()).select_from(lead).where(lead.c.deleted_at.is_(None))
        won = select(func.coalesce(func.sum(order.c.total), 0)).where(order.c.state == "confirmed")
        within = [column.between(first, following - 1) for column in (lead.c.created_at, order.c.ordered_at)]
        counted = self.rows(leads.where(within[0]))[0][0], self.rows(won.where(within[1]))[0][0]
        return int(counted[0]), from_scaled(counted[1])

    def stage(self, name: str) -> tuple[int, Decimal]:
        """(how many, amount) of the open deals in the stage."""
        deal, stage = table("opportunity"), table("stage")
        query = (
            select(func.count(), func.coalesce(func.sum(deal.c.amount), 0))
            .join(stage, stage.c.id == deal.c.stage_id)
            .where(stage.c.name == name, deal.c.state == "open", deal.c.deleted_at.is_(None))
        )
        ((count, amount),) = self.rows(query)
        return int(count), from_scaled(amount)
