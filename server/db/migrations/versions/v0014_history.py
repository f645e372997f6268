"""Months of history: the month of rows that are filed, and which months there are."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("e_activity", "e_order", "e_order_line", "e_reservation")


def upgrade() -> None:
    # All rows are current at first; the serving process files what is old, a few in each commit.
    for table in TABLES:
        op.add_column(table, sa.Column("period", sa.Text(), server_default=sa.text("''"), nullable=False))
        op.create_index(f"ix_{table}_period", table, ["org_id", "period"])
    op.create_table(
        "history_bucket",
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "bucket", "month", name=op.f("pk_history_bucket")),
        sqlite_with_rowid=False,
    )
