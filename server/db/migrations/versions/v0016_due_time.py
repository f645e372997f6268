"""A follow-up may be due at a time of its day."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("e_activity", sa.Column("due_time", sa.Text(), nullable=True))
