"""Alembic's entry. Migrations run over the connection that ``server.db.migrate`` opened, in its transaction."""

from alembic import context

import server.blobs.tables
import server.security.tables
import server.trail.tables  # noqa: F401 - these declare their tables on the same metadata
from server.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
