"""Leads, trade shows and lead sources, whose files and deals name them."""

import sqlalchemy as sa
from alembic import op

from server.db.references import add_reference, allow_none

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COMMON = {"owner_id": "user", "team_id": "team", "created_by": "user", "updated_by": "user"}
TABLES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    # entity: its columns (a "?" behind what may be empty), references, further indexes
    "lead_source": ("name text, name_en text, position big, active flag", {}, ()),
    "event": (
        "name text, name_en text, venue text, city text, starts_on text, ends_on text, cost big, qualifiers text, "
        "active flag",
        {},
        ("starts_on",),
    ),
    "lead": (
        "shared_with text, name text, phone text, company text, position text, email text, wechat text, grade text, "
        "state text, source_id text?, event_id text?, answers text, next_step_on text?, next_step text, consent flag, "
        "consent_at big?, note text, history text?, account_id text?, contact_id text?, opportunity_id text?, "
        "merged_into text?",
        {"source_id": "lead_source", "event_id": "event", "account_id": "account", "contact_id": "contact"},
        ("grade", "state", "next_step_on"),
    ),
}
EVERY_ROW = (
    "org_id text, id text, owner_id text?, team_id text?, created_at big, created_by text?, updated_at big, "
    "updated_by text?, deleted_at big?, deleted_tx text?, stamps text, custom text"
)
TYPES = {"text": sa.Text, "big": sa.BigInteger, "flag": sa.Boolean}


def upgrade() -> None:
    for entity, (columns, references, indexes) in TABLES.items():
        table = f"e_{entity}"
        op.create_table(
            table,
            *map(_column, f"{EVERY_ROW}, {columns}".split(", ")),
            sa.Column("rev", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
            *(_reference(table, column, target) for column, target in (COMMON | references).items()),
            sa.PrimaryKeyConstraint("org_id", "id", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
        for column in (*references, *indexes):
            op.create_index(f"ix_{table}_{column}", table, ["org_id", column])
    allow_none("e_attachment", "account_id")
    add_reference("e_attachment", "lead_id", "e_lead")
    for column, target in {"source_id": "e_lead_source", "event_id": "e_event", "lead_id": "e_lead"}.items():
        add_reference("e_opportunity", column, target)


def _column(described: str) -> sa.Column:
    name, kind = described.split(" ")
    return sa.Column(name, TYPES[kind.removesuffix("?")](), nullable=kind.endswith("?"))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"e_{target}.org_id", f"e_{target}.id"],
        name=f"fk_{table}_{column}",
        deferrable=True,
        initially="DEFERRED",
    )
