"""Stock leases: the entity, and the leased units of order lines and reservations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REFERENCES = {
    "owner_id": "e_user",
    "team_id": "e_team",
    "created_by": "e_user",
    "updated_by": "e_user",
    "stock_level_id": "e_stock_level",
    "warehouse_id": "e_warehouse",
    "product_id": "e_product",
    "device_id": "e_device",
    "held_on": "e_stock_level",
}
TEXTS = ("org_id", "id", "stamps", "custom", "stock_level_id", "warehouse_id", "product_id", "event_name", "state")
NUMBERS = ("created_at", "updated_at", "quantity", "drawn", "returned", "expires_at")
CHECKS = {"drawn": "drawn >= 0", "returned": "returned >= 0", "left": "quantity - drawn - returned >= 0"}


def upgrade() -> None:
    op.create_table(
        "e_stock_lease",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*TEXTS, "device_name")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in NUMBERS),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("owner_id", "team_id", "created_by", "updated_by", "deleted_tx", "device_id", "held_on")
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("deleted_at", "ended_at")),
        sa.Column("rev", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_e_stock_lease"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_e_stock_lease_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"{target}.org_id", f"{target}.id"],
                name=f"fk_e_stock_lease_{column}",
                deferrable=True,
                initially="DEFERRED",
            )
            for column, target in REFERENCES.items()
        ),
        sqlite_with_rowid=False,
    )
    for column in ("stock_level_id", "warehouse_id", "product_id", "device_id", "held_on"):
        op.create_index(f"ix_e_stock_lease_{column}", "e_stock_lease", ["org_id", column])
    none = sa.text("0")
    op.add_column("e_order_line", sa.Column("leased", sa.BigInteger(), nullable=False, server_default=none))
    op.add_column("e_order_line", sa.Column("lease_id", sa.Text(), nullable=True))
    op.add_column("e_reservation", sa.Column("leased", sa.BigInteger(), nullable=False, server_default=none))
