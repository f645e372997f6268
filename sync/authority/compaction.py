"""What a compacted feed means for a device that was away for long.

Tombstones live for a time only. ``Head.horizon`` is the ``seq`` up to which they were removed: a device that stopped
below it could miss that a row has left, so its buckets begin anew as a snapshot.
"""

from sync.authority.cursor import Cursor
from sync.authority.ports import Head


def outdated(cursor: Cursor, head: Head) -> list[str]:
    """The cursor's buckets that begin anew.

    A bucket that is still being filled stands below the horizon too, without harm: ``Cursor.horizon`` tells that
    nothing was removed since the page before.
    """
    if cursor.horizon >= head.horizon:
        return []
    return [bucket for bucket, at in cursor.buckets.items() if 0 < at < head.horizon]
