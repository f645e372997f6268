"""The running app behind one window: platform, session, local store, exchange. Screens reach it with ``use_app()``."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mobile.platform.ports import Platform
from mobile.state.errors import ErrorLog
from mobile.state.known_users import KnownUsers
from mobile.state.session import Session
from mobile.state.sync_status import SyncStatus
from shared.timezone import business_date

if TYPE_CHECKING:
    from mobile.ui.look import Look


class App:
    """Wires the parts. ``store`` and ``device`` exist while a user's database is open."""

    def __init__(self, platform: Platform, look: Look) -> None:
        self.platform = platform
        self.look = look
        self.session = Session()
        self.sync = SyncStatus()
        self.errors = ErrorLog(platform)
        self.known = KnownUsers(platform.device_area)
        self._sheet_listener: Callable[[bool], Any] | None = None

    @property
    def time_zone(self) -> str:
        """The organisation's IANA zone."""
        return self.session.info.org.time_zone if self.session.info else "Asia/Shanghai"

    @property
    def currency(self) -> str:
        return self.session.info.org.currency if self.session.info else "CNY"

    def now_ms(self) -> int:
        """The device's clock, UTC ms."""
        return self.platform.clock.now_ms()

    def today(self) -> datetime.date:
        """The business date in the organisation's time zone."""
        return business_date(self.now_ms(), self.time_zone)

    def on_sync_sheet(self, listener: Callable[[bool], Any] | None) -> None:
        """Who opens and closes the sync sheet."""
        self._sheet_listener = listener

    def show_sync_sheet(self, shown: bool) -> None:
        """Open or close the sync sheet."""
        if self._sheet_listener:
            self._sheet_listener(shown)
