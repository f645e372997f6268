"""What tells two restores apart that came to the same epoch."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("head", sa.Column("lineage", sa.Text(), server_default=sa.text("''"), nullable=False))
