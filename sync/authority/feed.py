"""The pull: what a device does not have yet, page by page, for the buckets that its user has *now*."""

from collections.abc import Iterable

import msgspec

from shared.access import Actor, buckets_of_actor
from shared.catalog import ENTITIES, RESTRICTED_READERS
from shared.fields import Privacy
from shared.protocol import BucketProgress, Put, Remove
from shared.protocol import Outcome as WireOutcome
from sync.authority.compaction import outdated
from sync.authority.cursor import Cursor
from sync.authority.jobs import Outcome
from sync.authority.ports import FeedRow, View

UNRESTRICTED_BUCKETS = frozenset({"org", "stock", "managers"})
"""Buckets whose rows have no restricted part."""
_HAS_RESTRICTED = any(
    field.privacy is Privacy.RESTRICTED and entity.on_devices
    for entity in ENTITIES.values()
    for field in entity.fields.values()
)


class Reader(msgspec.Struct, frozen=True):
    """Who reads: the buckets in the order in which they are filled, and whether restricted parts are theirs."""

    actor: Actor
    buckets: tuple[str, ...]
    restricted: bool


class Page(msgspec.Struct):
    """One page of a pull."""

    cursor: Cursor
    puts: list[Put] = []
    removes: list[Remove] = []
    drops: list[str] = []
    restarts: list[str] = []
    more: bool = False
    progress: list[BucketProgress] = []


async def reader_for(view: View, user_id: str, org_id: str, device_id: str) -> Reader | None:
    """The reader as the snapshot has them; None when the user or the device may not read any more."""
    keys = [("user", user_id), *([("device", device_id)] if device_id else [])]
    found = await view.rows(keys)
    user = found.get(("user", user_id), (None, 0))[0]
    device = found.get(("device", device_id), (None, 0))[0]
    if user is None or not user["active"] or (device is not None and device["revoked_at"] is not None):
        return None
    actor = Actor(user_id, org_id, user["role"], user["home_team_id"], device_id, user["discount_limit"])
    teams = await view.team_ids() if actor.role == "admin" else ()
    return Reader(actor, buckets_of_actor(actor, teams), actor.role in RESTRICTED_READERS)


async def read_page(view: View, reader: Reader, cursor: Cursor, limit: int) -> Page:
    """The next page after the cursor. Bodies are served for current membership only; each entry is judged against
    all buckets of the reader, so that a move between two of them is one put."""
    head = view.head
    page = Page(
        Cursor(
            head.dataset_id,
            head.epoch,
            head.access_version,
            restricted=reader.restricted,
            horizon=head.horizon,
            lineage=head.lineage,
        )
    )
    known = dict(cursor.buckets)
    page.drops = [bucket for bucket in known if bucket not in reader.buckets]
    if cursor.dataset and cursor.restricted != reader.restricted and _HAS_RESTRICTED:
        # The same versions, with other parts: a device skips a version that it has, so the buckets begin again.
        page.drops += [b for b in known if b in reader.buckets and b not in UNRESTRICTED_BUCKETS]
    page.restarts = [bucket for bucket in outdated(cursor, head) if bucket not in page.drops]
    for bucket in (*page.drops, *page.restarts):
        del known[bucket]
    entries: dict[tuple[str, str], FeedRow] = {}
    room = limit
    for bucket in reader.buckets:
        at = known.get(bucket, 0)
        if page.drops and bucket in page.drops:
            page.more = True  # it ends with this page and starts with the next
            continue
        rows = await view.page(bucket, at, room, restricted=reader.restricted) if room and at < head.seq else []
        entries.update(((row.entity, row.id), row) for row in rows)
        if room and len(rows) < room:
            at = head.seq
        else:
            at = rows[-1].seq if rows else at
            page.more = page.more or at < head.seq
        room -= len(rows)
        page.cursor.buckets[bucket] = at
        page.progress.append(BucketProgress(bucket, at, head.seq))
    page.puts, page.removes = judge(entries.values(), reader)
    return page


def judge(rows: Iterable[FeedRow], reader: Reader) -> tuple[list[Put], list[Remove]]:
    """Puts for what is in a bucket of the reader's, removes for the rest."""
    mine = frozenset(reader.buckets)
    puts: list[Put] = []
    removes: list[Remove] = []
    for row in rows:
        buckets = [bucket for bucket in row.buckets if bucket in mine]
        if buckets:
            puts.append(Put(row.entity, row.id, row.rev, buckets, msgspec.Raw(whole(row))))
        else:
            removes.append(Remove(row.entity, row.id, row.rev))
    return puts, removes


def whole(row: FeedRow) -> bytes:
    """The row's JSON with its restricted part, when the reader gets that, joined as bytes."""
    return row.body[:-1] + b"," + row.restricted[1:] if row.restricted else row.body


async def outcomes_for(view: View, reader: Reader, outcomes: list[Outcome]) -> list[WireOutcome]:
    """Outcomes with the current version, or the removal, of every row that they wrote and that the reader may know.

    A removal is told for rows that the reader had or made; ids of other people's rows stay unknown.
    """
    keys = {(entity, row_id) for outcome in outcomes for entity, row_id, _ in outcome.written}
    versions = {(row.entity, row.id): row for row in await view.versions(keys, restricted=reader.restricted)}
    mine = frozenset(reader.buckets)
    hidden = {key for key, row in versions.items() if not mine.intersection(row.buckets)}
    known = await view.were_members(hidden, reader.buckets) if hidden else set()
    answers = []
    for outcome in outcomes:
        rows = [
            versions[(entity, row_id)]
            for entity, row_id, made in outcome.written
            if (entity, row_id) in versions and ((entity, row_id) not in hidden or (entity, row_id) in known or made)
        ]
        puts, removes = judge(rows, reader)
        answers.append(
            WireOutcome(
                tx_id=outcome.tx_id,
                status=outcome.status,  # type: ignore[arg-type]
                problem=outcome.problem,
                conflicts=outcome.conflicts,
                puts=puts,
                removes=removes,
            )
        )
    return answers


async def has_news(view: View, reader: Reader, cursor: Cursor, quiet: frozenset[str]) -> bool:
    """Whether a pull would bring something. ``quiet`` buckets ride on other pulls and never call for one."""
    if cursor.access_version != view.head.access_version or cursor.restricted != reader.restricted:
        return True
    if outdated(cursor, view.head):
        return True
    loud = [bucket for bucket in reader.buckets if bucket not in quiet]
    if set(cursor.buckets) != set(reader.buckets):
        return True
    heads = await view.bucket_heads(bucket for bucket in loud if cursor.buckets[bucket] < view.head.seq)
    return any(seq > cursor.buckets[bucket] for bucket, seq in heads.items())
