"""The root component and what makes a window ready: look, theme, events of the page."""

import flet as ft

from mobile.state import preferences
from mobile.state.app import App
from mobile.ui import context
from mobile.ui import kit as k
from mobile.ui import look as looks
from mobile.ui.kit.boundary import guard_session, keep_drawing, on_error
from mobile.ui.palette import DARK, LIGHT
from mobile.ui.routes import NotFound, tree
from mobile.ui.shell import Shell
from mobile.ui.theme import build_theme

_ROUTES = tree(Shell)
WIDTH_STEP_PX = 8


@k.component
def Gate() -> ft.Control:
    """What the session allows to be seen: the product, or the page that says what is needed first."""
    session = context.use_session()
    if session.phase == "open":
        return ft.Router(_ROUTES, not_found=NotFound)
    from mobile.ui.screens.gate import GatePage

    return GatePage()


@ft.component
def Root() -> list[ft.View]:
    """One view: transitions and the back button follow the address."""
    current, _ = ft.use_state(looks.look())
    return [
        ft.View(
            route="/",
            padding=0,
            spacing=0,
            bgcolor=current.palette.surface,
            controls=[ft.SafeArea(ft.Container(Gate(), expand=True), expand=True)],
        )
    ]


def prepare(page: ft.Page, app: App) -> None:
    """Attach app and look to the page, and follow its size and brightness."""
    current = app.look
    looks.attach(page, current)
    context.attach(page, app)
    on_error(lambda error, where: keep_error(page, app, error, where))
    guard_session(page)
    page.theme, page.dark_theme = build_theme(LIGHT), build_theme(DARK)
    page.title = "Caravan 商队"
    current.width, current.height = page.width or current.width, page.height or current.height
    current.system_dark = page.platform_brightness == ft.Brightness.DARK

    def resized(event: ft.PageResizeEvent) -> None:
        old = current.layout
        if abs(event.width - current.width) >= WIDTH_STEP_PX or abs(event.height - current.height) >= WIDTH_STEP_PX:
            current.width, current.height = event.width, event.height
        elif old != current.layout:
            current.width = event.width

    def brightness(_: object) -> None:
        # The event arrives without its payload in Flet 1.0.5; the page's own property is already up to date.
        current.system_dark = page.platform_brightness == ft.Brightness.DARK

    page.on_resize = resized
    page.on_platform_brightness_change = brightness
    apply_look(page, app)


def apply_look(page: ft.Page, app: App) -> None:
    """Hand theme mode and language to Flutter (date pickers, selection menus)."""
    current = app.look
    page.theme_mode = {"system": ft.ThemeMode.SYSTEM, "light": ft.ThemeMode.LIGHT, "dark": ft.ThemeMode.DARK}[
        current.mode
    ]
    page.locale_configuration = ft.LocaleConfiguration(
        supported_locales=[ft.Locale("zh", "CN"), ft.Locale("en", "GB")],
        current_locale=ft.Locale("zh", "CN") if current.language == "zh" else ft.Locale("en", "GB"),
    )


async def choose_look(page: ft.Page, app: App, *, language: str | None = None, mode: str | None = None) -> None:
    """The user's choice of language or theme: shown at once, kept on the device."""
    app.look.language = language or app.look.language
    app.look.mode = mode or app.look.mode  # type: ignore[assignment]
    apply_look(page, app)
    page.update()
    await preferences.save(app.platform.device_area, app.look)
    await tell_document(app)


async def tell_document(app: App) -> None:
    """The browser's page follows the look; it draws the loading frame of the next start in it."""
    language = "zh-CN" if app.look.language == "zh" else "en"
    await app.platform.set_document(k.t("frame.app.title"), language, app.look.mode)


def keep_error(page: ft.Page, app: App, error: BaseException, where: str) -> None:
    """Into the local log, in memory at once and on the device soon."""
    app.errors.add(error, where)
    page.run_task(app.errors.save)


def show(page: ft.Page) -> None:
    """Draw the first screen."""
    page.render_views(Root)
    keep_drawing(page)
