"""When the device that has a stock lease was revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("e_stock_lease", sa.Column("device_gone_at", sa.BigInteger(), nullable=True))
