"""Tables of the sign-in, on the server's one metadata. Nothing here is ever in the feed.

Tokens are stored as SHA-256 (``tokens.digest``); an enrolment secret is sealed (``crypto``). Instants UTC milliseconds.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from server.db.tables import metadata

challenge = Table(
    "challenge",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("id", Text(), nullable=False),
    Column("user_id", Text(), nullable=False),
    Column("device_id", Text(), nullable=False),
    Column("device_name", Text(), nullable=False),
    Column("platform", Text(), nullable=False),
    Column("enrol_secret", Text(), nullable=False),
    Column("tries", Integer(), nullable=False),
    Column("expires_at", BigInteger(), nullable=False),
    Column("password_mark", Text(), nullable=False, server_default=""),
    PrimaryKeyConstraint("org_id", "id"),
    Index("ix_challenge_expires_at", "org_id", "expires_at"),
)
"""A password that was right, waiting for the second factor; ``id`` is the digest of the token. The device that will be
signed in is fixed here, so that a repeated second step (its answer was lost) does not make a second device.
``password_mark``: digest of the stored hash of the password that was right; with another password the row is over."""

session = Table(
    "session",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("id", Text(), nullable=False),
    Column("user_id", Text(), nullable=False),
    Column("device_id", Text(), nullable=False),
    Column("refresh_key", Text(), nullable=False),
    Column("refresh_hash", Text(), nullable=False),
    Column("previous_refresh_hash", Text(), nullable=False),
    Column("rotated_at", BigInteger(), nullable=False),
    Column("rotation_seen", Integer(), nullable=False),
    Column("access_hash", Text(), nullable=False),
    Column("access_expires_at", BigInteger(), nullable=False),
    Column("previous_access_hash", Text(), nullable=False),
    Column("previous_access_expires_at", BigInteger(), nullable=False),
    Column("created_at", BigInteger(), nullable=False),
    Column("expires_at", BigInteger(), nullable=False),
    Column("ended_at", BigInteger(), nullable=True),
    Column("end_code", Text(), nullable=False),
    Column("handin_hash", Text(), nullable=False, server_default=""),
    Column("handin_expires_at", BigInteger(), nullable=False, server_default="0"),
    PrimaryKeyConstraint("org_id", "id"),
    Index("ix_session_user_id", "org_id", "user_id"),
    Index("ix_session_expires_at", "org_id", "expires_at"),
)
"""One sign-in with its family of refresh tokens. ``rotation_seen``: 1 once something issued by the last rotation was
used, which proves that its answer arrived. ``end_code``: the error that its holder meets afterwards.
``handin_*``: the ticket of a shut-out device."""
