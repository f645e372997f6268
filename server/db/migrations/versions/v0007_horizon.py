"""How far tombstones were removed from the feed, and the times that tell how old they are."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("head", sa.Column("horizon", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "feed_time",
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "at", name=op.f("pk_feed_time")),
    )
