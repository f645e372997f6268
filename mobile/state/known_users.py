"""The people who have work on this device: one entry per user in the device area, each with a database of its own."""

import msgspec

from mobile.platform.ports import DeviceArea
from mobile.state.session import SessionInfo

PREFIX = "user."
LAST = "last_user"


class KnownUsers:
    """Reads and writes the entries. One key per user: two tabs never race over a list."""

    def __init__(self, area: DeviceArea) -> None:
        self._area = area

    async def all(self) -> list[SessionInfo]:
        """Everybody known here, by name. An entry of a newer version that cannot be read is left alone."""
        found = []
        for key in await self._area.keys(PREFIX):
            text = await self._area.get(key)
            if text is None:
                continue
            try:
                found.append(msgspec.json.decode(text.encode(), type=SessionInfo))
            except msgspec.ValidationError:
                continue
        return sorted(found, key=lambda info: info.user.name)

    async def save(self, info: SessionInfo) -> None:
        """Durable when it returns."""
        await self._area.set(PREFIX + info.key, msgspec.json.encode(info).decode())

    async def forget(self, key: str) -> None:
        """Removes the person from the list of those who have work here."""
        if await self.last() == key:
            await self.set_last(None)
        await self._area.delete(PREFIX + key)

    async def last(self) -> str | None:
        """Key of whoever was signed in last in this browser."""
        return await self._area.get(LAST)

    async def set_last(self, key: str | None) -> None:
        if key is None:
            await self._area.delete(LAST)
        else:
            await self._area.set(LAST, key)
