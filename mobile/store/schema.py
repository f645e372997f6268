"""The local schema: one table for each entity that devices hold, and the engine's own books.

Opening an older file adds what is missing, in place: columns and tables are only ever added, so that unsent work of an
older version survives every update. No foreign keys: pages bring children before their parents.
"""

from collections.abc import Iterator

from sqlite_utils import Database

from mobile.store.later import take_up
from mobile.store.naming import column_type, index_name, searchable, table_name
from mobile.store.rows import RowCodec
from shared.access import all_entities_on_devices
from shared.catalog import Entity
from shared.entities.record import COMMON

LOCAL_VERSION = 1
"""``PRAGMA user_version`` of the books below. 1 (2026-11-22): the first."""

BOOKS = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bucket (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS shadow (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, row BLOB, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS later_row (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, _buckets TEXT NOT NULL, row BLOB NOT NULL,
    PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, tx_id TEXT NOT NULL UNIQUE, payload BLOB NOT NULL,
    payload_hash TEXT NOT NULL, seq INTEGER, reads TEXT NOT NULL, writes TEXT NOT NULL,
    doubtful TEXT NOT NULL DEFAULT '', held TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, again TEXT
);
CREATE TABLE IF NOT EXISTS sent_log (
    tx_id TEXT PRIMARY KEY, payload BLOB NOT NULL, payload_hash TEXT NOT NULL, install_id TEXT NOT NULL,
    seq INTEGER, status TEXT NOT NULL, problem TEXT, answered_at INTEGER NOT NULL, position INTEGER,
    reads TEXT NOT NULL DEFAULT '[]', writes TEXT NOT NULL DEFAULT '[]', dataset TEXT NOT NULL DEFAULT '',
    stamp INTEGER NOT NULL DEFAULT 0, given TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS archive (
    tx_id TEXT PRIMARY KEY, payload BLOB NOT NULL, payload_hash TEXT NOT NULL, reason TEXT NOT NULL,
    archived_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removal (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, put BLOB, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS filed (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS draft (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blob (
    sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, own INTEGER NOT NULL, problem TEXT NOT NULL, thumb BLOB,
    added_at INTEGER NOT NULL, used_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS blob_piece (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (sha256, n)
);
CREATE TABLE IF NOT EXISTS error_log (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL
);
"""
"""``shadow.row`` NULL: not there on the server. ``later_row``: rows of entities that this version does not know
(``later.py``). ``sent_log``: answered transactions until the server says that they are in a verified backup; its later
columns are for offering them again. ``archive``: what a person set aside; never deleted by the engine.
``blob``: see ``blobs.py``."""

KEEP_UNSENT = (
    """CREATE TRIGGER IF NOT EXISTS outbox_is_kept BEFORE DELETE ON outbox
WHEN NOT EXISTS (SELECT 1 FROM sent_log WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
AND NOT EXISTS (SELECT 1 FROM archive WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
BEGIN SELECT RAISE(ABORT, 'unsent work leaves the outbox answered or archived'); END""",
    """CREATE TRIGGER IF NOT EXISTS archive_is_kept BEFORE DELETE ON archive
WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
AND NOT EXISTS (SELECT 1 FROM sent_log WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
BEGIN SELECT RAISE(ABORT, 'archived work is deleted only when it waits again or has an answer'); END""",
    """CREATE TRIGGER IF NOT EXISTS payload_is_kept BEFORE UPDATE OF tx_id, payload, payload_hash ON outbox
BEGIN SELECT RAISE(ABORT, 'the bytes of a transaction never change'); END""",
)
"""The database itself refuses to lose work, whatever code asks for it: the last guard below the engine."""


LOOKUPS = {
    "order": {"owner": "owner_id"},
    "contact": {"address": "lower(email)"},
    "lead": {"address": "lower(email)", "captured": "created_at, id"},
}
"""Entity → name → columns: indexes for what only devices look up, beside those of the declarations."""


def indexed(entity: Entity) -> Iterator[str]:
    """Columns with an index: what commands and screens look rows up by. Authorship is never looked up."""
    for field in entity.own_fields:
        if field.options.index or field.options.parent:
            yield field.name
    if entity.options.title in entity.fields and any(f.options.search == "name" for f in searchable(entity)):
        yield entity.options.title


def prepare(db: Database) -> None:
    """Makes or completes the local schema. Cheap when nothing is missing; call it inside one transaction.

    Raises ``ValueError`` for a file that a newer version of the app has written.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > LOCAL_VERSION:
        raise ValueError(f"the local file has version {version}, this app knows {LOCAL_VERSION}")
    for statement in BOOKS.split(";"):
        if statement.strip():
            db.execute(statement)
    for entity in all_entities_on_devices():
        _entity_table(db, entity)
    _later_book_columns(db)
    take_up(db)
    for statement in KEEP_UNSENT:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {LOCAL_VERSION}")


def _entity_table(db: Database, entity: Entity) -> None:
    table = table_name(entity.name)
    wanted = {field.name: column_type(field) for field in entity.fields.values() if field.name != "id"}
    engine = {
        "rev": "INTEGER NOT NULL DEFAULT 0",
        "_buckets": "TEXT NOT NULL DEFAULT ''",
        "_unknown": "TEXT",
        "_search": "TEXT",
        "_stale": "INTEGER NOT NULL DEFAULT 1",
    }
    wanted.update(engine)
    present = {row[1] for row in db.execute(f"PRAGMA table_info([{table}])").fetchall()}
    if not present:
        columns = ", ".join(f"[{name}] {kind}" for name, kind in wanted.items())
        # _n: a stable integer that the search index refers to; a bare rowid may change.
        db.execute(f"CREATE TABLE [{table}] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, {columns})")
    for name, kind in wanted.items():
        if present and name not in present:
            db.execute(f"ALTER TABLE [{table}] ADD COLUMN [{name}] {kind}")
            _fill_default(db, entity, name)
    for column in sorted(set(indexed(entity)) - set(COMMON)):
        db.execute(f"CREATE INDEX IF NOT EXISTS [ix_{table}_{column}] ON [{table}] ([{column}])")
    for name, columns in LOOKUPS.get(entity.name, {}).items():
        db.execute(f"CREATE INDEX IF NOT EXISTS [ix_{table}__{name}] ON [{table}] ({columns})")
    if searchable(entity):
        db.execute(f"CREATE INDEX IF NOT EXISTS [ix_{table}_stale] ON [{table}] (_n) WHERE _stale")
        # detail=none and no content: token and row number only (``search.py`` says why).
        options = "tokenize='ascii', content='', detail=none, columnsize=0"
        db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS [{index_name(entity.name)}] USING fts5(tokens, {options})")


def _fill_default(db: Database, entity: Entity, column: str) -> None:
    """A field that the declaration has gained: older rows take its default, or the value that a newer server had
    already sent and this device had kept among the unknown ones."""
    field = entity.fields.get(column)
    if field is None:
        return
    codec = RowCodec(entity)
    table = table_name(entity.name)
    if not field.required:
        db.execute(f"UPDATE [{table}] SET [{column}] = ?", (codec.encode_value(field, field.default),))
    kept = db.execute(f"SELECT id, _unknown FROM [{table}] WHERE _unknown LIKE ?", (f'%"{column}"%',)).fetchall()
    for row_id, unknown in kept:
        value, rest = codec.take_unknown(field, unknown)
        db.execute(f"UPDATE [{table}] SET [{column}] = ?, _unknown = ? WHERE id = ?", (value, rest, row_id))


def _later_book_columns(db: Database) -> None:
    """Columns that the books gained after their first version, for files made before."""
    empty, none, zero = "TEXT NOT NULL DEFAULT ''", "TEXT NOT NULL DEFAULT '[]'", "INTEGER NOT NULL DEFAULT 0"
    later = {
        "outbox": {"held": empty, "again": "TEXT"},
        "sent_log": {
            "position": "INTEGER", "reads": none, "writes": none, "dataset": empty, "stamp": zero,
            "given": "TEXT NOT NULL DEFAULT '{}'",
        },
        "removal": {"put": "BLOB"},
    }  # fmt: skip
    for table, columns in later.items():
        present = {row[1] for row in db.execute(f"PRAGMA table_info([{table}])").fetchall()}
        for name, kind in columns.items():
            if name not in present:
                db.execute(f"ALTER TABLE [{table}] ADD COLUMN [{name}] {kind}")
