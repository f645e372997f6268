"""What is heard: one recording at a time, whichever screen has begun it.

A sound belongs to its button. It ends when the button goes with its screen, when another recording is tapped, and when
somebody records; what is still on its way then never begins. In a tab behind others, or on a locked phone, it goes on.
"""

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
    state: Literal["", "loading", "playing", "paused", "ended", "failed"] = ""
    at: int = 0
    total: int = 0
    turn: int = 0
    """Rises with whatever is asked for or ended: who has waited for bytes sees whether it is still his turn."""

    def heard(self, event: PlatformEvent) -> None:
        """The platform tells how far it is; of a recording that was left it is not news any more."""
        told = event.detail
        if told["key"] == self.key:
            self.state, self.at, self.total = told["state"], told["at"], told["total"]

    def asked(self, key: str) -> int:
        """Another recording is wanted, and its bytes are fetched; its turn."""
        self._becomes(key, "loading")
        return self.turn

    def begins(self) -> None:
        """The bytes are there."""
        self.state = "playing"

    def ends(self) -> None:
        """Nothing is heard any more, nor wanted."""
        self._becomes("", "")

    def _becomes(self, key: str, state: Literal["", "loading"]) -> None:
        self.turn += 1
        self.key, self.state, self.at, self.total = key, state, 0, 0
