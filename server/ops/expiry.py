"""The server's watch over stock leases: once a minute, those whose time is over are ended."""

import asyncio
import contextlib

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.exc import DBAPIError

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from shared.errors import CaravanError
from shared.rules.leases import LATE_MS
from sync.authority.expiry import expired_lease
from sync.authority.ports import FlushError, Unit
from sync.authority.system import SystemWrite

log = structlog.get_logger("caravan.leases")

EVERY_S = 60


async def expire_leases(authority: Authority) -> int:
    """Ends every lease that is due, each in a transaction of its own; returns how many were found.

    Harmless to run twice at once: what is due is decided again under the organisation's lock.
    """
    now_ms = authority.clock.now_ms()
    leases = table("stock_lease").c
    over = or_(
        and_(leases.state == "offered", leases.expires_at <= now_ms),
        and_(leases.state == "active", leases.expires_at <= now_ms - LATE_MS),
    )

    async def look(tx: Tx) -> list[tuple[str, str]]:
        found = await tx.execute(select(leases.org_id, leases.id).where(over).order_by(leases.org_id, leases.id))
        return [(record.org_id, record.id) for record in found]

    due = await authority.database.read(look)
    for org_id, lease_id in due:
        tx_id = authority.new_id()

        async def prepare(unit: Unit, lease_id: str = lease_id, tx_id: str = tx_id) -> SystemWrite:
            return await expired_lease(unit, lease_id, tx_id, now_ms)

        await authority.write(org_id, prepare)
    return len(due)


class LeaseWatch:
    """Runs ``expire_leases`` at the start and then every minute, until it is stopped."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            try:
                await expire_leases(self._authority)
            except (DBAPIError, CaravanError) as error:
                log.warning("leases were not looked at", error=type(error).__name__)
            except FlushError as error:
                # Trying again would not cure it; the watch goes on for those that are due later.
                log.error("a lease could not be ended", detail=str(error))
            await asyncio.sleep(EVERY_S)
