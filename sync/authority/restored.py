"""A server that came back from an older backup: who comes from before, and what of their word counts.

Devices offer again what the backup does not have, once, with the numbers that were given
(``sync/README.md``, *After a restore*).
"""

import datetime
import re
from collections.abc import Callable

from shared.commands.quarantine import HANDED_OVER
from shared.errors import Problem
from shared.protocol import SentTransaction, SyncRequest
from sync.authority.cursor import Cursor, is_foreign
from sync.authority.ports import Head

FIRST_DAY_MS = int(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).timestamp() * 1_000)
STEP_MS = 600_000
"""Epochs above 1 have the number of the step of their beginning (``sync.authority.backups.next_epoch``)."""
_CODE = re.compile("[a-z][a-z_]{0,59}", re.ASCII)


def is_from_before(request: SyncRequest, cursor: Cursor, head: Head) -> bool:
    """Whether a device of this dataset has seen what is not there any more: another epoch or restore, or a point
    ahead."""
    return request.epoch not in (0, head.epoch) or is_foreign(cursor, head) or _is_of_other_restore(request.nonce, head)


def new_nonce(head: Head, random: Callable[[int], bytes]) -> str:
    """A nonce that names the restore it belongs to: a device has one from its first exchange on, a cursor only when
    everything has been offered again."""
    drawn = random(16).hex()
    return f"{head.lineage}.{drawn}" if head.lineage else drawn


def _is_of_other_restore(nonce: str, head: Head) -> bool:
    lineage, named, _ = nonce.rpartition(".")
    return bool(named) and lineage != head.lineage


def refusal_again(envelope: SentTransaction) -> Problem | None:
    """The refusal to repeat. A device can only refuse its own user's work by it, in that user's own inbox.

    Work that was handed over is decided anew: its managers have lost it as well.
    """
    problem = envelope.refused
    if (
        problem is None
        or problem.code in HANDED_OVER.values()
        or not _CODE.fullmatch(problem.code)
        or len(problem.field or "") > 200
    ):
        return None
    return problem
