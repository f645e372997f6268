"""A begun sign-in knows which password it was begun with."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those under way are over with it: they live for five minutes.
    op.add_column("challenge", sa.Column("password_mark", sa.Text(), server_default=sa.text("''"), nullable=False))
