"""What the HTTP layer and the command line use of the sign-in: one object per process."""

import asyncio

from sqlalchemy import and_, func, select, update

from server.db.engine import Database, Tx
from server.db.tables import install, table
from server.security import handin, sessions, tables
from server.security.crypto import Vault
from server.security.handin import ShutOut, Ticket
from server.security.passwords import Passwords
from server.security.sessions import Issued, Principal
from server.security.sign_in import RegisterDevice, SignIn
from shared.errors import AuthError
from sync.ports import Clock, Entropy

BEARER = "Bearer "
user, device = table("user"), table("device")


class Auth:
    """Sign-in, sessions and who a request comes from."""

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, entropy: Entropy, register_device: RegisterDevice
    ) -> None:
        self.database = database
        self.clock = clock
        self.passwords = Passwords()
        self.sign_in = SignIn(database, self.passwords, vault, clock, entropy, register_device)

    async def close(self) -> None:
        """Ends the hashing threads."""
        await asyncio.to_thread(self.passwords.close)

    async def principal(self, authorization: str | None) -> Principal:
        """The sender of a request by its ``Authorization`` header, with role and team as they are now.

        Raises ``AuthError``: ``sign_in_needed`` without a token, ``session_expired``, ``session_revoked``,
        ``device_revoked``, ``user_inactive``.
        """
        if not authorization or not authorization.startswith(BEARER):
            raise AuthError("sign_in_needed")
        token, now = authorization[len(BEARER) :].strip(), self.clock.now_ms()
        found = await self.database.read(lambda tx: sessions.authenticate(tx, token, now))
        if isinstance(found, AuthError):
            raise found
        principal, first_use = found
        if first_use:
            await self.database.run_tx(lambda tx: sessions.mark_seen(tx, principal.actor.org_id, principal.session_id))
        return principal

    async def refresh(self, token: str | None) -> Issued:
        """The next tokens. Raises ``AuthError`` as ``principal`` does; a replayed token has ended its session then."""
        if not token:
            raise AuthError("session_expired")
        now = self.clock.now_ms()
        found = await self.database.run_tx(lambda tx: sessions.refresh(tx, token, now))
        if isinstance(found, AuthError):
            raise found
        return found

    async def hand_in_ticket(self, token: str | None) -> Ticket:
        """A shut-out device's ticket. Raises ``AuthError`` for everybody else."""
        if not token:
            raise AuthError("session_expired")
        now = self.clock.now_ms()
        found = await self.database.run_tx(lambda tx: handin.issue(tx, token, now))
        if isinstance(found, AuthError):
            raise found
        return found

    async def shut_out(self, authorization: str | None) -> ShutOut:
        """Who hands in, by the ticket in the ``Authorization`` header. Raises ``AuthError``."""
        if not authorization or not authorization.startswith(BEARER):
            raise AuthError("sign_in_needed")
        ticket, now = authorization[len(BEARER) :].strip(), self.clock.now_ms()
        found = await self.database.read(lambda tx: handin.bearer(tx, ticket, now))
        if isinstance(found, AuthError):
            raise found
        return found

    async def sign_out(self, token: str | None) -> None:
        """Ends the session of a refresh token. Without a valid one there is nothing to end, and that is no error."""
        if token:
            now = self.clock.now_ms()
            await self.database.run_tx(lambda tx: sessions.sign_out(tx, token, now))

    async def end_device(self, org_id: str, device_id: str) -> None:
        """Ends the sessions of a device that was revoked."""
        now, session = self.clock.now_ms(), tables.session
        mine = and_(session.c.org_id == org_id, session.c.device_id == device_id, session.c.ended_at.is_(None))

        async def end(tx: Tx) -> None:
            await tx.execute(update(session).where(mine).values(ended_at=now, end_code="device_revoked"))

        await self.database.run_tx(end)

    async def devices(self, principal: Principal) -> list[dict[str, object]]:
        """The devices of the user, of everybody for an admin, newest first."""
        actor, installs = principal.actor, install.c
        last = func.max(installs.last_exchange_at).label("at")
        synced = select(installs.device_id, last).where(installs.org_id == actor.org_id)
        synced = synced.group_by(installs.device_id).subquery()
        statement = (
            select(
                device.c.id,
                device.c.name,
                device.c.platform,
                device.c.last_seen_at,
                device.c.revoked_at,
                synced.c.at.label("last_sync_at"),
                device.c.owner_id.label("user_id"),
                user.c.name.label("user_name"),
            )
            .join(user, and_(user.c.org_id == device.c.org_id, user.c.id == device.c.owner_id))
            .outerjoin(synced, synced.c.device_id == device.c.id)
            .where(device.c.org_id == actor.org_id, device.c.deleted_at.is_(None))
            .order_by(device.c.last_seen_at.desc(), device.c.id)
        )
        if actor.role != "admin":
            statement = statement.where(device.c.owner_id == actor.user_id)

        async def read(tx: Tx) -> list[dict[str, object]]:
            rows = (await tx.execute(statement)).mappings()
            return [{**{str(key): row[key] for key in row}, "current": row["id"] == actor.device_id} for row in rows]

        return await self.database.read(read)
