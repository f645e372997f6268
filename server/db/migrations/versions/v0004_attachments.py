"""Attachments: their rows, and who has sent which content."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REFERENCES = {
    "account_id": "account",
    "activity_id": "activity",
    "created_by": "user",
    "owner_id": "user",
    "team_id": "team",
    "updated_by": "user",
}


def _text(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _big(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def upgrade() -> None:
    op.create_table(
        "blob_upload",
        *_text("org_id", "user_id", "sha256"),
        *_big("size"),
        *_text("media_type"),
        *_big("ended_at"),
        *_text("refusal"),
        sa.PrimaryKeyConstraint("org_id", "user_id", "sha256", name="pk_blob_upload"),
    )
    op.create_index("ix_blob_upload_sha256", "blob_upload", ["org_id", "sha256"])
    op.create_table(
        "e_attachment",
        *_text("org_id", "id"),
        *_text("owner_id", "team_id", nullable=True),
        *_big("created_at"),
        *_text("created_by", nullable=True),
        *_big("updated_at"),
        *_text("updated_by", nullable=True),
        *_big("deleted_at", nullable=True),
        *_text("deleted_tx", nullable=True),
        *_text("stamps", "custom", "account_id"),
        *_text("activity_id", nullable=True),
        *_text("file_name", "media_type"),
        *_big("size"),
        *_text("sha256"),
        *_big("width", "height", "seconds", "stored_at", nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"e_{entity}.org_id", f"e_{entity}.id"],
                name=f"fk_e_attachment_{column}",
                deferrable=True,
                initially="DEFERRED",
            )
            for column, entity in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_e_attachment"),
        sqlite_with_rowid=False,
    )
    for column in ("account_id", "activity_id", "sha256"):
        op.create_index(f"ix_e_attachment_{column}", "e_attachment", ["org_id", column])
