"""After how many days overdue a follow-up is escalated is the organisation's to say."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    three = sa.Column("escalate_days", sa.BigInteger(), server_default=sa.text("3"), nullable=False)
    op.add_column("e_organisation", three)
