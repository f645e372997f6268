"""What differs between a browser and a native app, behind one port (``ports.Platform``)."""
from __future__ import annotations

import sys
from pathlib import Path

from mobile.platform.ports import Platform


def current(data_folder: Path | None = None, server_url: str = "", *, system_store: bool = False) -> Platform:
    """The adapter for where this process runs. A native app names its data folder and the server's address.

    ``system_store``: whether secrets go to the system's own store, which only a page in a native window reaches.
    Raises ``ValueError`` when a native app leaves one out.
    """
    if sys.platform == "emscripten":
        from mobile.platform.browser import BrowserPlatform

        return BrowserPlatform()
    if data_folder is None or not server_url:
        raise ValueError("a native app needs data_folder and server_url")
    from mobile.platform.native import NativePlatform

    platform = NativePlatform(data_folder, server_url)
    if system_store:
        from mobile.platform import system_secrets

        platform.secrets = system_secrets.SystemSecrets(system_secrets.keyring(), platform.secrets)
    return platform
