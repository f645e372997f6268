"""Where the app starts: platform → store → engine → exchange → screens. Heavy things are imported when needed."""

import os
from pathlib import Path

import flet as ft

SYSTEMS = {"android": "Android", "ios": "iOS", "macos": "macOS", "windows": "Windows", "linux": "Linux"}
"""What a device is called in lists and conflicts, by Flet's word."""


async def main(page: ft.Page) -> None:
    """One window. The frame is drawn first, then the last user's database is opened."""
    from mobile import platform
    from mobile.state import preferences
    from mobile.state.app import App
    from mobile.ui import root
    from mobile.ui.look import Look

    # A page in a browser, also one that a process on this machine draws, has no system store.
    here = platform.current(*_native_places(), system_store=not page.web)
    app = App(here, Look())
    await preferences.load(here.device_area, app.look, here.language())
    app.surface = SYSTEMS.get(page.platform.value, "") if page.platform else ""
    await app.errors.load()
    root.prepare(page, app)
    root.show(page)
    page.run_task(root.tell_document, app)
    app.listen_to_platform()
    await app.doors.start(choose=page.route.startswith("/sign-in"))


def _native_places() -> tuple[Path | None, str]:
    """Data folder and server of a native app; the browser has neither, its server is where the page came from."""
    folder = os.environ.get("FLET_APP_STORAGE_DATA") or os.environ.get("CARAVAN_APP_DATA")
    return (Path(folder) if folder else None), os.environ.get("CARAVAN_SERVER", "")


def run() -> None:
    """Hand the app to Flet."""
    ft.run(main)


if __name__ == "__main__":
    run()
