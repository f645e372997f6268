"""Reminding of due follow-ups: once a day, when the app starts, comes to the foreground, or the day begins.

Everything is read from the rows of this device; nothing here needs the network.
"""

import weakref
from typing import Literal

from mobile.state.app import App
from mobile.store.queries import home
from shared import locale
from shared.timezone import local_datetime

FROM_HOUR = 8
"""On the organisation's clock; nobody is reminded at night."""
EVERY_S = 300
KEY = "reminded."
"""Before the user's id, in the device area: the day of the last reminder. Another tab does not repeat it."""
Told = Literal["", "notified", "shown"]
_looked: "weakref.WeakKeyDictionary[App, tuple[str, str]]" = weakref.WeakKeyDictionary()
"""Whose reminder of which day this window has dealt with already: two looks may wait for the device area together."""


def words(language: str, due: int, overdue: int) -> str:
    """``5 follow-ups for today, 2 overdue``."""
    key = "remind.body.late" if overdue else "remind.body"
    return locale.translate(language, key, due=due, overdue=overdue)


async def remind(app: App) -> tuple[Told, str]:
    """Looks whether somebody is to be reminded now, and by what.

    ``notified``: the system showed a notification. ``shown``: the caller shows the words in the app. Empty: nothing
    is due, it is too early, or it was told today.
    """
    if not app.is_open or local_datetime(app.now_ms(), app.time_zone).hour < FROM_HOUR:
        return "", ""
    user_id, day = app.actor.user_id, app.today().isoformat()
    counts = home.due_counts(app.open_store, today=day, owner_id=user_id)
    if not counts["due"] or _looked.get(app) == (user_id, day):
        return "", ""
    _looked[app] = user_id, day
    if await app.platform.device_area.get(KEY + user_id) == day:
        return "", ""
    await app.platform.device_area.set(KEY + user_id, day)
    language = app.look.language
    said = words(language, counts["due"], counts["overdue"])
    title = locale.translate(language, "remind.title")
    sent = await app.platform.notify(title, said, "follow-ups")
    return ("notified" if sent else "shown"), said
