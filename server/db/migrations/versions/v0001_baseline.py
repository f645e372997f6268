"""The first schema, frozen: this file describes it on its own, because the declarations move on."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COMMON = (
    "org_id text!, id text!, owner_id text > e_user, team_id text > e_team, created_at big!, "
    "created_by text > e_user, updated_at big!, updated_by text > e_user, deleted_at big, deleted_tx text, "
    "stamps text!, custom text!"
)
"""Of every declared entity. ``name type[!] [> table]``: ``!`` not null, ``>`` a reference to (org_id, id)."""

TABLES: dict[str, str] = {
    "challenge": (
        "org_id text!, id text!, user_id text!, device_id text!, device_name text!, platform text!, "
        "enrol_secret text!, tries int!, expires_at big!"
    ),
    "e_account": (
        "name text!, account_class text!, level text!, phone text!, city text!, address text!, industry text!, "
        "source text!, tax_number text!, bank_account bytes, price_list_id text > e_price_list, tags text!, "
        "notes text!"
    ),
    "e_activity": (
        "account_id text! > e_account, channel text!, body text!, happened_at big!, due_on text, due_note text!, "
        "done_at big"
    ),
    "e_category": ("name text!, name_en text!, position big!"),
    "e_conflict": (
        "kind text!, state text!, title text!, tx_id text!, entity text!, row_id text, account_id text, "
        "field text!, base text, mine text, theirs text, mine_at big, mine_on text, theirs_at big, "
        "theirs_by text > e_user, theirs_on text, code text!, params text, payload text, choice text!, "
        "resolved_at big"
    ),
    "e_contact": (
        "account_id text! > e_account, name text!, position text!, phone text!, email text!, wechat text!, notes text!"
    ),
    "e_counter": ("name text!, value big!"),
    "e_credential": (
        "password_hash text!, totp_secret text!, totp_step big!, enrolled_at big, failures big!, locked_until big"
    ),
    "e_device": ("name text!, platform text!, last_seen_at big, revoked_at big"),
    "e_order": (
        "account_id text! > e_account, number text!, state text!, shortage_policy text!, "
        "price_list_id text > e_price_list, warehouse_id text > e_warehouse, discount big!, currency text!, "
        "total big!, tax_total big!, units big!, line_count big!, ordered_at big, confirmed_at big, "
        "cancelled_at big, note text!"
    ),
    "e_order_line": (
        "order_id text! > e_order, product_id text! > e_product, sku text!, name text!, position big!, "
        "quantity big!, unit_price big!, discount big!, tax_rate big!, total big!, state text!, reserved big!, "
        "backordered big!"
    ),
    "e_organisation": ("name text!, time_zone text!, currency text!, event_name text!, demo bool!"),
    "e_price": ("price_list_id text! > e_price_list, product_id text! > e_product, amount big!"),
    "e_price_list": ("name text!, name_en text!, is_default bool!"),
    "e_product": (
        "sku text!, name text!, name_en text!, variant text!, variant_en text!, category_id text > e_category, "
        "tax_id text > e_tax, unit text!, unit_en text!, step big!, picture text!, description text!, "
        "description_en text!, active bool!"
    ),
    "e_reservation": (
        "order_id text! > e_order, order_line_id text! > e_order_line, stock_level_id text! > e_stock_level, "
        "quantity big!, reserved big!, backordered big!, waiting_for text > e_stock_level, queue_position big!"
    ),
    "e_stock_level": (
        "warehouse_id text! > e_warehouse, product_id text! > e_product, on_hand big!, reserved big!, backordered big!"
    ),
    "e_stock_move": (
        "stock_level_id text! > e_stock_level, product_id text! > e_product, reason text!, quantity big!, note text!"
    ),
    "e_tax": ("name text!, rate big!"),
    "e_team": ("name text!"),
    "e_user": (
        "name text!, login text!, role text!, home_team_id text > e_team, phone text!, email text!, "
        "discount_limit big!, active bool!"
    ),
    "e_warehouse": ("name text!, name_en text!"),
    "head": (
        "org_id text!, seq big!, chain_count big!, chain_head bytes!, access_version big!, dataset_id text!, epoch big!"
    ),
    "install": (
        "org_id text!, install_id text!, user_id text!, device_id text!, last_seq big!, nonce text!, "
        "last_exchange_id text!, last_exchange_at big!"
    ),
    "membership": ("org_id text!, entity text!, row_id text!, bucket text!, seq big!, gone bool!"),
    "quarantine": ("org_id text!, tx_id text!, error_id text!, error text!, received_at big!, attempts int!"),
    "row_version": (
        "org_id text!, entity text!, row_id text!, rev big!, gone bool!, buckets text!, body bytes!, restricted bytes!"
    ),
    "session": (
        "org_id text!, id text!, user_id text!, device_id text!, refresh_key text!, refresh_hash text!, "
        "previous_refresh_hash text!, rotated_at big!, rotation_seen int!, access_hash text!, "
        "access_expires_at big!, previous_access_hash text!, previous_access_expires_at big!, created_at big!, "
        "expires_at big!, ended_at big, end_code text!"
    ),
    "tx_log": (
        "org_id text!, n big!, tx_id text!, user_id text!, device_id text!, install_id text!, "
        "seq_of_install big!, received_at big!, occurred_at big!, status text!, code text!, commands text!, "
        "payload bytes, salt bytes, payload_hash bytes!, prev_hash bytes!, hash bytes!, outcome bytes!"
    ),
}

KEYS: dict[str, tuple[str, ...]] = {
    "challenge": (
        "org_id",
        "id",
    ),
    "head": ("org_id",),
    "install": (
        "org_id",
        "install_id",
    ),
    "membership": (
        "org_id",
        "entity",
        "row_id",
        "bucket",
    ),
    "quarantine": (
        "org_id",
        "tx_id",
    ),
    "row_version": (
        "org_id",
        "entity",
        "row_id",
    ),
    "session": (
        "org_id",
        "id",
    ),
    "tx_log": (
        "org_id",
        "n",
    ),
}
"""Primary keys of the engine's own tables; that of an entity is (org_id, id)."""

