"""Enrolment: a QR code drawn here, the secret to type instead, and the first code."""

import io
from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.screens.gate import page_problem

QR_PX = 208


def qr_png(text: str) -> bytes:
    """The QR code as PNG, dark on light in both themes: scanners want it so."""
    import segno

    buffer = io.BytesIO()
    segno.make_qr(text, error="m").save(buffer, kind="png", scale=6, border=4)
    return buffer.getvalue()


def grouped(secret: str) -> str:
    """The secret in groups of four, for eyes and fingers."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


@k.component
def EnrolStep(form: Any, steps: Any) -> ft.Control:
    """Scan or type, then prove it with a code."""
    page = ft.context.page
    code = ft.use_memo(lambda: qr_png(form.enrolment.otpauth_uri), [form.enrolment.otpauth_uri])
    secret = form.enrolment.secret

    async def typed(value: str) -> None:
        steps.change(code=value, field="" if value else form.field, words="" if value else form.words)
        if len(value) == 6 and not form.busy:
            await steps.send_code(form, value)

    async def copy(_: object) -> None:
        await ft.Clipboard().set(secret)
        k.snack(page, k.t("frame.enrol.copied"))

    parts: list[ft.Control] = [
        k.section_title(k.t("frame.enrol.title"), 20),
        k.gap(4),
        k.soft(k.t("frame.enrol.line")),
        k.gap(16),
        ft.Container(
            ft.Container(
                ft.Image(
                    src=code, width=QR_PX, height=QR_PX, semantics_label=k.t("frame.enrol.qr"), gapless_playback=True
                ),
                bgcolor="#FFFFFF",
                border_radius=16,
                padding=8,
            ),
            alignment=k.CENTER,
        ),
        k.gap(12),
        k.caption(k.t("frame.enrol.type"), lines=2),
        k.gap(6),
        k.card(
            k.row(
                ft.Container(
                    ft.Text(
                        grouped(secret),
                        style=k.text("", 15, 600).style,
                        selectable=True,
                        semantics_label=" ".join(secret),
                    ),
                    expand=True,
                ),
                k.icon_button(ft.Icons.COPY_ROUNDED, k.t("frame.enrol.copy"), copy),
            ),
            k.pad(4, 4, 4, 14),
        ),
        k.gap(20),
    ]
    parts += [
        page_problem("" if form.field else form.words),
        k.text(k.t("frame.enrol.code"), 16, 600),
        k.gap(10),
        k.code_boxes(
            form.code,
            lambda value: page.run_task(typed, value),
            label=k.t("frame.sign_in.code_label"),
            error=form.words if form.field == "code" else None,
            autofocus=False,
        ),
        k.gap(16),
        k.button(k.t("frame.back"), lambda _: steps.back(), kind="text", disabled=form.busy),
    ]
    return k.col(*parts)
