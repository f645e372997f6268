"""What the app knows about the queue of attachments: the sync sheet and the rows of files show it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class UploadStatus:
    """What the sync sheet and the rows of attachments show."""

    count: int = 0
    total: int = 0
    """Bytes of all that is not on the server yet."""
    current: str = ""
    """Hash of the one on its way."""
    sent: int = 0
    """Bytes of it that have arrived."""
    problem: str = ""
    """Code of what holds the queue up."""
    params: dict[str, Any] = field(default_factory=dict)
    """What its words need."""