WITHOUT_ROWID = ("membership", "row_version")

CHECKS = {
    "e_stock_level": {
        "ck_e_stock_level_available": "on_hand - reserved >= 0",
        "ck_e_stock_level_backordered": "backordered >= 0",
        "ck_e_stock_level_on_hand": "on_hand >= 0",
        "ck_e_stock_level_reserved": "reserved >= 0",
    },
}

UNIQUE = {
    "tx_log": ("uq_tx_log_tx_id", "org_id", "tx_id"),
}

INDEXES: tuple[tuple[str, str, str], ...] = (
    ("ix_challenge_expires_at", "challenge", "org_id expires_at"),
    ("ix_e_account_account_class", "e_account", "org_id account_class"),
    ("ix_e_account_price_list_id", "e_account", "org_id price_list_id"),
    ("ix_e_activity_account_id", "e_activity", "org_id account_id"),
    ("ix_e_activity_due_on", "e_activity", "org_id due_on"),
    ("ix_e_conflict_kind", "e_conflict", "org_id kind"),
    ("ix_e_conflict_state", "e_conflict", "org_id state"),
    ("ix_e_conflict_theirs_by", "e_conflict", "org_id theirs_by"),
    ("ix_e_contact_account_id", "e_contact", "org_id account_id"),
    ("ix_e_order_account_id", "e_order", "org_id account_id"),
    ("ix_e_order_number", "e_order", "org_id number"),
    ("ix_e_order_ordered_at", "e_order", "org_id ordered_at"),
    ("ix_e_order_price_list_id", "e_order", "org_id price_list_id"),
    ("ix_e_order_state", "e_order", "org_id state"),
    ("ix_e_order_warehouse_id", "e_order", "org_id warehouse_id"),
    ("ix_e_order_line_order_id", "e_order_line", "org_id order_id"),
    ("ix_e_order_line_product_id", "e_order_line", "org_id product_id"),
    ("ix_e_price_price_list_id", "e_price", "org_id price_list_id"),
    ("ix_e_price_product_id", "e_price", "org_id product_id"),
    ("ix_e_product_category_id", "e_product", "org_id category_id"),
    ("ix_e_product_tax_id", "e_product", "org_id tax_id"),
    ("ix_e_reservation_order_id", "e_reservation", "org_id order_id"),
    ("ix_e_reservation_order_line_id", "e_reservation", "org_id order_line_id"),
    ("ix_e_reservation_stock_level_id", "e_reservation", "org_id stock_level_id"),
    ("ix_e_reservation_waiting_for", "e_reservation", "org_id waiting_for"),
    ("ix_e_stock_level_product_id", "e_stock_level", "org_id product_id"),
    ("ix_e_stock_level_warehouse_id", "e_stock_level", "org_id warehouse_id"),
    ("ix_e_stock_move_product_id", "e_stock_move", "org_id product_id"),
    ("ix_e_stock_move_stock_level_id", "e_stock_move", "org_id stock_level_id"),
    ("ix_e_user_home_team_id", "e_user", "org_id home_team_id"),
    ("ix_membership_feed", "membership", "org_id bucket seq"),
    ("ix_session_expires_at", "session", "org_id expires_at"),
    ("ix_session_user_id", "session", "org_id user_id"),
)

