"""Help: the list of pages with a search, and one page."""

from typing import Any
from urllib.parse import quote

import flet as ft

from mobile.state.help_pages import HelpPage, HelpUnavailable, known, linked_page, load, search
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.palette import FONT
from mobile.ui.routes import query
from mobile.ui.screens.feedback import address_of, writing
from mobile.ui.theme import W, style

I = ft.Icons  # noqa: E741
HELP_WIDTH_PX = 720


def use_help() -> tuple[tuple[HelpPage, ...] | None, bool, Any]:
    """(pages or None, whether they cannot be had, the way to try again). A hook; loads once per language."""
    platform, language = use_app().platform, k.look().language
    failed, set_failed = ft.use_state(False)
    _, draw = ft.use_state(0)

    async def fetch() -> None:
        try:
            await load(platform, language)
        except HelpUnavailable:
            set_failed(True)
        else:
            set_failed(False)
            draw(lambda version: version + 1)

    async def again(_: object) -> None:
        set_failed(False)
        await fetch()

    k.use_effect(fetch, [language])
    pages = known(platform, language)
    return pages, failed and pages is None, again


def _instead(failed: bool, again: Any) -> ft.Control:
    if not failed:
        return k.loading(k.t("help.loading"))
    return k.empty_state(
        k.t("help.unavailable"),
        k.t("help.unavailable.line"),
        icon=I.CLOUD_OFF_OUTLINED,
        action=k.t("help.again"),
        on_action=again,
        action_icon=I.REFRESH_ROUNDED,
    )


@k.component
def HelpScreen() -> ft.Control:
    """The screen behind ``/help``."""
    page = ft.context.page
    words, set_words = ft.use_state("")
    pages, failed, again = use_help()
    hits = search(pages or (), words)
    if pages is None:
        body = _instead(failed, again)
    elif not hits:
        body = k.empty_state(k.t("help.nothing"), k.t("help.nothing.line"), icon=I.SEARCH_OFF_ROUNDED)
    else:
        body = k.list_card(
            *[
                k.tile(
                    hit.title,
                    line,
                    leading=k.icon_avatar(I.ARTICLE_OUTLINED),
                    trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
                    on_click=lambda _, name=hit.name: page.navigate(f"/help/{name}"),
                )
                for hit, line in hits
            ]
        )
    ask = k.list_card(
        k.tile(
            k.t("first_hour.title"),
            k.t("first_hour.help"),
            leading=k.icon_avatar(I.ROCKET_LAUNCH_OUTLINED),
            trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
            on_click=lambda _: page.navigate("/first-hour"),
        ),
        k.tile(
            k.t("feedback.ask"),
            k.t("feedback.write.line"),
            leading=k.icon_avatar(I.FORUM_OUTLINED),
            trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
            on_click=lambda _: page.navigate(writing(kind="question")),
        ),
    )
    field = k.search_field(words, lambda event: set_words(event.control.value), hint=k.t("help.search"))
    side = k.look().gutter
    top = ft.Container(field, padding=k.pad(0, side, 12, side))
    parts = [body, ask] if words.strip() else [ask, body]  # what was looked for comes first
    return k.scaffold(k.t("help.title"), *parts, back="/settings", top=top, max_width=HELP_WIDTH_PX)


@k.component
def HelpPageScreen() -> ft.Control:
    """The screen behind ``/help/<page>``; ``?from=`` names the screen whose button led here."""
    page = ft.context.page
    name = ft.use_route_params()["page"]
    pages, failed, again = use_help()
    origin = query().get("from", "")
    # Only an address of this app: the parameter may come from anywhere.
    back = origin if origin.startswith("/") and not origin.startswith("//") else "/help"
    ask = k.button(
        k.t("feedback.ask"),
        lambda _: page.navigate(writing(address_of(origin), kind="question")),
        kind="text",
        icon=I.FORUM_OUTLINED,
    )
    shown = next((one for one in pages or () if one.name == name), None)
    others = k.button(k.t("help.all"), lambda _: page.navigate("/help"), kind="text", icon=I.MENU_BOOK_OUTLINED)
    if pages is None:
        return k.scaffold(k.t("help.title"), _instead(failed, again), back=back)
    if shown is None:
        blank = k.empty_state(k.t("help.missing"), k.t("help.missing.line"), icon=I.EXPLORE_OFF_OUTLINED)
        return k.scaffold(k.t("help.title"), blank, k.row(others, alignment=ft.MainAxisAlignment.CENTER), back=back)

    def follow(event: Any) -> None:
        target = linked_page(str(event.data))
        if target is not None:
            suffix = f"?from={quote(origin, safe='')}" if origin else ""
            page.navigate(f"/help/{target}{suffix}")

    body = k.card(_markdown(shown.text, follow), k.pad(16, 20))
    return k.scaffold(shown.title, body, ft.Row([others, ask], wrap=True), back=back, max_width=HELP_WIDTH_PX)


def _markdown(source: str, follow: Any) -> ft.Control:
    p = k.look().palette
    text = style(16, 400, p.text)
    heading = style(18, 600, p.text)
    sheet = ft.MarkdownStyleSheet(
        p_text_style=text,
        h2_text_style=heading,
        h3_text_style=style(16, 600, p.text),
        strong_text_style=ft.TextStyle(font_family=FONT, weight=W.W_600, color=p.text),
        em_text_style=ft.TextStyle(font_family=FONT, weight=W.W_500, color=p.text),
        a_text_style=ft.TextStyle(font_family=FONT, weight=W.W_600, color=p.primary),
        code_text_style=ft.TextStyle(font_family=FONT, color=p.text, bgcolor=p.container),
        list_bullet_text_style=style(16, 400, p.text_soft),
        block_spacing=10,
        list_indent=26,
    )
    return ft.Markdown(
        source,
        md_style_sheet=sheet,
        extension_set=ft.MarkdownExtensionSet.GITHUB_FLAVORED,
        on_tap_link=follow,
    )
