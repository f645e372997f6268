"""``/health`` and ``/v1/time``: is the server well, and what time is it there."""

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from server.db import migrate, revision, tables
from server.db.authority import Authority
from server.db.engine import Tx
from server.security.audit import HeadsFile
from shared.errors import CaravanError

NO_STORE = {"Cache-Control": "no-store"}


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """``status``: ``ok``, or what is wrong. ``database``: ``ok``, ``unavailable``, or ``newer``: another process has
    migrated it, and this one writes nothing more. ``head_seq``: the sum over organisations, so that it tells of no
    single one. ``chain``: ``ok``, or ``heads_behind`` while the copy outside of the database waits for its disk."""

    status: str
    database: str
    migration: str
    head_seq: int
    chain_entries: int
    chain: str
    server_time: int


class Time(msgspec.Struct, frozen=True):
    """UTC milliseconds."""

    server_time: int


async def _heads(tx: Tx) -> tuple[int, int]:
    columns = tables.head.c
    found = (await tx.execute(select(func.sum(columns.seq), func.sum(columns.chain_count)))).one()
    return int(found[0] or 0), int(found[1] or 0)


@get("/health", tags=["health"])
async def health(authority: NamedDependency[Authority], heads: NamedDependency[HeadsFile]) -> Response[Health]:
    """200 when the server can work, 503 when its database does not answer or belongs to a newer server."""
    database, seq, entries = "ok", 0, 0
    try:
        seq, entries = await authority.database.read(_heads)
        if not await authority.database.read(revision.is_known):
            database = "newer"
    except (SQLAlchemyError, CaravanError, OSError):
        database = "unavailable"
    chain = "ok" if heads.error is None else "heads_behind"
    report = Health(
        status="ok" if database == chain == "ok" else "impaired",
        database=database,
        migration=migrate.newest(),
        head_seq=seq,
        chain_entries=entries,
        chain=chain,
        server_time=authority.clock.now_ms(),
    )
    return Response(report, status_code=200 if database == "ok" else 503, headers=NO_STORE)


@get("/v1/time", tags=["health"])
async def server_time(authority: NamedDependency[Authority]) -> Response[Time]:
    """The server's clock, for devices whose own is wrong."""
    return Response(Time(authority.clock.now_ms()), headers=NO_STORE)
