"""Rows against what travels of them: version, parts, buckets, memberships, sequence."""

from collections import defaultdict
from typing import Any

import msgspec
from sqlalchemy import and_, func, select

from server.db import tables
from server.db.engine import Tx
from server.db.rows import AllRows
from server.db.view import StoreView
from server.doctor.findings import Examined
from server.security.crypto import SealError
from shared.access import buckets_of_row
from shared.catalog import ENTITIES, Entity
from shared.codec import Row, encode_parts
from shared.commands.work import Key
from shared.digests import canonical, defaults_of
from shared.rules.history import MARK, month_bucket
from sync.authority.feed import whole
from sync.authority.ports import FeedRow

CHUNK = 1_000

_m = tables.membership.c
_v = tables.row_version.c
_h = tables.history_bucket.c
_decode = msgspec.json.Decoder(dict).decode
_Members = dict[Key, dict[str, tuple[int, bool]]]
"""By row: bucket → (seq, gone)."""


async def examine(tx: Tx, view: StoreView, rows: AllRows, found: Examined) -> None:
    """Every row of every entity with its version and its memberships, and what has no row."""
    for entity in ENTITIES.values():
        after = ""
        while True:
            try:
                chunk = await rows[entity.name].after(tx, found.org_id, after, CHUNK)
            except (SealError, ValueError, ArithmeticError, msgspec.DecodeError) as error:
                found.add("unreadable", entity=entity.name, after=after, reason=type(error).__name__)
                break
            found.rows += len(chunk)
            if entity.on_devices and chunk:
                await _compare(tx, view, entity, chunk, found)
            if len(chunk) < CHUNK:
                break
            after = chunk[-1][0]["id"]
            await tx.pause()
        await _without_rows(tx, entity, found)
    await _months(tx, found)
    await _sequence(tx, view, found)


async def _compare(tx: Tx, view: StoreView, entity: Entity, chunk: list[tuple[Row, int]], found: Examined) -> None:
    keys = [(entity.name, row["id"]) for row, _ in chunk]
    try:
        listed = await view.versions(keys, restricted=True)
    except SealError:
        listed = [one for key in keys for one in await _readable(view, key, found)]
    versions = {row.id: row for row in listed}
    members = await _members(tx, found.org_id, entity.name, keys)
    for row, rev in chunk:
        key = (entity.name, row["id"])
        buckets = buckets_of_row(entity, row)
        if row["deleted_at"] is not None and _is_retired(rev, versions.get(row["id"]), view.head.horizon):
            if row["id"] not in versions:  # its tombstone is gone, too
                continue
            buckets = ()
        _version(key, row, rev, buckets, versions.get(row["id"]), found)
        _memberships(key, rev, buckets, members.get(key, {}), view.head.seq, found)


def _is_retired(rev: int, version: FeedRow | None, horizon: int) -> bool:
    """Whether a deleted row has left the feed as ``server.db.retirement`` does it, perhaps long ago."""
    return rev <= horizon if version is None else version.gone and version.rev == rev


async def _readable(view: StoreView, key: Key, found: Examined) -> list[FeedRow]:
    try:
        return await view.versions([key], restricted=True)
    except SealError:
        found.add_derivable("version_sealed", key)
        return []


def _version(key: Key, row: Row, rev: int, buckets: tuple[str, ...], version: FeedRow | None, found: Examined) -> None:
    if version is None:
        if key not in found.derivable:
            found.add_derivable("version_missing", key)
        return
    if version.rev != rev:
        found.add_derivable("version_rev", key, rev=rev, found=version.rev)
    entity = ENTITIES[key[0]]
    body, restricted = encode_parts(entity, row)
    ours = body[:-1] + b"," + restricted[1:] if restricted else body
    defaults = defaults_of(entity.name)
    try:
        same = canonical(defaults, _decode(whole(version))) == canonical(defaults, _decode(ours))
    except msgspec.DecodeError:
        same = False
    if not same:
        found.add_derivable("version_differs", key)
    if version.buckets != buckets:
        found.add_derivable("version_buckets", key, wanted=" ".join(buckets), found=" ".join(version.buckets))


