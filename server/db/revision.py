"""Whether the database's schema is one that this code knows: asked at each write, with the statement that locks.

Several processes may share one PostgreSQL. One that has not been updated, beside one that has, would write rows without
their newer fields into the feed. So it stops writing: devices are told that the server is not updated yet, keep their
work and come again; who watches the process hears it from ``/health``.
"""

from functools import cache
from typing import Any

import structlog
from sqlalchemy import Select, func

from server.db.engine import Tx
from server.db.migrate import MIGRATING, VERSION, known
from shared.errors import Unavailable

log = structlog.get_logger("caravan.db")

COLUMN = "migration"
SQL = "SELECT version_num FROM alembic_version"


async def is_known(tx: Tx) -> bool:
    """Whether this code may write to the database."""
    return (await tx.execute(VERSION)).scalar() in known()


def asked_with(statement: Select[Any], dialect: str) -> Select[Any]:
    """The statement with the database's migration as one more column, ``COLUMN``.

    On PostgreSQL no migration can begin from then on, until the transaction ends. One that was under way when the
    statement began shows only in the next one: so it is asked again before the commit.
    """
    if dialect == "postgresql":
        statement = statement.add_columns(func.pg_advisory_xact_lock_shared(MIGRATING))
    return statement.add_columns(VERSION.limit(1).scalar_subquery().label(COLUMN))


def require_known(migration: str | None) -> None:
    """Raises ``Unavailable`` ``server_older`` for a migration that this code does not have."""
    if migration not in known():
        _say(migration)
        raise Unavailable("server_older")


@cache
def _say(migration: str | None) -> None:
    """Once is enough."""
    log.error("this process is older than its database and writes no more: update it", migration=migration)
