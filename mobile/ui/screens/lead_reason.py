"""Why a lead is invalid, or goes on after all: the usual reasons by one tap, others in words."""

from collections.abc import Callable

import flet as ft

from mobile.ui import kit as k

REASONS = {
    "lead.invalidate": ("competitor", "wrong_number", "no_need", "no_answer"),
    "lead.reopen": ("called_back", "mistake"),
}


@k.component
def ReasonSheet(command: str, name: str, on_reason: Callable[[str, str], None]) -> ft.Control:
    """``on_reason`` gets the command and the reason."""
    text, set_text = ft.use_state("")
    missing, set_missing = ft.use_state(False)

    def write(_: object) -> None:
        if text.strip():
            on_reason(command, text.strip())
        else:
            set_missing(True)

    chips = []
    for reason in REASONS[command]:
        words = k.t(f"leads.reason.{reason}")
        chips.append(k.chip(words, False, lambda _, words=words: on_reason(command, words)))
    return k.col(
        k.section_title(k.t(f"{command}.ask", name=name), 18),
        k.gap(12),
        ft.Row(chips, spacing=8, run_spacing=8, wrap=True),
        k.gap(12),
        k.text_field(
            k.t("leads.reason.other"),
            text,
            lambda e: set_text(e.control.value),
            error=k.t("error.required") if missing and not text.strip() else None,
            max_length=200,
        ),
        k.gap(12),
        k.button(k.t(f"{command}.do"), write, height=52),
    )
