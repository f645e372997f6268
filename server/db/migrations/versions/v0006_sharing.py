"""Add sharing, the mark of a team move under way, and the ticket of a shut-out device."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWNED = (
    "e_account",
    "e_activity",
    "e_attachment",
    "e_contact",
    "e_order",
    "e_order_line",
    "e_reservation",
    "e_stock_lease",
)


def upgrade() -> None:
    for table in OWNED:
        op.add_column(table, sa.Column("shared_with", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("e_standing", sa.Column("rows_follow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("session", sa.Column("handin_hash", sa.Text(), nullable=False, server_default=""))
    op.add_column("session", sa.Column("handin_expires_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_e_standing_rows_follow", "e_standing", ["org_id", "rows_follow"])
