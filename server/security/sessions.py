"""Sessions: access tokens for 15 minutes, a refresh token that rotates, and the end of both.

Functions take an open transaction (``server.db.engine.Tx``) and *return* a refusal instead of raising it when it has
effects: the caller commits first and raises afterwards, so that the effects survive the failed request.
"""

from typing import Any

import msgspec
from sqlalchemy import and_, select, update

from server.db.engine import Tx
from server.db.tables import head, table
from server.security import tables, tokens
from shared.access import Actor
from shared.errors import AuthError
from shared.ids import is_id
from shared.numbers import format_decimal, from_scaled

ACCESS_MS = 15 * 60_000
REFRESH_MS = 30 * 86_400_000
"""Since the last refresh."""
LEASE_MS = 7 * 86_400_000
"""How long the app opens without having reached the server."""
GRACE_MS = 120_000
"""How long the token before the last rotation is still answered in any case."""

session = tables.session
user, device, organisation = table("user"), table("device"), table("organisation")


class Principal(msgspec.Struct, frozen=True):
    """Who a request comes from, read fresh for each request."""

    session_id: str
    actor: Actor
    login: str
    name: str
    scopes: frozenset[str] | None = None
    """Of a program's key (``server.security.api_keys``); None: a session, with all that its user may do."""

    # The engine asks for these three (``sync.authority.exchange.Caller``).
    @property
    def user_id(self) -> str:
        return self.actor.user_id

    @property
    def org_id(self) -> str:
        return self.actor.org_id

    @property
    def device_id(self) -> str:
        return self.actor.device_id or ""


class UserView(msgspec.Struct, frozen=True):
    """The signed-in user as the app needs it. ``discount_limit``: percent, decimal string."""

    id: str
    name: str
    login: str
    role: str
    home_team_id: str | None
    discount_limit: str


class OrgView(msgspec.Struct, frozen=True):
    """The user's organisation."""

    id: str
    name: str
    time_zone: str
    currency: str


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a sign-in or refresh. ``refresh_token`` is set for native clients; browsers have a cookie."""

    access_token: str
    expires_at: int
    user: UserView
    org: OrgView
    device_id: str
    dataset: str
    lease_until: int
    server_time: int
    refresh_token: str | None = None


class Issued(msgspec.Struct, frozen=True):
    """A session with the refresh token that belongs to it, which the HTTP layer places."""

    view: SessionView
    refresh_token: str


async def start(tx: Tx, org_id: str, session_id: str, user_id: str, device_id: str, now_ms: int) -> Issued:
    """Opens a session for a user whose two factors were right. Forgets sessions that ended long ago."""
    await tx.execute(session.delete().where(session.c.org_id == org_id, session.c.expires_at < now_ms - REFRESH_MS))
    refresh, access = tokens.new_token(org_id, session_id), tokens.new_token(org_id, session_id)
    values = {
        "org_id": org_id,
        "id": session_id,
        "user_id": user_id,
        "device_id": device_id,
        "refresh_key": tokens.new_key(),
        "refresh_hash": tokens.digest(refresh),
        "previous_refresh_hash": "",
        "rotated_at": now_ms,
        "rotation_seen": 1,
        "access_hash": tokens.digest(access),
        "access_expires_at": now_ms + ACCESS_MS,
        "previous_access_hash": "",
        "previous_access_expires_at": 0,
        "created_at": now_ms,
        "expires_at": now_ms + REFRESH_MS,
        "end_code": "",
    }
    await tx.execute(session.insert(), values)
    return await _issue(tx, org_id, user_id, device_id, access, refresh, now_ms)


async def _issue(tx: Tx, org_id: str, user_id: str, device_id: str, access: str, refresh: str, now_ms: int) -> Issued:
    found = await tx.execute(
        select(
            user.c.name,
            user.c.login,
            user.c.role,
            user.c.home_team_id,
            user.c.discount_limit,
            organisation.c.name.label("org_name"),
            organisation.c.time_zone,
            organisation.c.currency,
            head.c.dataset_id,
        )
        .join(organisation, and_(organisation.c.org_id == user.c.org_id, organisation.c.id == user.c.org_id))
        .join(head, head.c.org_id == user.c.org_id)
        .where(user.c.org_id == org_id, user.c.id == user_id)
    )
    row = found.one()
    limit = format_decimal(from_scaled(row.discount_limit))
    view = SessionView(
        access_token=access,
        expires_at=now_ms + ACCESS_MS,
        user=UserView(user_id, row.name, row.login, row.role, row.home_team_id, limit),
        org=OrgView(org_id, row.org_name, row.time_zone, row.currency),
        device_id=device_id,
        dataset=row.dataset_id,
        lease_until=now_ms + LEASE_MS,
        server_time=now_ms,
    )
    return Issued(view, refresh)


async def refresh(tx: Tx, token: str, now_ms: int) -> Issued | AuthError:
    """The next tokens for a refresh token.

    Current token: rotates. The one before: its answer may have been lost, so the *same* successor is given again, for
    ``GRACE_MS`` in any case and for as long as nothing of that rotation was used. Any other token of a known session
    was copied or replayed: the whole session ends (RFC 9700, 4.14.2).
    """
    place = tokens.place_of(token, 2)
    row = await find(tx, *place, lock=True) if place else None
    if row is None:
        return AuthError("session_expired")
    if row.ended_at is not None:
        return AuthError(row.end_code)
    if row.expires_at <= now_ms:
        return AuthError("session_expired")
    following = tokens.successor(row.refresh_key, token)
    if tokens.matches(row.refresh_hash, token):
        changes = {
            "refresh_hash": tokens.digest(following),
            "previous_refresh_hash": row.refresh_hash,
            "rotated_at": now_ms,
            "rotation_seen": 0,
        }
    elif tokens.matches(row.previous_refresh_hash, token) and (
        not row.rotation_seen or now_ms - row.rotated_at <= GRACE_MS
    ):
        changes = {}
    else:
        await end(tx, row.org_id, row.id, now_ms, "session_revoked")
        return AuthError("session_revoked")
    refusal = refusal_of(row)
    if refusal:
        await end(tx, row.org_id, row.id, now_ms, refusal)
        return AuthError(refusal)
    access = tokens.new_token(row.org_id, row.id)
    changes |= {
        "access_hash": tokens.digest(access),
        "access_expires_at": now_ms + ACCESS_MS,
        "previous_access_hash": row.access_hash,
        "previous_access_expires_at": row.access_expires_at,
        "expires_at": now_ms + REFRESH_MS,
    }
    await _change(tx, row.org_id, row.id, changes)
    return await _issue(tx, row.org_id, row.user_id, row.device_id, access, following, now_ms)


async def authenticate(tx: Tx, token: str, now_ms: int) -> tuple[Principal, bool] | AuthError:
    """Who an access token belongs to, and whether the rotation it came from has still to be marked as seen.

    Reads only. User, role, device and session are as they are now, so that a revocation counts at the next request.
    """
    place = tokens.place_of(token, 2)
    row = await find(tx, *place) if place else None
    if row is None:
        return AuthError("session_expired")
    newest = tokens.matches(row.access_hash, token)
    expires_at = row.access_expires_at if newest else row.previous_access_expires_at
    if not newest and not tokens.matches(row.previous_access_hash, token):
        return AuthError("session_expired")
    if row.ended_at is not None:
        return AuthError(row.end_code)
    refusal = refusal_of(row)
    if refusal:
        return AuthError(refusal)
    if expires_at <= now_ms:
        return AuthError("session_expired")
    return Principal(row.id, actor_of(row, row.device_id), row.login, row.name), newest and not row.rotation_seen


def actor_of(row: Any, device_id: str) -> Actor:
    """Who acts, from a record with the user's columns."""
    return Actor(
        user_id=row.user_id,
        org_id=row.org_id,
        role=row.role,
        team_id=row.home_team_id,
        device_id=device_id,
        discount_limit=from_scaled(row.discount_limit),
    )


