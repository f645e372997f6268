"""Writes the migration for a changed declaration: ``python -m server.db.revise "Add the account's website"``.

It compares the declarations with what the migrations make, on a scratch database. Read the result: migrations only
add, and a column that may not be empty needs a ``server_default`` for the rows that are there.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command

from server.db.engine import Database
from server.db.migrate import config, upgrade


async def revise(message: str) -> None:
    """Adds a migration to ``migrations/versions``."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            await upgrade(database)
            await database.run_sync(
                lambda connection: command.revision(config(connection), message=message, autogenerate=True)
            )
        finally:
            await database.close()


if __name__ == "__main__":
    asyncio.run(revise(" ".join(sys.argv[1:]) or "Change the schema"))
