"""What the app knows about the exchange with the server: the pill and the sheet show it."""

from dataclasses import dataclass, field
from typing import Literal

import flet as ft

from mobile.state.upload_status import UploadStatus
from sync.device.reports import Question, Recovery

Phase = Literal["idle", "sending", "offline", "sign_in", "stopped"]
PillState = Literal["synced", "sending", "offline", "attention"]


@dataclass(frozen=True)
class Progress:
    """How far one bucket is: positions of the bucket's feed."""

    bucket: str
    at: int
    head: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return 1.0 if self.head <= 0 else min(1.0, self.at / self.head)


@ft.observable
@dataclass
class SyncStatus:
    """Observable. ``phase`` *sign_in*: the server wants a new sign-in; *stopped*: the server holds other data now."""

    phase: Phase = "idle"
    online: bool = True
    unsent: int = 0
    """Transactions in the outbox."""
    needs_me: int = 0
    """Open rows of the inbox."""
    last_sync_ms: int | None = None
    """The last answer of the server, UTC ms; None before the first."""
    progress: list[Progress] = field(default_factory=list)
    pulling: bool = False
    complete: bool = False
    """Everything that the server had at the last exchange is here; False during a first sync."""
    question: Question | None = None
    """A pull would take away unusually much: a person is asked."""
    recovery: Recovery | None = None
    """The server came back from a backup; until the person has noted it."""
    files: UploadStatus = field(default_factory=UploadStatus)
    """The queue of attachments, apart from the outbox."""
    problem: str = ""
    """Stable code of what the last exchange failed with; empty when it worked."""

    @property
    def pill(self) -> PillState:
        """Attention comes first, but only what a person must do: being offline is no reason to worry."""
        if self.phase in ("sign_in", "stopped"):
            return "attention"
        if not self.online or self.phase == "offline":
            return "offline"
        if self.unsent or not self.complete:
            return "sending"
        return "attention" if self.needs_me else "synced"