async def mark_seen(tx: Tx, org_id: str, session_id: str) -> None:
    """The answer of the last rotation arrived: something that it brought was used."""
    await _change(tx, org_id, session_id, {"rotation_seen": 1})


async def end(tx: Tx, org_id: str, session_id: str, now_ms: int, code: str) -> None:
    """Ends a session; its holder then meets the error ``code``."""
    await _change(tx, org_id, session_id, {"ended_at": now_ms, "end_code": code})


async def sign_out(tx: Tx, token: str, now_ms: int) -> None:
    """Ends the session of a refresh token, the current one or the one before. Any other token changes nothing."""
    place = tokens.place_of(token, 2)
    row = await find(tx, *place, lock=True) if place else None
    if row is None or row.ended_at is not None:
        return
    if tokens.matches(row.refresh_hash, token) or tokens.matches(row.previous_refresh_hash, token):
        await end(tx, row.org_id, row.id, now_ms, "session_expired")


async def end_all_of_user(tx: Tx, org_id: str, user_id: str, now_ms: int, code: str) -> None:
    """Ends every session of a user."""
    await tx.execute(
        update(session)
        .where(session.c.org_id == org_id, session.c.user_id == user_id, session.c.ended_at.is_(None))
        .values(ended_at=now_ms, end_code=code)
    )


def new_device_or(device_id: str | None, fresh: str) -> str:
    """The device id that a client names when it has the form of one, otherwise the fresh one."""
    return device_id if is_id(device_id) else fresh  # type: ignore[return-value]


def refusal_of(row: Any) -> str:
    """Why the holder of a living session may not go on, as an error code; empty when nothing speaks against it."""
    if not row.active or row.user_deleted_at is not None:
        return "user_inactive"
    if row.device_row_id is None or row.revoked_at is not None or row.device_owner_id != row.user_id:
        return "device_revoked"
    return ""


async def find(tx: Tx, org_id: str, session_id: str, *, lock: bool = False) -> Any:
    """The session with what decides about it of user and device, or None."""
    statement = (
        select(
            session,
            user.c.active,
            user.c.deleted_at.label("user_deleted_at"),
            user.c.role,
            user.c.home_team_id,
            user.c.discount_limit,
            user.c.login,
            user.c.name,
            device.c.id.label("device_row_id"),
            device.c.owner_id.label("device_owner_id"),
            device.c.revoked_at,
        )
        .join(user, and_(user.c.org_id == session.c.org_id, user.c.id == session.c.user_id))
        .outerjoin(device, and_(device.c.org_id == session.c.org_id, device.c.id == session.c.device_id))
        .where(session.c.org_id == org_id, session.c.id == session_id)
    )
    if lock:
        statement = statement.with_for_update(of=session)
    return (await tx.execute(statement)).first()


async def _change(tx: Tx, org_id: str, session_id: str, changes: dict[str, Any]) -> None:
    await tx.execute(update(session).where(session.c.org_id == org_id, session.c.id == session_id).values(**changes))
