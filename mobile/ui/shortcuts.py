"""Keys that every screen has: find somebody, make something new, and the list of those that do something."""

import contextvars
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import flet as ft

from mobile.platform.ports import PlatformEvent
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.kit.keyboard import Act

NEW = {
    "/": ("/leads/new", {"rep"}),
    "/customers": ("/customers/new", None),
    "/leads": ("/leads/new", None),
    "/deals": ("/deals/new", None),
    "/pipeline": ("/deals/new?back=/pipeline", None),
    "/orders": ("/order/new", None),
    "/catalogue": ("/order/new", None),
    "/users": ("/users/new", {"admin"}),
}
"""What the main button of a screen makes: its address, and for which roles (None: for all)."""
SHOWN = (
    ("ctrl+k", "Ctrl K", "find"),
    ("n", "N", "new"),
    ("j", "J  K", "move"),
    ("[", "Enter", "open"),
    ("[", "[  ]", "stage"),
    ("escape", "Esc", "back"),
    ("?", "?", "list"),
)
"""Rows of the list: a key that must do something, what is written on the keys, and the words (``shortcut.<word>``)."""
LABEL_PX = 96
HELP = "/help/shortcuts"


@k.component
def ShortcutHost(role: str, route: str) -> ft.Control:
    """Listens while the product is open; holds the list."""
    page = ft.context.page
    shown, set_shown = ft.use_state(False)
    app = use_app()

    def find() -> object:
        # Another address each time: the field is made anew, and takes the keys.
        return k.leave(page, f"/customers?find={app.now_ms()}")

    keys: dict[str, Act] = {"?": lambda: set_shown(True), "ctrl+k": find}
    path = route.partition("?")[0].rstrip("/") or "/"
    made, roles = NEW.get(path, ("", None))
    if made and (roles is None or role in roles):
        keys["n"] = lambda: k.leave(page, made)
    k.use_keys(keys)

    def listen() -> Callable[[], None]:
        # From outside of the page's context: a key may lead to another screen.
        here = contextvars.copy_context()

        def heard(event: PlatformEvent) -> None:
            if event.kind == "key":
                pressed = SimpleNamespace(**event.detail)
                here.copy().run(k.keyboard_of(page).pressed, page, pressed)

        return app.platform.subscribe(heard)

    k.use_effect(listen, [])

    async def read(_: object) -> None:
        set_shown(False)
        await k.leave(page, HELP)

    ft.use_dialog(k.sheet(ShortcutList(read), lambda _: set_shown(False)) if shown else None)
    return ft.Container(width=0, height=0)


@k.component
def ShortcutList(on_help: Callable[[object], Awaitable[None]]) -> ft.Control:
    """The keys that do something on this screen, and the way to the help page about all of them."""
    p = k.look().palette
    bound = k.keyboard_of(ft.context.page).bound()
    rows = [
        k.row(
            ft.Container(k.box(k.text(label, 14, 600), k.pad(6, 10), p.container, 8), width=LABEL_PX),
            k.text(k.t(f"shortcut.{word}"), 15, expand=True),
            gap=12,
        )
        for name, label, word in SHOWN
        if name in bound
    ]
    more = k.button(k.t("shortcut.all"), on_help, kind="text", icon=ft.Icons.KEYBOARD_OUTLINED)
    foot = k.row(k.caption(k.t("shortcut.line"), expand=True), more, gap=12)
    return k.col(k.section_title(k.t("shortcut.title")), k.gap(12), *rows, k.gap(4), foot, gap=8)
