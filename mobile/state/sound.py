"""What is heard: one recording at a time, whichever screen has begun it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import flet as ft

from mobile.platform.ports import PlatformEvent


@ft.observable
@dataclass
class Sound:
    """Observable. ``key`` names the recording; ``at`` and ``total`` in whole seconds, ``total`` 0 while unknown."""

    key: str = ""
    state: Literal["", "playing", "paused", "ended", "failed"] = ""
    at: int = 0
    total: int = 0

    def heard(self, event: PlatformEvent) -> None:
        """The platform tells how far it is; of a recording that was left it is not news any more."""
        told = event.detail
        if told["key"] == self.key:
            self.state, self.at, self.total = told["state"], told["at"], told["total"]

    def begins(self, key: str) -> None:
        """Another recording is on its way to be heard."""
        self.key, self.state, self.at, self.total = key, "playing", 0, 0

    def ends(self) -> None:
        """Nothing is heard any more."""
        self.key, self.state, self.at, self.total = "", "", 0, 0
