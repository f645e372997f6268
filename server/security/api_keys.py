"""Keys with which programs use the records API: made by an administrator, shown once, checked with each request.

A key acts in its owner's name and may never do more than its owner may at that moment; its scopes narrow that down.
Beside the key stands a *device* of the same id: it names the program in the log, in conflicts and in the owner's list
of devices, and revoking either ends both.
"""

from typing import Any

import msgspec
from sqlalchemy import and_, select

from server.db.authority import Authority
from server.db.engine import Tx
from server.db.tables import table
from server.security import tokens
from server.security.limits import RateLimit
from server.security.sessions import Principal, actor_of
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.errors import AuthError, InvalidInput, LimitExceeded, NotAllowed, NotFound
from shared.ids import is_id
from shared.scopes import scope_names
from sync.authority.ports import Unit
from sync.authority.system import SystemWrite

PREFIX = "caravan_"
"""What every key begins with, so that scanners for leaked secrets know one."""
PLATFORM = "api"
DAY_MS = 86_400_000
MAX_DAYS = 3_660
BURST, PER_MINUTE = 120, 600
"""Requests of one key at once, and on average."""
api_key, user, device = table("api_key"), table("user"), table("device")


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator asks for. ``scopes``: ``account:read``, ``order:write``, ``*:read``."""

    name: str
    user_id: str
    scopes: list[str]
    days: int = 365


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key as administrators see it; the key itself is nowhere. Instants UTC milliseconds."""

    id: str
    name: str
    user_id: str
    user_name: str
    scopes: list[str]
    created_at: int
    expires_at: int
    revoked_at: int | None
    used_at: int | None
    """To the day."""


class MadeKey(msgspec.Struct, frozen=True):
    """``key`` is shown this once."""

    id: str
    key: str


def require_scope(principal: Principal, entity: str, action: str) -> None:
    """Raises ``NotAllowed`` ``scope_missing`` when a key does not reach so far; sessions reach everything."""
    if not has_scope(principal, entity, action):
        raise NotAllowed("scope_missing", scope=f"{entity}:{action}")


def has_scope(principal: Principal, entity: str, action: str) -> bool:
    """Whether the scopes of the request's key, if it comes with one, cover the action on the entity."""
    return principal.scopes is None or not principal.scopes.isdisjoint((f"{entity}:{action}", f"*:{action}"))


class ApiKeys:
    """Makes, checks, lists and ends keys; one object for each process."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._limit = RateLimit(burst=BURST, per_minute=PER_MINUTE)

    async def principal(self, token: str) -> Principal:
        """Who a request with a key comes from.

        Raises ``AuthError``: ``api_key_unknown``, ``api_key_revoked``, ``api_key_expired``, ``user_inactive``; and
        ``LimitExceeded`` ``key_too_often``.
        """
        now = self._authority.clock.now_ms()
        place = tokens.place_of(token.removeprefix(PREFIX), 2)
        found = await self._authority.database.read(lambda tx: _find(tx, *place)) if place else None
        # The comparison is made in any case: the time taken does not tell which keys there are.
        fits = tokens.matches(found.secret_hash if found else "", token)
        if found is None or not fits:
            raise AuthError("api_key_unknown")
        if found.revoked_at is not None or found.device_revoked_at is not None or found.deleted_at is not None:
            raise AuthError("api_key_revoked")
        if found.expires_at <= now:
            raise AuthError("api_key_expired")
        if not found.active or found.user_deleted_at is not None:
            raise AuthError("user_inactive")
        wait = self._limit.wait_s(found.id, now)
        if wait:
            raise LimitExceeded("key_too_often", seconds=wait)
        if found.last_seen_at is None or now - found.last_seen_at >= DAY_MS:
            await self._note_use(found.org_id, found.id, now)
        scopes = frozenset(msgspec.json.decode(found.scopes))
        actor = actor_of(found, found.id)
        return Principal(found.id, actor, found.login, found.user_name, scopes)

    async def _note_use(self, org_id: str, key_id: str, now: int) -> None:
        """At most once a day: a read costs no commit."""

        async def prepare(unit: Unit) -> SystemWrite | None:
            row = (await unit.rows([("device", key_id)]))[("device", key_id)][0]
            if row["last_seen_at"] is not None and now - row["last_seen_at"] < DAY_MS:
                return None
            changed = {**row, "last_seen_at": now, "updated_at": now}
            return self._write("api_key.use", row["owner_id"], [("device", changed)], device_id=key_id)

        await self._authority.write(org_id, prepare)

    async def make(self, org_id: str, new: NewKey, *, by: str = "") -> MadeKey:
        """Makes a key; ``by``: the administrator, empty for the command line.

        Raises ``InvalidInput`` (``required``, ``too_long``, ``scope_unknown``, ``out_of_range``), ``NotFound`` for the
        user, ``NotAllowed`` when the maker is no administrator.
        """
        name = new.name.strip()
        if not name or len(name) > ENTITIES["api_key"].fields["name"].options.max_length:
            raise InvalidInput("required" if not name else "too_long", field="name", limit=80)
        unknown = sorted(set(new.scopes) - set(scope_names()))
        if unknown or not new.scopes:
            raise InvalidInput("scope_unknown", field="scopes", scope=", ".join(unknown)[:200] or "-")
        if not 1 <= new.days <= MAX_DAYS:
            raise InvalidInput("out_of_range", field="days", low=1, high=MAX_DAYS)
        key_id = self._authority.new_id()
        token = PREFIX + tokens.new_token(org_id, key_id)

        async def prepare(unit: Unit) -> SystemWrite:
            owner = await _person(unit, new.user_id)
            if by:
                await require_admin(unit, by)
            now = self._authority.clock.now_ms()
            common = {
                "id": key_id, "org_id": org_id, "owner_id": new.user_id, "team_id": owner["home_team_id"],
                "created_at": now, "updated_at": now, "created_by": by or None, "updated_by": by or None,
            }  # fmt: skip
            secret = {"secret_hash": tokens.digest(token), "scopes": sorted(set(new.scopes))}
            key = {**common, **secret, "name": name, "expires_at": now + new.days * DAY_MS}
            program = {**common, "name": name, "platform": PLATFORM}
            rows = [("api_key", key), ("device", program)]
            return self._write("api_key.make", by, [(entity, new_row(ENTITIES[entity], row)) for entity, row in rows])

        await self._authority.write(org_id, prepare)
        return MadeKey(key_id, token)

    async def revoke(self, org_id: str, key_id: str, *, by: str = "") -> None:
        """Ends a key at once. Raises ``NotFound``, ``NotAllowed`` when the sender is no administrator."""

        async def prepare(unit: Unit) -> SystemWrite | None:
            if by:
                await require_admin(unit, by)
            keys = [("api_key", key_id), ("device", key_id)]
            found = await unit.rows(keys) if is_id(key_id) else {}
            if keys[0] not in found:
                raise NotFound("not_found", entity="api_key", id=key_id[:36])
            now = self._authority.clock.now_ms()
            living = [(key[0], found[key][0]) for key in keys if key in found and found[key][0]["revoked_at"] is None]
            ended = {"revoked_at": now, "updated_at": now, "updated_by": by or None}
            return self._write("api_key.revoke", by, [(entity, {**row, **ended}) for entity, row in living])

        await self._authority.write(org_id, prepare)

    async def listing(self, org_id: str) -> list[KeyView]:
        """All keys of the organisation, newest first."""
        return await self._authority.database.read(lambda tx: _listing(tx, org_id))

    def _write(self, name: str, user_id: str, rows: list[tuple[str, Row]], *, device_id: str = "") -> SystemWrite:
        now = self._authority.clock.now_ms()
        return SystemWrite(self._authority.new_id(), name, user_id, now, rows, device_id)


async def require_admin(unit: Unit, user_id: str) -> Row:
    """The administrator's row, read under the lock. Raises ``NotAllowed`` for anybody else."""
    found = (await unit.rows([("user", user_id)])).get(("user", user_id))
    row: Row = found[0] if found else {}
    if not row or row["role"] != "admin" or not row["active"] or row["deleted_at"] is not None:
        raise NotAllowed("role_not_allowed", role=str(row.get("role", "")), entity="user", action="admin")
    return row


