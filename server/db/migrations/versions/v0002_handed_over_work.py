"""Add handed-over work."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "e_quarantine_item",
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_tx", sa.Text(), nullable=True),
        sa.Column("stamps", sa.Text(), nullable=False),
        sa.Column("custom", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tx_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("answering_team_id", sa.Text(), nullable=True),
        sa.Column("touched", sa.Text(), nullable=True),
        sa.Column("builds_on", sa.Text(), nullable=True),
        sa.Column("written_under", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "answering_team_id"],
            ["e_team.org_id", "e_team.id"],
            name="fk_e_quarantine_item_answering_team_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "author_id"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_quarantine_item_author_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_quarantine_item_created_by",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_id"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_quarantine_item_owner_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "settled_by"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_quarantine_item_settled_by",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "team_id"],
            ["e_team.org_id", "e_team.id"],
            name="fk_e_quarantine_item_team_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "updated_by"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_quarantine_item_updated_by",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_e_quarantine_item"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_e_quarantine_item_answering_team_id", "e_quarantine_item", ["org_id", "answering_team_id"], unique=False
    )
    op.create_index("ix_e_quarantine_item_author_id", "e_quarantine_item", ["org_id", "author_id"], unique=False)
    op.create_index("ix_e_quarantine_item_settled_by", "e_quarantine_item", ["org_id", "settled_by"], unique=False)
    op.create_index("ix_e_quarantine_item_state", "e_quarantine_item", ["org_id", "state"], unique=False)
    op.create_table(
        "e_standing",
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_tx", sa.Text(), nullable=True),
        sa.Column("stamps", sa.Text(), nullable=False),
        sa.Column("custom", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("home_team_id", sa.Text(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_standing_created_by",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "home_team_id"],
            ["e_team.org_id", "e_team.id"],
            name="fk_e_standing_home_team_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_id"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_standing_owner_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "team_id"],
            ["e_team.org_id", "e_team.id"],
            name="fk_e_standing_team_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "updated_by"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_standing_updated_by",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["e_user.org_id", "e_user.id"],
            name="fk_e_standing_user_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_e_standing"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_e_standing_home_team_id", "e_standing", ["org_id", "home_team_id"], unique=False)
    op.create_index("ix_e_standing_user_id", "e_standing", ["org_id", "user_id"], unique=False)
