"""What the server tells of its backups: ``/v1/admin/backup``."""

import msgspec

OLD_MS = 24 * 3_600_000
"""A backup that is older than this leaves more than a day's work unsafe."""


class BackupState(msgspec.Struct, frozen=True):
    """The newest backup of the organisation that was verified and is still where it was put. UTC milliseconds; None:
    there is none."""

    made_at: int | None = None
    verified_at: int | None = None


def is_old(state: BackupState, now_ms: int) -> bool:
    """Whether an administrator has to see to it: no backup, or one from more than a day ago."""
    return state.made_at is None or now_ms - state.made_at > OLD_MS
