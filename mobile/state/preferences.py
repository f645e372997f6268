"""Language and theme of this installation, kept in the device area; the device's language is the default."""

import json
from typing import TYPE_CHECKING

from mobile.platform.ports import DeviceArea
from shared.locale import LANGUAGES, best_language

if TYPE_CHECKING:
    from mobile.ui.look import Look

KEY = "look"
MODES = ("system", "light", "dark")


async def load(area: DeviceArea, look: "Look", device_language: str) -> None:
    """Fill ``look`` with what was chosen here, or with what the device speaks."""
    text = await area.get(KEY)
    kept = json.loads(text) if text else {}
    language = kept.get("language")
    look.language = language if language in LANGUAGES else best_language(device_language)
    look.mode = kept.get("mode") if kept.get("mode") in MODES else "system"


async def save(area: DeviceArea, look: "Look") -> None:
    """Keep the choice; durable when it returns."""
    await area.set(KEY, json.dumps({"language": look.language, "mode": look.mode}))
