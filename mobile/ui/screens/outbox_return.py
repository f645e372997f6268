"""Work that comes back: an exported file that is imported, and archived work that is sent again."""

from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.ui import kit as k
from mobile.ui.command_words import describe
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.errors import CaravanError
from sync.device.importing import ImportReport
from sync.device.reports import ArchivedTransaction

SHOWN = 4
I = ft.Icons  # noqa: E741


def archived_section(app: App, archived: list[ArchivedTransaction], all_shown: bool, on_more: Any) -> list[ft.Control]:
    """What was set aside, the newest first, each with the way back; nothing when there is none."""
    if not archived:
        return []
    page = ft.context.page
    shown = archived[::-1] if all_shown else archived[::-1][:SHOWN]

    def again(chosen: list[ArchivedTransaction]) -> Any:
        async def send(_: object) -> None:
            send_again(page, app, chosen)

        return send

    parts: list[ft.Control] = [
        k.row(
            k.section_title(k.t("frame.archive.title", count=len(archived)), 14),
            k.link(k.t("frame.archive.all"), again(archived)) if len(archived) > 1 else k.gap(0),
            between=True,
        ),
        k.caption(k.t("frame.archive.line"), lines=3),
    ]
    for entry in shown:
        icon, words = describe(app.open_store, entry.commands)
        reason = entry.reason if entry.reason in ("start_fresh", "discarded") else "other"
        when = moment(entry.occurred_at, app.now_ms(), app.time_zone)
        parts.append(
            k.tile(
                words,
                f"{when} · {k.t(f'frame.archive.{reason}')}",
                leading=k.icon_avatar(icon),
                action=k.icon_button(I.REPLAY_ROUNDED, k.t("frame.archive.again", what=words), again([entry])),
                height=60,
                padding=0,
            )
        )
    if len(archived) > len(shown):
        words = k.t("frame.more", count=len(archived) - len(shown))
        parts.append(k.row(k.link(words, on_more, I.EXPAND_MORE_ROUNDED)))
    return [*parts, k.gap(12)]


def send_again(page: ft.Page, app: App, chosen: list[ArchivedTransaction]) -> None:
    """Moves the work back into the outbox, in its order, and sends it."""
    try:
        for entry in chosen:
            app.device.send_again(entry.tx_id)
    except CaravanError as refused:
        k.snack(page, error_words(refused), status="bad")
        return
    k.snack(page, k.t("frame.archive.sent_again", count=len(chosen)))
    app.sync_now()


async def import_outbox(page: ft.Page, app: App) -> None:
    """Has the person choose an exported file and brings its work back."""
    files = await ft.FilePicker().pick_files(
        dialog_title=k.t("frame.import.action"),
        file_type=ft.FilePickerFileType.CUSTOM,
        allowed_extensions=["json"],
        with_data=True,
        cancel_upload_on_window_blur=False,
    )
    if files:
        await bring_in(page, app, files[0].bytes or b"")


async def bring_in(page: ft.Page, app: App, body: bytes) -> None:
    """Imports the file's work, asks when it was made on other data, and says what became of it."""
    try:
        try:
            report = app.device.import_outbox(body)
        except CaravanError as refused:
            if refused.code != "export_other_dataset":
                raise
            line = k.t("frame.import.other_line", **refused.params)
            if not await k.ask(page, k.t("frame.import.other"), line, k.t("frame.import.other_yes")):
                return
            report = app.device.import_outbox(body, even_other_dataset=True)
    except CaravanError as refused:
        k.snack(page, error_words(refused), status="bad")
        return
    k.snack(page, imported_words(report))
    if report.added:
        app.sync_now()


def imported_words(report: ImportReport) -> str:
    """How many came back, and how many did not need to."""
    known = len(report.waiting) + len(report.answered)
    if not report.added:
        return k.t("frame.import.nothing", count=known)
    parts = [k.t("frame.import.added", count=len(report.added))]
    if known:
        parts.append(k.t("frame.import.known", count=known))
    if report.doubtful:
        parts.append(k.t("frame.import.doubtful", count=len(report.doubtful)))
    return ("" if k.look().language == "zh" else " ").join(parts)
