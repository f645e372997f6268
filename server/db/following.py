"""The rows of a user who changes the team follow, a few hundred in each commit.

They belong to the person who works with them: the new team's manager answers for the person and so for the rows. What
should stay with the old team is handed over (``account.assign``) before the move. One commit for all would hold the
organisation's lock for as long as the user's life's work takes; so the move is marked on the user's ``standing`` row
and goes on after a restart.
"""

import asyncio
import logging

from sqlalchemy import select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.work import Key
from shared.errors import CaravanError
from shared.fields import Scope
from sync.authority.ports import Commit, Unit, View
from sync.authority.system import SystemWrite

log = logging.getLogger("caravan.following")

ROWS_IN_ONE_COMMIT = 200
RETRY_S = 30.0
_OWNED = frozenset(name for name, entity in ENTITIES.items() if entity.options.scope is Scope.OWNER)


class TeamFollower:
    """Moves what is marked: at the start, and after each commit that changed a user. Several at once do no harm."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._task: asyncio.Task[None] | None = None
        self._again = False
        authority.listen(self._heard)

    def start(self) -> None:
        """Looks for marked moves now; harmless when it is under way. Needs the event loop."""
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    def _heard(self, commit: Commit) -> None:
        if commit.access_changed:
            self.start()

    async def _work(self) -> None:
        while self._again:
            self._again = False
            try:
                await self.follow_all()
            except CaravanError as error:
                log.warning("moving rows to a new team waits", extra={"code": error.code})
                await asyncio.sleep(RETRY_S)
                self._again = True

    async def close(self) -> None:
        """Ends it; what is left goes on at the next start."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def follow_all(self) -> None:
        """Moves the rows of every marked user. Raises ``Unavailable`` when the database is busy: try again."""
        for org_id, standing_id, user_id in await self._authority.database.read(_marked):
            await self._follow(org_id, user_id)
            await self._done(org_id, standing_id)

    async def _follow(self, org_id: str, user_id: str) -> None:
        own = f"user:{user_id}"
        places: dict[str, int] = {}
        # Twice through history: what comes back from it meanwhile is found in the bucket that it comes to, what is
        # filed meanwhile the second time.
        for listed in (self._months, None, self._months):
            for bucket in await listed(org_id, own) if listed else [own]:
                places[bucket] = await self._follow_bucket(org_id, user_id, bucket, places.get(bucket, 0))

    async def _months(self, org_id: str, bucket: str) -> list[str]:
        return sorted(await self._authority.store.view(org_id, lambda view: view.months([bucket])))

    async def _follow_bucket(self, org_id: str, user_id: str, bucket: str, after: int) -> int:
        """Moves the rows of a bucket of the user's that come after a ``seq``; returns how far that was."""
        while True:
            keys, last = await self._page(org_id, bucket, after)
            if keys:
                await self._move(org_id, user_id, keys)
            if last == after:
                return after
            after = last

    async def _page(self, org_id: str, bucket: str, after: int) -> tuple[list[Key], int]:
        """The next rows of a bucket of the user's, and how far that was. Moved ones come again at its end, as moved."""

        async def read(view: View) -> tuple[list[Key], int]:
            rows = await view.page(bucket, after, ROWS_IN_ONE_COMMIT, restricted=False)
            keys = [(row.entity, row.id) for row in rows if row.entity in _OWNED and not row.gone]
            return keys, rows[-1].seq if rows else after

        return await self._authority.store.view(org_id, read)

    async def _move(self, org_id: str, user_id: str, keys: list[Key]) -> None:
        async def prepare(unit: Unit) -> SystemWrite | None:
            # Read under the lock: who owns what, and to which team the owner belongs, as it is now.
            found = await unit.rows([*keys, ("user", user_id)])
            owner = found[("user", user_id)][0]
            team_id, now_ms = owner["home_team_id"], self._authority.clock.now_ms()
            moved: list[tuple[str, Row]] = [
                (key[0], {**found[key][0], "team_id": team_id, "updated_at": now_ms})
                for key in keys
                if key in found and found[key][0]["owner_id"] == user_id and found[key][0]["team_id"] != team_id
            ]
            if not moved:
                return None
            return SystemWrite(self._authority.new_id(), "user.rows_follow", owner["updated_by"] or "", now_ms, moved)

        await self._authority.write(org_id, prepare)

    async def _done(self, org_id: str, standing_id: str) -> None:
        async def prepare(unit: Unit) -> SystemWrite | None:
            row = (await unit.rows([("standing", standing_id)]))[("standing", standing_id)][0]
            done = {**row, "rows_follow": False}
            now_ms = self._authority.clock.now_ms()
            return SystemWrite(
                self._authority.new_id(), "user.rows_followed", row["updated_by"] or "", now_ms, [("standing", done)]
            )

        await self._authority.write(org_id, prepare)


async def _marked(tx: Tx) -> list[tuple[str, str, str]]:
    rows = table("standing").c
    found = await tx.execute(select(rows.org_id, rows.id, rows.user_id).where(rows.rows_follow))
    return [tuple(record) for record in found.all()]
