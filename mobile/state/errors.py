"""The local error log: what went wrong unexpectedly, kept on the device until the user shares it."""

import json
import traceback
from typing import Any

from mobile.platform.ports import Platform

KEY = "errors"
KEPT_MAX = 50
TEXT_MAX = 4_000


class ErrorLog:
    """The newest ``KEPT_MAX`` unexpected errors. Holds places and messages, never rows, passwords or tokens."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.entries: list[dict[str, Any]] = []

    async def load(self) -> None:
        """Read what earlier runs kept, in front of what happened since."""
        kept = await self._platform.device_area.get(KEY)
        self.entries = ((json.loads(kept) if kept else []) + self.entries)[-KEPT_MAX:]

    def add(self, error: BaseException, where: str) -> None:
        """Remember an error. Kept in memory at once; ``save`` makes it durable."""
        trace = "".join(traceback.format_exception(error))
        self.entries.append(
            {
                "at": self._platform.clock.now_ms(),
                "where": where[:TEXT_MAX],
                "error": repr(error)[:TEXT_MAX],
                "trace": trace[-TEXT_MAX:],
            }
        )
        del self.entries[:-KEPT_MAX]

    async def save(self) -> None:
        """Write the log to the device area."""
        await self._platform.device_area.set(KEY, json.dumps(self.entries, ensure_ascii=False))

    def export(self) -> bytes:
        """The log as JSON for a file to share."""
        return json.dumps(self.entries, ensure_ascii=False, indent=1).encode()
