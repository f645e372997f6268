"""Content that shut-out devices have handed in for work in the quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("e_quarantine_item", sa.Column("arrived", sa.Text(), nullable=True))
