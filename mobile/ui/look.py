"""How this window looks at the moment: language, brightness, width. One ``Look`` per page; the kit asks ``look()``."""

import weakref
from dataclasses import dataclass
from typing import Any, Literal

import flet as ft

from mobile.ui.palette import DARK, LIGHT, Palette
from shared import locale

ThemeMode = Literal["system", "light", "dark"]
Layout = Literal["phone", "tablet", "desktop"]

TABLET_MIN_PX = 600
DESKTOP_MIN_PX = 1200


@ft.observable
@dataclass
class Look:
    """Observable: the root component draws everything anew when one of these changes."""

    language: str = locale.DEFAULT
    mode: ThemeMode = "system"
    system_dark: bool = False
    width: float = 390.0
    """Pixels; changes are passed on only when the layout changes or the width by 8 px."""
    height: float = 844.0
    reduced_motion: bool = False

    @property
    def dark(self) -> bool:
        return self.system_dark if self.mode == "system" else self.mode == "dark"

    @property
    def palette(self) -> Palette:
        return DARK if self.dark else LIGHT

    @property
    def layout(self) -> Layout:
        if self.width < TABLET_MIN_PX:
            return "phone"
        return "tablet" if self.width < DESKTOP_MIN_PX else "desktop"

    @property
    def gutter(self) -> int:
        """Space between content and the window's edge, px."""
        return 16 if self.width < TABLET_MIN_PX else 24


_looks: "weakref.WeakKeyDictionary[ft.Page, Look]" = weakref.WeakKeyDictionary()


def attach(page: ft.Page, new: Look) -> None:
    """Make ``new`` the look of the page."""
    _looks[page] = new


def look() -> Look:
    """The look of the page in whose component or event handler this is called."""
    return _looks[ft.context.page]


def t(key: str, **params: Any) -> str:
    """The words for a key in the current language. Raises ``KeyError`` for an unknown key."""
    return locale.translate(look().language, key, **params)


def local(row: Any, field: str) -> str:
    """A declared text in the current language: ``name_en`` when English is on and filled, otherwise ``name``."""
    other = row.get(f"{field}_en") if look().language == "en" else ""
    return str(other or row.get(field) or "")
