"""The unit of work that commands run in: an overlay of written rows over a source, the same on both sides.

On the server the source is the authoritative database (a miss raises ``Need``, the executor fetches and runs again),
on a device the local store. Nothing is written until the caller flushes ``written``; a failed transaction leaves
nothing, because its overlay is thrown away.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row, new_row
from shared.errors import NotFound, StateConflict
from shared.ids import derived_id

Key = tuple[str, str]
"""(entity, id) of a row, or (``entity.field``, parent id) for *the children of*."""


class Need(Exception):
    """Rows that the source must fetch before the transaction can be run (again)."""

    def __init__(self, rows: Iterable[Key] = (), children: Iterable[tuple[str, str, str]] = ()) -> None:
        super().__init__("rows must be fetched")
        self.rows = set(rows)
        self.children = set(children)


def together(steps: Iterable[Callable[[], None]]) -> None:
    """Runs the steps in order. What they miss is asked for at once, so that the number of fetches follows from how deep
    rows lie below each other and not from how many there are. Raises one ``Need`` for all."""
    missing: Need | None = None
    for step in steps:
        try:
            step()
        except Need as need:
            missing = Need() if missing is None else missing
            missing.rows |= need.rows
            missing.children |= need.children
        except Exception:
            # Behind a miss it may only lack what the missed step would have written; the next run tells.
            if missing is None:
                raise
    if missing is not None:
        raise missing


class RowSource(Protocol):
    """Where rows come from. Both methods may raise ``Need``. Rows marked as deleted are returned too."""

    def get(self, entity: str, row_id: str) -> Row | None: ...
    def children(self, entity: str, field: str, parent_id: str) -> list[Row]: ...


class Work:
    """One transaction's view of the rows, with its own writes on top, and what the rules may know about the call."""

    def __init__(
        self,
        source: RowSource,
        actor: Actor,
        *,
        authority: bool,
        tx_id: str,
        now_ms: int,
        device_name: str = "",
        given: Mapping[str, str] | None = None,
    ) -> None:
        self._source = source
        self.actor = actor
        self.authority = authority
        """Only the authority gives official numbers, reserves stock, confirms and makes conflicts."""
        self.tx_id = tx_id
        self.now_ms = now_ms
        """The transaction's business time: on the server ``occurred_at`` clamped, on a device ``occurred_at``."""
        self.device_name = device_name
        self.given = given or {}
        """Official numbers, by row id, that the author's device says were given before the server was restored."""
        self.commands_in_tx = 1
        self.command_index = 0
        self.written: dict[Key, Row] = {}
        self.created: set[Key] = set()
        self.read_keys: set[Key] = set()
        self.write_keys: set[Key] = set()
        self.conflicts: list[str] = []
        """Ids of inbox rows made by this transaction."""
        self._derived = 0

    def begin_command(self, index: int) -> None:
        """Derived ids count anew within each command."""
        self.command_index = index
        self._derived = 0

    def derived(self) -> str:
        """The next id derived from (tx_id, command index, n): the same however often the transaction runs."""
        self._derived += 1
        return derived_id(self.tx_id, self.command_index, self._derived)

    def get(self, entity: str, row_id: str | None) -> Row | None:
        """The row as this transaction sees it; None when it is not there (on a device: or not visible)."""
        if not row_id:
            return None
        key = (entity, row_id)
        if key in self.written:
            return self.written[key]
        self.read_keys.add(key)
        row = self._source.get(entity, row_id)
        return row if row is None or row["org_id"] == self.actor.org_id else None

    def require(self, entity: str, row_id: str | None, *, field: str | None = None) -> Row:
        """Like ``get``; raises ``NotFound`` for a missing row and ``StateConflict`` ``deleted`` for a deleted one."""
        row = self.get(entity, row_id)
        if row is None:
            raise NotFound("not_found", field=field, entity=entity, id=str(row_id))
        if row["deleted_at"] is not None:
            raise StateConflict("deleted", field=field, entity=entity, id=row["id"], name=self.title(entity, row))
        return row

    def children(self, entity: str, field: str, parent_id: str, *, deleted: bool = False) -> list[Row]:
        """Rows whose ``field`` points to the parent, this transaction's writes included, in order of id."""
        self.read_keys.add((f"{entity}.{field}", parent_id))
        rows = {row["id"]: row for row in self._source.children(entity, field, parent_id)}
        for (name, row_id), row in self.written.items():
            if name == entity:
                rows.pop(row_id, None)
                if row.get(field) == parent_id:
                    rows[row_id] = row
        return [rows[row_id] for row_id in sorted(rows) if deleted or rows[row_id]["deleted_at"] is None]

    def insert(self, entity: str, values: dict[str, Any]) -> Row:
        """Adds a row, completed with defaults and authorship. Raises ``StateConflict`` ``id_taken``."""
        declared = ENTITIES[entity]
        if self.get(entity, values["id"]) is not None:
            raise StateConflict("id_taken", field="id", entity=entity, id=values["id"])
        stamp = {
            "org_id": self.actor.org_id,
            "created_at": self.now_ms,
            "created_by": self.actor.user_id or None,
            "updated_at": self.now_ms,
            "updated_by": self.actor.user_id or None,
        }
        row = new_row(declared, {**stamp, **values})
        self.created.add((entity, row["id"]))
        return self._write(entity, row)

    def update(self, entity: str, row: Row, changes: dict[str, Any], *, stamp: Iterable[str] = ()) -> Row:
        """Writes changed values; ``stamp`` names the fields whose author a later conflict should be able to name."""
        stamps = dict(row.get("stamps") or {})
        for name in stamp:
            stamps[name] = {"at": self.now_ms, "by": self.actor.user_id, "on": self.device_name}
        edited: dict[str, Any] = {"updated_at": self.now_ms, "updated_by": self.actor.user_id or None, "stamps": stamps}
        if row.get("period"):
            edited["period"] = ""  # what is worked with is no history
        return self._write(entity, {**row, **changes, **edited}, before=row)

    def show(self, entity: str, row: Row, changes: dict[str, Any]) -> Row:
        """Writes who sees a row: that is no edit of it, its author and time stay."""
        return self._write(entity, {**row, **changes}, before=row)

    def _write(self, entity: str, row: Row, before: Row | None = None) -> Row:
        key = (entity, row["id"])
        self.written[key] = row
        self.write_keys.add(key)
        for field, name in ENTITIES[entity].sets:
            for version in (row, before) if before else (row,):
                if version.get(field):
                    self.write_keys.add((name, version[field]))
        return row

    @staticmethod
    def title(entity: str, row: Row) -> str:
        """The name of a row to people."""
        return str(row.get(ENTITIES[entity].options.title) or "")[:200]