UNIQUE_WHILE_ALIVE = (
    ("uq_e_product_sku", "e_product", "org_id sku"),
    ("uq_e_user_login", "e_user", "org_id login"),
)

_TYPES = {"text": sa.Text, "big": sa.BigInteger, "int": sa.Integer, "bool": sa.Boolean, "bytes": sa.LargeBinary}


def upgrade() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    for name, columns in TABLES.items():
        _create(name, columns, sqlite)
    if not sqlite:
        # Tables refer to each other in circles: PostgreSQL wants them all to be there first.
        for name, columns in TABLES.items():
            for column, target in _references(name, columns):
                op.create_foreign_key(
                    f"fk_{name}_{column}",
                    name,
                    target,
                    ["org_id", column],
                    ["org_id", "id"],
                    deferrable=True,
                    initially="DEFERRED",
                )
    for index, table, columns in INDEXES:
        op.create_index(index, table, columns.split())
    alive = sa.text("deleted_at IS NULL")
    for index, table, columns in UNIQUE_WHILE_ALIVE:
        op.create_index(index, table, columns.split(), unique=True, sqlite_where=alive, postgresql_where=alive)


def _all(name: str, columns: str) -> list[str]:
    return (f"{COMMON}, {columns}" if name.startswith("e_") else columns).split(", ")


def _references(name: str, columns: str) -> list[tuple[str, str]]:
    parts = (column.split(" > ") for column in _all(name, columns))
    return [(part[0].split()[0], part[1]) for part in parts if len(part) == 2]


def _create(name: str, columns: str, sqlite: bool) -> None:
    entity = name.startswith("e_")
    parts: list[sa.Column | sa.Constraint] = [_column(column) for column in _all(name, columns)]
    if entity:
        parts.append(sa.Column("rev", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    parts.append(sa.PrimaryKeyConstraint(*KEYS.get(name, ("org_id", "id")), name=f"pk_{name}"))
    if name in UNIQUE:
        unique, *of = UNIQUE[name]
        parts.append(sa.UniqueConstraint(*of, name=unique))
    parts += [sa.CheckConstraint(rule, name=op.f(check)) for check, rule in CHECKS.get(name, {}).items()]
    if sqlite:
        parts += [
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"{target}.org_id", f"{target}.id"],
                name=f"fk_{name}_{column}",
                deferrable=True,
                initially="DEFERRED",
            )
            for column, target in _references(name, columns)
        ]
    op.create_table(name, *parts, sqlite_with_rowid=not (entity or name in WITHOUT_ROWID))


def _column(text: str) -> sa.Column:
    name, kind = text.split(" > ")[0].split()
    return sa.Column(name, _TYPES[kind.rstrip("!")](), nullable=not kind.endswith("!"))
