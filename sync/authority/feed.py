"""The pull: what a device does not have yet, page by page, for the buckets that its user has *now*."""

from collections.abc import Iterable

import msgspec

from shared.access import Actor, buckets_of_actor
from shared.catalog import ENTITIES, RESTRICTED_READERS
from shared.fields import Privacy
from shared.protocol import BucketProgress, Put, Remove
from shared.protocol import Outcome as WireOutcome
from shared.rules.history import split_bucket
from sync.authority.compaction import outdated
from sync.authority.cursor import Cursor
from sync.authority.history import held_months, months_of, regrouped
from sync.authority.jobs import Outcome
from sync.authority.ports import FeedRow, View

UNRESTRICTED_BUCKETS = frozenset({"org", "stock", "managers", "admins"})
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
    months: tuple[str, ...] | None = None
    """Months of which there is history for the reader; None: the reader's client knows nothing of months, and the
    buckets of all of them go by the names of those that they are the history of."""
    asked: tuple[str, ...] = ()
    """Months whose history the reader's device wants."""
    heads: dict[str, int] = {}
    """The last ``seq`` of each bucket of history that the reader holds."""

    def told(self, bucket: str) -> str:
        """The name by which the reader's client knows a bucket of the reader's."""
        return bucket if self.months is not None else split_bucket(bucket)[0]


class Page(msgspec.Struct):
    """One page of a pull."""

    cursor: Cursor
    puts: list[Put] = []
    removes: list[Remove] = []
    drops: list[str] = []
    restarts: list[str] = []
    more: bool = False
    progress: list[BucketProgress] = []


async def reader_for(
    view: View, user_id: str, org_id: str, device_id: str, history: Iterable[str] | None = None
) -> Reader | None:
    """The reader as the snapshot has them; None when the user or the device may not read any more. ``history``: the
    months that the device wants, None: all, without knowing."""
    keys = [("user", user_id), *([("device", device_id)] if device_id else [])]
    found = await view.rows(keys)
    user = found.get(("user", user_id), (None, 0))[0]
    device = found.get(("device", device_id), (None, 0))[0]
    if user is None or not user["active"] or (device is not None and device["revoked_at"] is not None):
        return None
    actor = Actor(user_id, org_id, user["role"], user["home_team_id"], device_id, user["discount_limit"])
    teams = await view.team_ids() if actor.role == "admin" else ()
    buckets = buckets_of_actor(actor, teams)
    heads = await view.months(buckets)
    asked = None if history is None else tuple(sorted(set(history)))
    held = held_months(heads, asked)
    # What all came back from is no history any more; its bucket stays, for devices that have not heard of it yet.
    months = None if asked is None else months_of(await view.lived_in(buckets) if heads else ())
    return Reader(actor, (*buckets, *held), actor.role in RESTRICTED_READERS, months, asked or (), held)


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
    page.cursor.months = None if reader.months is None else list(reader.asked)
    known = dict(cursor.buckets)
    ended = {bucket: reader.told(bucket) for bucket in known if bucket not in reader.buckets}
    if cursor.dataset and cursor.restricted != reader.restricted and _HAS_RESTRICTED:
        # The same versions, with other parts: a device skips a version that it has, so the buckets begin again.
        ended |= {b: reader.told(b) for b in known if b in reader.buckets and not is_unrestricted(b)}
    anew = {bucket: reader.told(bucket) for bucket in outdated(cursor, head) if bucket not in ended}
    regrouped(cursor, ended, anew, reader.told, known_before=cursor.months is not None, knows=reader.months is not None)
    page.drops, page.restarts = list(dict.fromkeys(ended.values())), list(dict.fromkeys(anew.values()))
    for bucket in (*ended, *anew):
        known.pop(bucket, None)
    entries: dict[tuple[str, str], FeedRow] = {}
    room = limit
    for bucket in reader.buckets:
        at = known.get(bucket, 0)
        if bucket in ended:
            page.more = True  # it ends with this page and starts with the next
            continue
        # Of years of months hardly one has changed, and which one is known without looking into each.
        quiet = reader.heads.get(bucket, head.seq) <= at
        rows = [] if quiet or not room else await view.page(bucket, at, room, restricted=reader.restricted)
        entries.update(((row.entity, row.id), row) for row in rows)
        if quiet or (room and len(rows) < room):
            at = head.seq
        else:
            at = rows[-1].seq if rows else at
            page.more = page.more or at < head.seq
        room -= len(rows)
        page.cursor.buckets[bucket] = at
    page.progress = _progress(page.cursor, reader, head.seq)
    page.puts, page.removes = judge(entries.values(), reader)
    return page


def is_unrestricted(bucket: str) -> bool:
    """Whether no row of the bucket has a restricted part."""
    return split_bucket(bucket)[0] in UNRESTRICTED_BUCKETS


def _progress(cursor: Cursor, reader: Reader, head: int) -> list[BucketProgress]:
    at: dict[str, int] = {}
    for bucket, seq in cursor.buckets.items():
        name = reader.told(bucket)
        at[name] = min(seq, at.get(name, seq))
    return [BucketProgress(name, seq, head) for name, seq in at.items()]


def judge(rows: Iterable[FeedRow], reader: Reader) -> tuple[list[Put], list[Remove]]:
    """Puts for what is in a bucket of the reader's, removes for the rest."""
    mine = frozenset(reader.buckets)
    puts: list[Put] = []
    removes: list[Remove] = []
    for row in rows:
        buckets = [reader.told(bucket) for bucket in row.buckets if bucket in mine]
        if buckets:
            puts.append(Put(row.entity, row.id, row.rev, buckets, msgspec.Raw(whole(row))))
        else:
            places = map(split_bucket, row.buckets)
            month = next((month for bucket, month in places if bucket in mine), "")
            removes.append(Remove(row.entity, row.id, row.rev, month))
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
    # It looks into the history of each bucket by itself; naming years of months too would be too long a question.
    mine_or_history = {split_bucket(bucket)[0] for bucket in reader.buckets}
    known = await view.were_members(hidden, mine_or_history) if hidden else set()
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
    behind = [bucket for bucket in loud if cursor.buckets[bucket] < view.head.seq]
    heads = await view.bucket_heads(bucket for bucket in behind if bucket not in reader.heads)
    return any((reader.heads | heads)[bucket] > cursor.buckets[bucket] for bucket in behind)
