"""What the app says back: empty states, error cards, snack bars, sheets, questions."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import flet as ft

from mobile.ui.kit.buttons import button
from mobile.ui.kit.layout import CENTER, Click, box, card, col, gap, pad
from mobile.ui.kit.text import section_title, soft, text
from mobile.ui.look import look, t
from mobile.ui.palette import Status
from mobile.ui.theme import RADIUS_SHEET, style

SHEET_WIDTH_MAX_PX = 640
SNACK_WIDTH_PX, SNACK_FOOT_PX = 480, 88
SNACK_MS, SNACK_ACTION_MS = 4_000, 10_000
"""How long a line stays: longer when there is something to tap."""


def empty_state(
    title: str,
    line: str,
    *,
    picture: str | None = None,
    icon: Any = ft.Icons.INBOX_OUTLINED,
    action: str | None = None,
    on_action: Click | None = None,
    action_icon: Any = None,
) -> ft.Control:
    """Picture, title, one line, one button. ``picture`` is a file of ``assets/illustrations`` without folder."""
    p = look().palette
    art: ft.Control
    if picture:
        art = ft.Image(src=f"/illustrations/{picture}", width=172, height=148, exclude_from_semantics=True)
    else:
        art = box(
            ft.Icon(icon, size=36, color=p.on_primary_container),
            None,
            p.primary_container,
            24,
            width=88,
            height=88,
            alignment=CENTER,
        )
    parts = [
        ft.Container(art, alignment=CENTER),
        gap(16),
        text(title, 20, 600, text_align=ft.TextAlign.CENTER),
        gap(6),
        soft(line, text_align=ft.TextAlign.CENTER),
    ]
    if action:
        parts += [gap(20), button(action, on_action, icon=action_icon, height=52)]
    return ft.Container(
        ft.Container(col(*parts), width=360),
        alignment=CENTER,
        padding=pad(32, 16),
    )


def broken_card(error: BaseException) -> ft.Control:
    """In the place of a part that could not be drawn: what happened, that nothing is lost, a way back."""
    page = ft.context.page
    p = look().palette
    said = f"{type(error).__name__}: {error}"[:200]
    report = "/feedback/new?" + urlencode({"kind": "problem", "from": page.route, "error": said})
    return ft.Container(
        card(
            col(
                ft.Icon(ft.Icons.BUILD_CIRCLE_OUTLINED, size=36, color=p.status["warn"].fg),
                gap(12),
                section_title(t("frame.error.title"), 20),
                gap(6),
                soft(t("frame.error.safe")),
                gap(6),
                text(said, 12, 400, p.text_soft),
                gap(16),
                button(t("frame.error.home"), lambda _: page.navigate("/"), icon=ft.Icons.HOME_ROUNDED, height=52),
                gap(8),
                button(t("frame.error.log"), lambda _: page.navigate("/settings"), kind="outlined"),
                gap(8),
                button(t("feedback.report"), lambda _: page.navigate(report), kind="text"),
                stretch=False,
            ),
            24,
        ),
        padding=look().gutter,
        alignment=CENTER,
    )


def snack(
    page: ft.Page,
    label: str,
    *,
    status: Status | None = None,
    action: str | None = None,
    on_action: Click | None = None,
) -> None:
    """A line at the foot that goes away by itself; screen readers hear it."""
    p = look().palette
    ground, color = (p.status[status].bg, p.status[status].fg) if status else (p.inverse, p.on_inverse)
    page.show_dialog(
        ft.SnackBar(
            content=ft.Semantics(live_region=True, container=True, content=ft.Text(label, style=style(14, 500, color))),
            bgcolor=ground,
            behavior=ft.SnackBarBehavior.FLOATING,
            elevation=2,
            # Flutter keeps a line with a button until somebody taps it; here it would lie over every later screen.
            persist=False,
            duration=SNACK_ACTION_MS if action else SNACK_MS,
            # Over the bar or the foot of a phone's screen, never on it: what is there stays in reach.
            margin=ft.Margin.only(left=16, right=16, bottom=SNACK_FOOT_PX) if look().layout == "phone" else None,
            width=SNACK_WIDTH_PX if look().layout != "phone" else None,
            action=ft.SnackBarAction(
                label=action, text_color=color if status else p.inverse_primary, on_click=on_action
            )
            if action
            else None,
        )
    )


def sheet(content: ft.Control, on_dismiss: Click) -> ft.BottomSheet:
    """A sheet from the foot, for ``ft.use_dialog(sheet(...) if shown else None)``. It scrolls when it is tall."""
    return ft.BottomSheet(
        content=ft.Container(content, padding=pad(0, 20, 20, 20), width=SHEET_WIDTH_MAX_PX),
        show_drag_handle=True,
        scrollable=True,
        bgcolor=look().palette.surface,
        on_dismiss=on_dismiss,
        animation_style=ft.AnimationStyle.no_animation() if look().reduced_motion else None,
        shape=ft.RoundedRectangleBorder(radius=ft.BorderRadius.only(top_left=RADIUS_SHEET, top_right=RADIUS_SHEET)),
        size_constraints=ft.BoxConstraints(max_width=SHEET_WIDTH_MAX_PX),
    )


def dialog(
    title: str, content: ft.Control, actions: list[ft.Control], on_dismiss: Click | None = None
) -> ft.AlertDialog:
    """A dialog in the product's look, for ``ft.use_dialog`` or ``page.show_dialog``."""
    p = look().palette
    return ft.AlertDialog(
        title=text(title, 20, 600),
        content=ft.Container(content, width=400),
        actions=actions,
        bgcolor=p.surface,
        shape=ft.RoundedRectangleBorder(radius=RADIUS_SHEET),
        on_dismiss=on_dismiss,
        scrollable=True,
        actions_overflow_button_spacing=8,
    )


async def ask(page: ft.Page, title: str, line: str, yes: str, *, no: str | None = None, danger: bool = False) -> bool:
    """A question; True when it was answered with ``yes``. Await it in an async event handler."""
    answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def answer(value: bool, close: bool = True) -> None:
        if not answered.done():
            answered.set_result(value)
            if close:
                page.pop_dialog()

    page.show_dialog(
        dialog(
            title,
            soft(line),
            [
                button(no or t("frame.cancel"), lambda _: answer(False), kind="text"),
                button(yes, lambda _: answer(True), kind="danger" if danger else "filled"),
            ],
            lambda _: answer(False, close=False),
        )
    )
    return await answered


def loading(label: str | None = None) -> ft.Control:
    """A ring while something is fetched; most screens never need it, because they read locally."""
    return ft.Container(
        col(
            ft.Container(ft.ProgressRing(width=32, height=32, stroke_width=3), alignment=CENTER),
            gap(12),
            soft(label or t("frame.loading"), text_align=ft.TextAlign.CENTER),
        ),
        alignment=CENTER,
        padding=48,
    )
