"""Checksums for devices, and the rows of ranges that differ: both from the snapshot of the page they travel with.

A bucket's sums follow from its last ``seq``: they are kept in memory until something in the bucket changes, so that of
all devices that hold the reference data only the first costs anything.
"""

import logging
import threading
from collections import OrderedDict, defaultdict

import msgspec

from shared.codec import encode
from shared.digests import RANGES, Defaults, Sums, canonical, defaults_of, digest_of, range_of
from shared.protocol import PAGE_ROWS, BucketDigest, CheckAnswer, CheckRequest, Repair, SyncRequest, SyncResponse
from sync.authority.feed import Reader, is_unrestricted, judge, whole
from sync.authority.ports import View

log = logging.getLogger("caravan.checks")

CHUNK = 1_000
"""Rows of a bucket that are read and summed at once."""
KEPT = 256
"""Buckets whose sums are kept, about 10 kB each."""

_decode = msgspec.json.Decoder(dict).decode


class Digests:
    """Answers what devices ask about their copies. One for each process; may be called from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Sums] = OrderedDict()
        self._working = threading.Lock()

    async def answer(
        self, view: View, reader: Reader, request: SyncRequest, response: SyncResponse
    ) -> CheckAnswer | None:
        """What was asked for, or None: nothing was, more pages follow, or another device's sums are being made."""
        asked = request.check
        if asked is None or response.more:
            return None
        if asked.ranges:
            _tell(reader, asked)
            return CheckAnswer(request.exchange_id, repairs=await repairs_for(view, reader, asked))
        digests = await self._digests(view, reader, asked)
        return None if digests is None else CheckAnswer(request.exchange_id, digests)

    async def _digests(self, view: View, reader: Reader, asked: CheckRequest) -> list[BucketDigest] | None:
        heads = await view.bucket_heads(reader.buckets)
        known = encode({entity: sorted(names) for entity, names in asked.columns.items()})
        about = (view.head.org_id, view.head.dataset_id, view.head.epoch, known)
        found: dict[str, Sums] = {}
        for bucket in reader.buckets:
            key = (*about, reader.restricted and not is_unrestricted(bucket), bucket, heads[bucket])
            sums = self._kept.get(key)
            if sums is None:
                # One at a time: a thousand devices that wake in the morning must not take all readers.
                if not self._working.acquire(blocking=False):
                    return None
                try:
                    sums = self._kept[key] = await sums_of(view, reader, bucket, asked)
                    while len(self._kept) > KEPT:
                        self._kept.popitem(last=False)
                finally:
                    self._working.release()
            name = reader.told(bucket)
            found[name] = found[name].joined(sums) if name in found else sums
        return [BucketDigest(name, sums.count, sums.encode()) for name, sums in found.items()]


async def sums_of(view: View, reader: Reader, bucket: str, asked: CheckRequest) -> Sums:
    """The sums of a bucket's rows, of those entities and with those parts that the asker has."""
    defaults = {name: _defaults(name, fields) for name, fields in asked.columns.items()}
    sums, after = Sums(), 0
    while True:
        rows = await view.page(bucket, after, CHUNK, restricted=reader.restricted)
        for row in rows:
            if bucket in row.buckets and (known := defaults.get(row.entity)) is not None:
                body = canonical(known, _decode(whole(row)))
                sums.add(row.id, digest_of(row.entity, row.id, row.rev, body))
        if len(rows) < CHUNK:
            return sums
        after = rows[-1].seq


def _defaults(entity: str, fields: list[str]) -> Defaults | None:
    try:
        return defaults_of(entity).among(fields)
    except KeyError:
        return None  # of a newer app: there are no rows of it here


async def repairs_for(view: View, reader: Reader, asked: CheckRequest) -> list[Repair]:
    """The ranges asked for with all their rows, as many as fit into a page, at least one."""
    repairs: list[Repair] = []
    room = PAGE_ROWS
    for bucket, places in sorted(asked.ranges.items()):
        grouped: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for own in reader.buckets:
            for key in await view.members(own) if reader.told(own) == bucket else ():
                grouped[range_of(key[1])].append(key)
        for place in sorted({place for place in places if 0 <= place < RANGES}):
            room -= len(grouped[place])
            if room < 0 and repairs:
                return repairs
            versions = await view.versions(grouped[place], restricted=reader.restricted) if grouped[place] else []
            repairs.append(Repair(bucket, place, judge(versions, reader)[0]))
    return repairs


def _tell(reader: Reader, asked: CheckRequest) -> None:
    ranges = {bucket: len(places) for bucket, places in sorted(asked.ranges.items())}
    about = {"user_id": reader.actor.user_id, "device_id": reader.actor.device_id or "", "ranges": ranges}
    log.warning("a device's copy differs", extra=about)
