"""A step of the sign-in: the password of one's own, in place of the one that an administrator gave."""

from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.screens.gate import eye, page_problem

MINIMUM = 10
"""As the server wants it; it says more when it refuses."""


@k.component
def OwnPasswordStep(form: Any, steps: Any) -> ft.Control:
    """One field that can be read while it is typed; the server judges it with the code."""

    def typed(event: Any) -> None:
        steps.change(own=event.control.value, field="", words="")

    def go_on(_: object) -> None:
        if len(form.own) < MINIMUM:
            steps.change(field="own", words=k.t("frame.own.hint"))
        else:
            steps.change(own_done=True, field="", words="")

    return k.col(
        page_problem("" if form.field == "own" else form.words),
        k.section_title(k.t("frame.own.title"), 20),
        k.gap(4),
        k.soft(k.t("frame.own.line")),
        k.gap(20),
        k.text_field(
            k.t("frame.own.label"),
            form.own,
            typed,
            error=form.words if form.field == "own" else None,
            helper=k.t("frame.own.hint"),
            icon=ft.Icons.LOCK_OUTLINE_ROUNDED,
            password=not form.shown,
            suffix_icon=eye(form, steps),
            on_submit=go_on,
            autofill_hints=[ft.AutofillHint.NEW_PASSWORD],
        ),
        k.gap(20),
        k.button(k.t("frame.sign_in.next"), go_on, height=56),
        k.gap(8),
        k.button(k.t("frame.back"), lambda _: steps.back(), kind="text"),
    )
