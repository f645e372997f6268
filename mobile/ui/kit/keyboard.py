"""Keys on a keyboard: what is on the screen says what its keys do, and the newest part of it hears a key first.

Keys are quiet while somebody types into a field, and while a dialog stands over the page, which Flutter closes with Esc
itself. Of those with Ctrl (on a Mac ⌘) only the dialog keeps back. In a browser they come from the page
(``device-page.js``), which knows what has the focus; elsewhere from Flutter, and the fields say themselves that they
have it: in a browser such words come late, and in another order.
"""

import inspect
import sys
import weakref
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import flet as ft

from mobile.ui.kit.effects import use_effect

IN_BROWSER = sys.platform == "emscripten"
Act = Callable[[], Any]
Keys = Mapping[str, Act]
"""What keys do, which may take its time, by name: ``n``, ``[``, ``?``, ``down``, ``up``, ``escape``, ``ctrl+k``. Enter
is the focused button's."""
NAMES = {
    "arrow down": "down", "arrow up": "up", "esc": "escape", "bracket left": "[", "bracket right": "]", "slash": "/",
    "question mark": "?",
}  # fmt: skip
_SIGNS = frozenset("[]?")
APPLE = (ft.PagePlatform.MACOS, ft.PagePlatform.IOS)


def dialog_open(page: ft.Page) -> bool:
    """Whether a dialog or sheet waits for an answer; a line at the foot does not."""
    # Flet 1.0.5 has no public list of them.
    return any(one.open and not isinstance(one, ft.SnackBar) for one in page._dialogs.controls)


class Keyboard:
    """Of one page: who hears keys, and which fields are being typed into."""

    def __init__(self) -> None:
        self.layers: list[ft.Ref[Keys] | Any] = []
        self.typing: set[object] = set()

    def bound(self) -> dict[str, Act]:
        """What each key does at the moment."""
        return {name: act for layer in self.layers for name, act in layer.current.items()}

    def pressed(self, page: ft.Page, event: Any) -> None:
        """A key went down."""
        name = name_of(event)
        if page.platform in APPLE and getattr(event, "ctrl", False):
            return  # there ⌘ is what Ctrl is elsewhere, and Ctrl K belongs to text fields
        if dialog_open(page) or (self.typing and not IN_BROWSER and not name.startswith("ctrl+")):
            return
        act = self.bound().get(name)
        done = act() if act is not None else None
        if inspect.isawaitable(done):
            page.run_task(_to_the_end, done)


async def _to_the_end(work: Awaitable[None]) -> None:
    await work


_keyboards: "weakref.WeakKeyDictionary[ft.Page, Keyboard]" = weakref.WeakKeyDictionary()


def keyboard_of(page: ft.Page) -> Keyboard:
    """The keyboard of the page."""
    return _keyboards.setdefault(page, Keyboard())


def name_of(event: Any) -> str:
    """The key's name as ``Keys`` has it."""
    key = str(event.key).lower()
    key = NAMES.get(key, key)
    shift, held = (getattr(event, name, False) for name in ("shift", "alt"))
    if key == "/" and shift:
        key = "?"
    if key in _SIGNS:
        return key  # some keyboards have them on AltGr
    if getattr(event, "ctrl", False) or getattr(event, "meta", False):
        key = f"ctrl+{'shift+' * shift}{key}"
    return f"alt+{key}" if held else key


def use_keys(keys: Keys) -> None:
    """Hears these keys while the component is on the screen, before whatever came earlier."""
    page = ft.context.page
    newest = ft.use_ref(lambda: keys)
    newest.current = keys

    def listen() -> Callable[[], None]:
        keyboard = keyboard_of(page)
        keyboard.layers.append(newest)
        if len(keyboard.layers) == 1 and not IN_BROWSER:
            # The client sends keys only to a page that it knows to listen: it must be told, on both ends.
            page.on_keyboard_event = lambda event: keyboard.pressed(page, event)
            page.schedule_update()

        def stop() -> None:
            keyboard.layers.remove(newest)
            if not keyboard.layers and not IN_BROWSER:
                page.on_keyboard_event = None
                page.schedule_update()

        return stop

    use_effect(listen, [])


def use_typing(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a text field, which from now on says when somebody types into it."""
    page = ft.context.page
    me = ft.use_ref(object).current

    def leave() -> Callable[[], None]:
        return lambda: keyboard_of(page).typing.discard(me)

    use_effect(leave, [])
    return {
        **options,
        "on_focus": _also(options.get("on_focus"), lambda: keyboard_of(page).typing.add(me)),
        "on_blur": _also(options.get("on_blur"), lambda: keyboard_of(page).typing.discard(me)),
    }


def _also(handler: Callable[[Any], Any] | None, note: Callable[[], None]) -> Callable[[Any], Any]:
    """``handler``, after the note was taken."""

    def sync(event: Any) -> None:
        note()
        if handler is not None:
            handler(event)

    async def waiting(event: Any) -> None:
        note()
        await handler(event)  # type: ignore[misc]

    return waiting if inspect.iscoroutinefunction(handler) else sync