def _memberships(
    key: Key, rev: int, buckets: tuple[str, ...], members: dict[str, tuple[int, bool]], head: int, found: Examined
) -> None:
    for bucket in buckets:
        seq, gone = members.get(bucket, (0, True))
        if gone:
            found.add_derivable("membership_missing", key, bucket=bucket)
        elif seq < rev:
            found.add_derivable("membership_late", key, bucket=bucket)
    strangers = {bucket for bucket, (_, gone) in members.items() if not gone and bucket not in buckets}
    for bucket in sorted(strangers):
        found.add_derivable("membership_stranger", key, {bucket}, bucket=bucket)
    for bucket, (seq, _) in members.items():
        if seq > head:
            found.add("seq_ahead", entity=key[0], id=key[1], bucket=bucket, seq=seq, head=head)


async def _members(tx: Tx, org_id: str, entity: str, keys: list[Key]) -> _Members:
    found: defaultdict[Key, dict[str, tuple[int, bool]]] = defaultdict(dict)
    ids = [row_id for _, row_id in keys]
    for start in range(0, len(ids), 500):
        wanted = _m.row_id.in_(ids[start : start + 500])
        statement = select(_m.row_id, _m.bucket, _m.seq, _m.gone).where(
            _m.org_id == org_id, _m.entity == entity, wanted
        )
        for row_id, bucket, seq, gone in (await tx.execute(statement)).all():
            found[entity, row_id][bucket] = (seq, bool(gone))
    return found


async def _without_rows(tx: Tx, entity: Entity, found: Examined) -> None:
    """Versions and memberships of rows that are not stored."""
    stored = tables.table(entity.name).c
    for code, columns in (("version_orphan", _v), ("membership_orphan", _m)):
        here = and_(stored.org_id == columns.org_id, stored.id == columns.row_id)
        statement = (
            select(columns.row_id)
            .where(columns.org_id == found.org_id, columns.entity == entity.name)
            .where(~select(stored.id).where(here).exists())
            .distinct()
            .order_by(columns.row_id)
        )
        for (row_id,) in (await tx.execute(statement)).all():
            found.add(code, entity=entity.name, id=row_id)


async def _months(tx: Tx, found: Examined) -> None:
    """The last number of each month of history against those of its rows: a pull looks into no month that is behind."""
    records = await tx.execute(select(_h.bucket, _h.month, _h.seq).where(_h.org_id == found.org_id))
    noted = {month_bucket(bucket, month): seq for bucket, month, seq in records.all()}
    here = (_m.org_id == found.org_id, _m.bucket.contains(MARK, autoescape=True))
    highest = select(_m.bucket, func.max(_m.seq)).where(*here).group_by(_m.bucket).order_by(_m.bucket)
    for bucket, seq in (await tx.execute(highest)).all():
        until = noted.get(bucket, 0)
        if seq <= until:
            continue
        # Devices may have gone past each of them.
        later = select(_m.entity, _m.row_id).where(_m.org_id == found.org_id, _m.bucket == bucket, _m.seq > until)
        for entity, row_id in (await tx.execute(later.order_by(_m.seq))).all():
            found.add_derivable("history_late", (entity, row_id), {bucket}, bucket=bucket)


async def _sequence(tx: Tx, view: StoreView, found: Examined) -> None:
    """One number stands for one write of one row; a device that reads past it must not miss another one's."""
    different: Any = func.count(func.distinct(_m.entity + "/" + _m.row_id))
    shared = select(_m.seq).where(_m.org_id == found.org_id).group_by(_m.seq).having(different > 1).order_by(_m.seq)
    for (seq,) in (await tx.execute(shared)).all():
        found.add("seq_shared", seq=seq)
    highest = (await tx.execute(select(func.max(_v.rev)).where(_v.org_id == found.org_id))).scalar() or 0
    if highest > view.head.seq:
        found.add("rev_ahead", rev=highest, head=view.head.seq)
