"""The rows that a batch works on: what was fetched, and on top what the batch has decided so far."""

from collections import defaultdict

from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.work import Key, Need, Work
from shared.fields import Kind
from sync.authority.ports import ChildKey, Unit

_REFS = {
    name: tuple(field.name for field in entity.fields.values() if field.kind is Kind.REF)
    for name, entity in ENTITIES.items()
}


class BatchRows:
    """A ``RowSource`` for ``Work``: a miss raises ``Need``, ``fetch`` brings all misses of a round together."""

    def __init__(self) -> None:
        self.base: dict[Key, Row | None] = {}
        """As stored; None is known not to be there."""
        self.revs: dict[Key, int] = {}
        self.written: dict[Key, Row] = {}
        """In order of first writing."""
        self._children: dict[ChildKey, list[str]] = {}
        self._new_children: defaultdict[ChildKey, set[str]] = defaultdict(set)

    def get(self, entity: str, row_id: str) -> Row | None:
        key = (entity, row_id)
        if key in self.written:
            return self.written[key]
        if key not in self.base:
            raise Need(rows=[key])
        return self.base[key]

    def children(self, entity: str, field: str, parent_id: str) -> list[Row]:
        asked = (entity, field, parent_id)
        stored = self._children.get(asked)
        if stored is None:
            parent = (ENTITIES[entity].fields[field].options.ref or "", parent_id)
            # A parent that is not stored has no stored children: the foreign keys say so.
            if self.base.get(parent, parent) is not None:
                raise Need(children=[asked])
            stored = []
        ids = dict.fromkeys([*stored, *sorted(self._new_children.get(asked, ()))])
        rows = (self.get(entity, row_id) for row_id in ids)
        return [row for row in rows if row is not None and row[field] == parent_id]

    async def fetch(self, unit: Unit, need: Need) -> None:
        """Brings what is missing; what is not stored is then known to be absent."""
        missing = {key for key in need.rows if key not in self.base}
        if missing:
            found = await unit.rows(missing)
            for key in missing:
                self._keep(key, found.get(key))
        asked = {parent for parent in need.children if parent not in self._children}
        if asked:
            for parent, rows in (await unit.children(asked)).items():
                self._children[parent] = [row["id"] for row, _ in rows]
                for row, rev in rows:
                    if (parent[0], row["id"]) not in self.base:
                        self._keep((parent[0], row["id"]), (row, rev))

    def _keep(self, key: Key, found: tuple[Row, int] | None) -> None:
        if found is None:
            self.base[key] = None
        else:
            self.base[key], self.revs[key] = found

    def keep(self, work: Work) -> None:
        """Adds what a transaction wrote to the batch."""
        for key, row in work.written.items():
            self.written[key] = row
            entity, row_id = key
            for field in _REFS[entity]:
                if row[field]:
                    self._new_children[(entity, field, row[field])].add(row_id)
