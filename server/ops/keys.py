"""What ``caravan apikey`` does: keys of programs, from the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import select

from server.db.engine import Tx
from server.db.tables import table
from server.ops.commands import Say
from server.ops.opened import Opened, opened
from server.security.api_keys import ApiKeys, KeyView, NewKey
from server.security.audit import HeadsFile
from server.security.sign_in import plain_login
from server.settings import Settings
from shared.errors import NotFound

user, api_key, organisation = table("user"), table("api_key"), table("organisation")


@asynccontextmanager
async def _working(settings: Settings) -> AsyncIterator[Opened]:
    """Opened, with the audit chain's head going outside of the database."""
    async with opened(settings) as at:
        heads = HeadsFile(settings.audit_heads)
        at.authority.listen(heads.heard)
        yield at
        await heads.flush()


async def create(settings: Settings, say: Say, name: str, login: str, scopes: list[str], days: int) -> int:
    """Makes a key and prints it this once."""

    async def owner(tx: Tx) -> tuple[str, str] | None:
        columns = (user.c.org_id, user.c.id)
        found = await tx.execute(
            select(*columns).where(user.c.login == plain_login(login), user.c.deleted_at.is_(None))
        )
        return found.first()  # type: ignore[return-value]

    async with _working(settings) as at:
        found = await at.database.read(owner)
        if found is None:
            raise NotFound("not_found", entity=say("entity.user"), id=login[:60])
        org_id, user_id = found
        made = await ApiKeys(at.authority).make(org_id, NewKey(name=name, user_id=user_id, scopes=scopes, days=days))
    print(say("cli.apikey_made", id=made.id, name=name))
    print(made.key)
    return 0


async def listed(settings: Settings, say: Say) -> int:
    """Prints the keys of every organisation."""

    async def organisations(tx: Tx) -> list[str]:
        return list((await tx.execute(select(organisation.c.org_id).order_by(organisation.c.org_id))).scalars())

    async with opened(settings) as at:
        keys = ApiKeys(at.authority)
        now = at.authority.clock.now_ms()
        found = [key for org_id in await at.database.read(organisations) for key in await keys.listing(org_id)]
    for key in found:
        print(f"{key.id}  {key.name} ({key.user_name})  {', '.join(key.scopes)}  {_state(say, key, now)}")
    if not found:
        print(say("cli.apikey_none"))
    return 0


def _state(say: Say, key: KeyView, now: int) -> str:
    state = "revoked" if key.revoked_at is not None else "expired" if key.expires_at <= now else "valid"
    day = datetime.fromtimestamp(key.expires_at / 1000, UTC).date().isoformat()
    return say(f"cli.apikey_state.{state}", day=day)


async def revoke(settings: Settings, say: Say, key_id: str) -> int:
    """Ends a key."""

    async def place(tx: Tx) -> str | None:
        return (await tx.execute(select(api_key.c.org_id).where(api_key.c.id == key_id))).scalar_one_or_none()

    async with _working(settings) as at:
        org_id = await at.database.read(place)
        if org_id is None:
            raise NotFound("not_found", entity=say("entity.api_key"), id=key_id[:60])
        await ApiKeys(at.authority).revoke(org_id, key_id)
    print(say("cli.apikey_revoked"))
    return 0
