"""Secrets in the system's own store: Keychain, Keystore, Credential Manager, libsecret (flet-secure-storage).

For native apps alone. In a browser that package keeps its key beside the data; there the refresh token is a cookie.

A file that is there is newer than what the system holds: it was written while the system had no store to offer, or by
an app from before. So it is read first and moved as soon as the system takes it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal, Protocol

from mobile.platform.common import check_user_key
from mobile.platform.native import FileSecrets

log = logging.getLogger("caravan.secrets")

ANSWER_S = 5.0
"""A desktop without a keyring may give no answer at all."""


class Keyring(Protocol):
    """What the system does. Raises ``RuntimeError`` when it cannot, ``TimeoutError`` when it is silent."""

    async def get(self, key: str) -> str | None: ...
    async def set(self, key: str, value: str) -> None: ...
    async def remove(self, key: str) -> None: ...


def keyring() -> Keyring:
    """The service of the page in whose context this is called."""
    from flet_secure_storage import (
        AndroidOptions,
        IOSOptions,
        KeychainAccessibility,
        MacOsOptions,
        SecureStorage,
    )

    # After the first unlock: the app opens while the phone is locked in a pocket. This device: a backup that is put on
    # another phone must not take the session along.
    here = KeychainAccessibility.FIRST_UNLOCK_THIS_DEVICE
    return SecureStorage(
        # Otherwise one unreadable entry would erase all of them.
        android_options=AndroidOptions(reset_on_error=False),
        ios_options=IOSOptions(accessibility=here),
        macos_options=MacOsOptions(accessibility=here),
    )


class SystemSecrets:
    """``ports.Secrets`` over a keyring, and over files where there is none."""

    kind: Literal["cookie", "file", "system"] = "system"

    def __init__(self, system: Keyring, files: FileSecrets) -> None:
        self._system = system
        self._files = files
        self._offered = True

    async def get(self, name: str) -> str | None:
        kept = await self._files.get(check_user_key(name))
        if kept is None:
            return await self._ask(self._system.get, name)
        await self.set(name, kept)
        return kept

    async def set(self, name: str, value: str) -> None:
        if await self._ask(self._keep, check_user_key(name), value):
            await self._files.delete(name)
        else:
            await self._files.set(name, value)

    async def delete(self, name: str) -> None:
        await self._files.delete(name)
        await self._ask(self._system.remove, name)

    async def _keep(self, name: str, value: str) -> bool:
        await self._system.set(name, value)
        return await self._system.get(name) == value

    async def _ask(self, question: Any, *arguments: str) -> Any:
        """The system's answer. None when it gives none; then it is not asked again before the next start."""
        if not self._offered:
            return None
        try:
            async with asyncio.timeout(ANSWER_S):
                return await question(*arguments)
        except (RuntimeError, TimeoutError) as error:
            self._offered = False
            # Without the error's own words: Flet's name the arguments, and one of them is the token.
            log.warning(
                "the system offers no secure storage (%s): sign-ins are kept in a file that only this system user can "
                "read; a keyring service (on Linux gnome-keyring or kwallet) takes them over at the next start",
                type(error).__name__,
            )
            return None
