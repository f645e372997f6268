"""Deals: stages, reasons for losing, deals, the history of their stages, and the deal that an order was made from."""

import sqlalchemy as sa
from alembic import op

from server.db.references import add_reference

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PEOPLE = {"owner_id": "user", "team_id": "team", "created_by": "user", "updated_by": "user"}


def _text(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _big(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _create(name: str, *columns: sa.Column, indexed: tuple[str, ...] = (), **references: str) -> None:
    """A table of a declared entity with what every row has; ``references``: column → entity."""
    op.create_table(
        name,
        *_text("org_id", "id"),
        *_text("owner_id", "team_id", nullable=True),
        *_big("created_at"),
        *_text("created_by", nullable=True),
        *_big("updated_at"),
        *_text("updated_by", nullable=True),
        *_big("deleted_at", nullable=True),
        *_text("deleted_tx", nullable=True),
        *_text("stamps", "custom"),
        *columns,
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"e_{entity}.org_id", f"e_{entity}.id"],
                name=f"fk_{name}_{column}",
                deferrable=True,
                initially="DEFERRED",
            )
            for column, entity in {**PEOPLE, **references}.items()
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    for column in (*references, *indexed):
        op.create_index(f"ix_{name}_{column}", name, ["org_id", column])


def upgrade() -> None:
    _create(
        "e_stage",
        *_text("name", "name_en"),
        *_big("position", "probability"),
        *_text("kind", "required_fields"),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    _create(
        "e_lost_reason",
        *_text("name", "name_en"),
        *_big("position"),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    _create(
        "e_opportunity",
        *_text("shared_with", "account_id", "title"),
        *_text("contact_id", nullable=True),
        *_text("stage_id"),
        *_big("amount"),
        *_big("probability", nullable=True),
        *_text("expected_close", nullable=True),
        *_text("state"),
        *_big("stage_since"),
        *_text("lost_reason_id", nullable=True),
        *_text("lost_note"),
        *_big("closed_at", nullable=True),
        *_text("note"),
        account_id="account",
        contact_id="contact",
        stage_id="stage",
        lost_reason_id="lost_reason",
        indexed=("expected_close", "state", "closed_at"),
    )
    _create(
        "e_stage_change",
        *_text("shared_with", "opportunity_id", "action"),
        *_text("from_stage_id", nullable=True),
        *_text("to_stage_id"),
        *_big("at", "days"),
        *_text("seen_stage_id", nullable=True),
        *_text("reason"),
        opportunity_id="opportunity",
        from_stage_id="stage",
        to_stage_id="stage",
        seen_stage_id="stage",
    )
    add_reference("e_order", "opportunity_id", "e_opportunity")
