"""The table of uploads, on the server's one metadata. Never in the feed."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text

from server.db.tables import metadata

upload = Table(
    "blob_upload",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("user_id", Text(), nullable=False),
    Column("sha256", Text(), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("media_type", Text(), nullable=False),
    Column("ended_at", BigInteger(), nullable=False),
    Column("refusal", Text(), nullable=False),
    PrimaryKeyConstraint("org_id", "user_id", "sha256"),
    Index("ix_blob_upload_sha256", "org_id", "sha256"),
)
"""Whoever sent the whole content once, and when: proof that he has it. ``refusal``: the error code of content that was
not taken; it is not asked for again."""
