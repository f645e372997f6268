"""What is derived from the transaction log: which entries touched a row, and how far the chain was verified."""

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Table, Text

from server.db.tables import metadata

audit_touch = Table(
    "audit_touch",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("entity", Text(), nullable=False),
    Column("row_id", Text(), nullable=False),
    Column("n", BigInteger(), nullable=False),
    PrimaryKeyConstraint("org_id", "entity", "row_id", "n"),
    sqlite_with_rowid=False,
)
"""Entries of the log by the rows that they wrote or, refused, wanted to write. Made after the commit, never in it."""

audit_check = Table(
    "audit_check",
    metadata,
    Column("org_id", Text(), nullable=False),
    Column("verified_to", BigInteger(), nullable=False),
    Column("hash", LargeBinary(), nullable=False),
    Column("again_to", BigInteger(), nullable=False),
    Column("checked_at", BigInteger(), nullable=False),
    Column("broken_at", BigInteger(), nullable=True),
    PrimaryKeyConstraint("org_id"),
)
"""``hash``: of entry ``verified_to``. ``again_to``: how far the present round of looking at old entries again has come.
``broken_at``: the first entry that did not fit; it stays until somebody has looked (``caravan audit verify``)."""
