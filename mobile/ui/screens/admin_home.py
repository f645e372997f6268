"""What an administrator should look at first: people who wait, devices that are silent, work without its author."""

import flet as ft

from mobile.store.queries import feedback, handovers, users
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.users import is_stale, use_online, waiting_count


@k.component
def AdminTodo() -> ft.Control:
    """A card of lines, each with the way to its rows; nothing when there is nothing to do, or nobody can be asked."""
    page, app = ft.context.page, use_app()
    online = use_online()
    handed_over = use_live(handovers.open_count, ["quarantine_item"])
    asked = use_live(feedback.open_count, ["feedback"])
    now = app.now_ms()
    waiting = use_live(lambda s: waiting_count(s, online) if online else 0, users.TOUCHED, online)
    silent = sum(1 for one in online.devices if is_stale(one, now)) if online else 0
    lines = [
        (k.t("users.waiting", count=waiting), ft.Icons.PERSON_ADD_ALT_1_ROUNDED, "/users", waiting),
        (k.t("users.stale", count=silent), ft.Icons.PHONELINK_OFF_OUTLINED, "/users", silent),
        (
            k.t("users.handed_over", count=handed_over),
            ft.Icons.MOVE_TO_INBOX_OUTLINED,
            "/inbox?show=handovers",
            handed_over,
        ),
        (k.t("feedback.todo", count=asked), ft.Icons.FORUM_OUTLINED, "/feedback?show=open", asked),
    ]
    tiles = [
        k.tile(
            k.text(words, 14, 500, lines=2),
            leading=k.icon_avatar(icon, status="warn"),
            trailing=ft.Icon(ft.Icons.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
            on_click=lambda _, route=route: page.navigate(route),
            name=words,
        )
        for words, icon, route, count in lines
        if count
    ]
    if not tiles:
        return ft.Container(height=0)
    return k.col(k.section_title(k.t("users.todo"), 14), k.gap(8), k.list_card(*tiles), k.gap(16))
