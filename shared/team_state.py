"""What the server tells managers of the people they answer for: ``/v1/team``."""

import msgspec


class MemberState(msgspec.Struct, frozen=True):
    """What only the server knows of somebody. ``devices``: how many of the person's devices may sign in."""

    user_id: str
    devices: int = 0
    last_sync_at: int | None = None
    """UTC milliseconds; None: never."""
