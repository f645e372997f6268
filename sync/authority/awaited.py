"""After a restore: work that builds on a row which another device has yet to bring back is not decided yet.

Refusing it would be final, although nothing is wrong with it: the device that made the row has only not been online.
Its number counts as used, nothing of it is logged, and its device offers it again under another number, for as long as
devices from before the restore may still come (``sync/README.md``, *After a restore*).
"""

from shared.catalog import ENTITIES
from shared.errors import Problem
from sync.authority.ports import Head
from sync.authority.restored import FIRST_DAY_MS, STEP_MS
from sync.authority.rows import BatchRows

WAIT_MS = 7 * 86_400_000
"""From the restore on. Then it is refused as ever, and its author decides."""


class Awaited(Exception):
    """The transaction names a row that nobody has brought back yet."""


def is_time(head: Head, now_ms: int) -> bool:
    """Whether devices from before the last restore may still have work to offer."""
    return head.epoch > 1 and abs(now_ms - (FIRST_DAY_MS + head.epoch * STEP_MS)) < WAIT_MS


def is_missing(problem: Problem, rows: BatchRows) -> bool:
    """Whether the refusal is for a row that is not there at all; one that the author may not see is another matter.

    Raises ``Need`` when the row was not looked for.
    """
    entity, row_id = problem.params.get("entity"), problem.params.get("id")
    if problem.code != "not_found" or entity not in ENTITIES or not isinstance(row_id, str):
        return False
    return rows.get(entity, row_id) is None