async def _person(unit: Unit, user_id: str) -> Row:
    found = (await unit.rows([("user", user_id)])).get(("user", user_id)) if is_id(user_id) else None
    if found is None or found[0]["deleted_at"] is not None or not found[0]["active"]:
        raise NotFound("not_found", entity="user", id=user_id[:36], field="user_id")
    return found[0]


def _joined() -> Any:
    mine = and_(user.c.org_id == api_key.c.org_id, user.c.id == api_key.c.owner_id)
    beside = and_(device.c.org_id == api_key.c.org_id, device.c.id == api_key.c.id)
    return api_key.join(user, mine).join(device, beside)


async def _find(tx: Tx, org_id: str, key_id: str) -> Any:
    statement = (
        select(
            api_key.c.org_id,
            api_key.c.id,
            api_key.c.secret_hash,
            api_key.c.scopes,
            api_key.c.expires_at,
            api_key.c.revoked_at,
            api_key.c.deleted_at,
            device.c.revoked_at.label("device_revoked_at"),
            device.c.last_seen_at,
            user.c.id.label("user_id"),
            user.c.name.label("user_name"),
            user.c.login,
            user.c.role,
            user.c.home_team_id,
            user.c.discount_limit,
            user.c.active,
            user.c.deleted_at.label("user_deleted_at"),
        )
        .select_from(_joined())
        .where(api_key.c.org_id == org_id, api_key.c.id == key_id)
    )
    return (await tx.execute(statement)).first()


async def _listing(tx: Tx, org_id: str) -> list[KeyView]:
    statement = (
        select(
            *(api_key.c[name] for name in ("id", "name", "scopes", "created_at", "expires_at", "revoked_at")),
            device.c.revoked_at.label("device_revoked_at"),
            device.c.last_seen_at,
            user.c.id.label("user_id"),
            user.c.name.label("user_name"),
        )
        .select_from(_joined())
        .where(api_key.c.org_id == org_id, api_key.c.deleted_at.is_(None))
        .order_by(api_key.c.created_at.desc(), api_key.c.id)
    )
    return [
        KeyView(
            id=row.id,
            name=row.name,
            user_id=row.user_id,
            user_name=row.user_name,
            scopes=msgspec.json.decode(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at or row.device_revoked_at,
            used_at=row.last_seen_at,
        )
        for row in (await tx.execute(statement)).all()
    ]
