"""What a verified backup covers, and the numbers that a restored server leaves out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("e_counter", sa.Column("gaps", sa.Text(), nullable=True))
    op.add_column("head", sa.Column("safe_rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("install", sa.Column("safe_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
