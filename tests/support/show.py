"""The world at a trade show: the same devices and network, with promises on leases, and nights that pass."""

from decimal import Decimal
from pathlib import Path

from server.ops.expiry import expire_leases
from shared.rules.leases import LATE_MS
from tests.support.authority import SECRETS, TestAuthority
from tests.support.company import ORG
from tests.support.oracle import FIRST_STOCK, Rows, check_view, server_rows, stock_faults
from tests.support.world import NETWORK, Step, World

BREAKING = ("count", "reclaim")
NIGHT = "night"
"""A day and a half passes; the server ends the leases that are due."""


class ShowWorld(World):
    """Looks at the stock after every exchange, and remembers what the devices have promised."""

    def __init__(self, folder: Path, authority: TestAuthority) -> None:
        super().__init__(folder, authority)
        self.promises: dict[str, Decimal] = {}
        """Units that a device has shown as firm, by order line."""
        self.broken = False
        """Something happened that takes leased units away: a count, a reclaim, a lease that ended by itself."""

    async def tell(self, step: Step) -> None:
        number, action, _, _ = step
        phone = self.phones[number % len(self.phones)]
        if action == NIGHT:
            await self._night()
            check_view(phone)
        else:
            await super().tell(step)
        self.broken |= action in BREAKING
        for line in phone.store.select("order_line", "leased > 0 AND state = 'pending'"):
            self.promises.setdefault(line["id"], line["leased"])
        if action in NETWORK:
            assert list(stock_faults(await self._rows(), FIRST_STOCK)) == []

    async def _night(self) -> None:
        for clock in (self.authority.clock, *(each.clock for each in self.phones)):
            clock.value += LATE_MS * 3 // 2
        self.broken |= await expire_leases(self.authority) > 0

    async def check(self) -> None:
        """And what was shown as firm is firm, to the unit, while nothing took leased units away."""
        await super().check()
        rows = await self._rows()
        for line_id, units in {} if self.broken else self.promises.items():
            line = rows.get(("order_line", line_id))
            if line is not None and rows["order", line["order_id"]]["state"] == "confirmed":
                assert (line["leased"], line["reserved"] >= units) == (units, True)

    async def _rows(self) -> Rows:
        return await server_rows(self.authority.database, ORG, SECRETS)
