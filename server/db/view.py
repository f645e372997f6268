"""What a pull reads: pages of the feed by bucket, current versions, all from one snapshot."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Integer, bindparam, func, or_, select

from server.db import tables
from server.db.bulk import select_among
from server.db.engine import Tx
from server.db.rows import AllRows
from server.security.crypto import Vault, is_sealed_bytes
from shared.codec import encode
from shared.commands.work import Key
from shared.rules.history import MARK, month_bucket
from sync.authority.ports import FeedRow, Head, Versioned

_m = tables.membership.c
_v = tables.row_version.c
_h = tables.history_bucket.c
_VERSION = (_v.rev, _v.buckets, _v.body, _v.restricted)
_CHUNK = 500
_VERSION_COLUMNS = "SELECT v.entity, v.row_id, 0, v.gone, v.rev, v.buckets, v.body, v.restricted FROM"
_VERSIONS_SQLITE = f"""{_VERSION_COLUMNS} json_each(?) AS wanted CROSS JOIN row_version AS v ON v.org_id = ?
AND v.entity = json_extract(wanted.value, '$[0]') AND v.row_id = json_extract(wanted.value, '$[1]')"""
_VERSIONS_POSTGRES = f"""{_VERSION_COLUMNS} unnest($1::text[], $2::text[]) AS wanted (entity, row_id)
JOIN row_version AS v ON v.org_id = $3 AND v.entity = wanted.entity AND v.row_id = wanted.row_id"""
# Made once: each pull asks for a page of each bucket, and building a statement takes longer than running it.
PAGE = (
    select(_m.entity, _m.row_id, _m.seq, _m.gone, *_VERSION)
    .join_from(
        tables.membership,
        tables.row_version,
        (_v.org_id == _m.org_id) & (_v.entity == _m.entity) & (_v.row_id == _m.row_id),
    )
    .where(_m.org_id == bindparam("org_id"), _m.bucket == bindparam("bucket"), _m.seq > bindparam("after"))
    .order_by(_m.seq)
    .limit(bindparam("limit", type_=Integer))
)
"""A page of a bucket; its plan is kept by a test (index ``ix_membership_feed``)."""
_MONTHS = "SELECT bucket, month, seq FROM history_bucket"
_BUCKET_HEAD = select(func.max(_m.seq)).where(_m.org_id == bindparam("org_id"), _m.bucket == bindparam("bucket"))

_LIVING = select(_m.seq).where(_m.org_id == _h.org_id, _m.bucket == _h.bucket + MARK + _h.month, _m.gone.is_(False))
LIVED_IN = select(_h.bucket, _h.month).where(_LIVING.order_by(_m.seq).limit(1).scalar_subquery().is_not(None))
"""One look into each month by ``ix_membership_feed``, as a test keeps it: without the order SQLite reads, for each
month, all memberships of the organisation."""


async def were_members(tx: Tx, org_id: str, keys: Iterable[Key], buckets: Iterable[str]) -> set[Key]:
    """Those of the rows that are or were in one of the buckets or in its history: memberships that ended are kept as
    such."""
    wanted = sorted(buckets)
    history = [_m.bucket.startswith(month_bucket(bucket, ""), autoescape=True) for bucket in wanted]
    found: set[Key] = set()
    for entity, ids in _by_entity(keys).items():
        for start in range(0, len(ids), _CHUNK):
            statement = select(_m.row_id).where(
                _m.org_id == org_id,
                _m.entity == entity,
                _m.row_id.in_(ids[start : start + _CHUNK]),
                or_(_m.bucket.in_(wanted), *history),
            )
            found |= {(entity, record[0]) for record in (await tx.execute(statement)).all()}
    return found


class StoreView:
    """``sync.authority.ports.View`` over an open read transaction."""

    def __init__(self, tx: Tx, head: Head, rows: AllRows, vault: Vault) -> None:
        self._tx = tx
        self._rows = rows
        self._vault = vault
        self.head = head
        self._org_id = head.org_id

    async def rows(self, keys: Iterable[Key]) -> dict[Key, Versioned]:
        found: dict[Key, Versioned] = {}
        for entity, ids in _by_entity(keys).items():
            for row, rev in await self._rows[entity].by_ids(self._tx, self._org_id, ids):
                found[(entity, row["id"])] = (row, rev)
        return found

    async def team_ids(self) -> tuple[str, ...]:
        teams = await self._rows["team"].all(self._tx, self._org_id)
        return tuple(sorted(row["id"] for row, _ in teams if row["deleted_at"] is None))

    async def page(self, bucket: str, after: int, limit: int, *, restricted: bool) -> list[FeedRow]:
        asked = {"org_id": self._org_id, "bucket": bucket, "after": after, "limit": limit}
        records = await self._tx.execute(PAGE, asked)
        return [self._feed_row(record, restricted) for record in records.all()]

    async def versions(self, keys: Iterable[Key], *, restricted: bool) -> list[FeedRow]:
        # One statement for all entities, never built anew: each answer to a push asks, be it for a single order.
        wanted = sorted(keys)
        if self._tx.dialect == "sqlite":
            result = await self._tx.driver(_VERSIONS_SQLITE, (encode(wanted).decode(), self._org_id))
        else:
            entities, ids = [entity for entity, _ in wanted], [row_id for _, row_id in wanted]
            result = await self._tx.driver(_VERSIONS_POSTGRES, (entities, ids, self._org_id))
        return [self._feed_row(record, restricted) for record in result.all()]

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._tx.dialect

    async def selected(self, statement: Any, *, restricted: bool) -> list[tuple[FeedRow, Any]]:
        """Versions that a statement selects, each with the one value that it selects behind a version's columns."""
        records = (await self._tx.execute(statement)).all()
        return [(self._feed_row(record[:8], restricted), record[8]) for record in records]

    async def were_members(self, keys: Iterable[Key], buckets: Iterable[str]) -> set[Key]:
        return await were_members(self._tx, self._org_id, keys, buckets)

    async def months(self, buckets: Iterable[str]) -> dict[str, int]:
        records = await select_among(self._tx, _MONTHS, self._org_id, "bucket", buckets)
        return {month_bucket(bucket, month): seq for bucket, month, seq in records}

    async def lived_in(self, buckets: Iterable[str]) -> set[str]:
        statement = LIVED_IN.where(_h.org_id == self._org_id, _h.bucket.in_(sorted(buckets)))
        return {month_bucket(bucket, month) for bucket, month in (await self._tx.execute(statement)).all()}

    async def members(self, bucket: str) -> list[Key]:
        here = (_m.org_id == self._org_id, _m.bucket == bucket, _m.gone.is_(False))
        records = await self._tx.execute(select(_m.entity, _m.row_id).where(*here))
        return [(entity, row_id) for entity, row_id in records.all()]

    async def bucket_heads(self, buckets: Iterable[str]) -> dict[str, int]:
        heads: dict[str, int] = {}
        for bucket in buckets:
            found = await self._tx.execute(_BUCKET_HEAD, {"org_id": self._org_id, "bucket": bucket})
            heads[bucket] = found.scalar() or 0
        return heads

    def _feed_row(self, record: Any, restricted: bool) -> FeedRow:
        entity, row_id, seq, gone, rev, buckets, body, hidden = record
        place = f"{entity}/{row_id}"
        if is_sealed_bytes(body):
            body = self._vault.unseal("row_version", "body", place, bytes(body))
        if hidden and restricted:
            hidden = self._vault.unseal("row_version", "restricted", place, bytes(hidden))
        elif hidden:
            hidden = b""
        return FeedRow(entity, row_id, seq, bool(gone), rev, tuple(buckets.split()), body, hidden)


def _by_entity(keys: Iterable[Key]) -> dict[str, list[str]]:
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for entity, row_id in keys:
        grouped[entity].append(row_id)
    return {entity: sorted(ids) for entity, ids in grouped.items()}
