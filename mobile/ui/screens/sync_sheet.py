"""The sync sheet: first that nothing is lost, then what waits, how far the data are, and what storage promises."""

from typing import Any

import flet as ft

from mobile.platform.ports import StorageStatus
from mobile.state import first_hour
from mobile.state.app import App
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.command_words import describe as describe_commands
from mobile.ui.context import use_app, use_session, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.question_notice import question_notice
from mobile.ui.recovery_notice import awaited_notice, recovery_notice
from mobile.ui.screens.outbox_return import archived_section, import_outbox
from mobile.ui.sync_pill import clock_time, describe, moment
from mobile.ui.words import problem_words, size_words
from shared.rules.history import split_bucket
from sync.device.reports import PendingTransaction

SHOWN = 4
EXPANDED_MAX = 100
I = ft.Icons  # noqa: E741


@k.component
def SyncSheetHost() -> ft.Control:
    """Holds the sheet; the pill opens it through the app."""
    app = use_app()
    shown, set_shown = ft.use_state(False)

    def listen() -> Any:
        app.on_sync_sheet(set_shown)
        return lambda: app.on_sync_sheet(None)

    k.use_effect(listen, [])
    ft.use_dialog(k.sheet(SyncSheet(), lambda _: set_shown(False)) if shown else None)
    return ft.Container(width=0, height=0)


@k.component
def SyncSheet() -> ft.Control:
    """The content of the sheet."""
    app, sync, session = use_app(), use_sync(), use_session()
    pending = use_live(lambda _: app.device.pending(), ["_outbox"])
    aside = use_live(_left_behind, ["_archive"])
    storage, set_storage = ft.use_state(None)
    archived = use_live(lambda _: app.device.archived(), ["_archive", "_sent"])
    all_shown, set_all_shown = ft.use_state(False)
    all_archived, set_all_archived = ft.use_state(False)

    async def measure() -> None:
        set_storage(await app.platform.storage_status())

    k.use_effect(measure, [])
    k.use_effect(lambda: first_hour.note(app, "sheet"), [])
    parts: list[ft.Control] = [_head(app, sync), k.gap(12), _reassurance(app, len(pending), aside), k.gap(12)]
    if session.auth == "dead":
        parts += [_dead(app, session.problem), k.gap(12)]
    parts += [
        *question_notice(app, sync.question),
        *recovery_notice(app, sync.recovery),
        *awaited_notice(pending),
        *_stop_notice(app, sync),
        *_late_notice(sync),
    ]
    if pending:
        parts += _waiting(app, pending, all_shown, lambda _: set_all_shown(True))
    parts += archived_section(app, archived, all_archived, lambda _: set_all_archived(True))
    parts += _files(sync)
    parts += [
        _progress(sync),
        _storage(app, storage, bool(pending), set_storage),
        k.gap(16),
        _actions(app, sync, bool(pending)),
    ]
    return k.col(*parts)


def _head(app: App, sync: Any) -> ft.Control:
    words, status, icon, _ = describe(sync, app.time_zone, app.now_ms())
    last = (
        k.t("frame.sheet.last", time=moment(sync.last_sync_ms, app.now_ms(), app.time_zone))
        if sync.last_sync_ms
        else k.t("frame.sheet.never")
    )
    pair = k.look().palette.status[status]
    state = k.box(
        k.row(ft.Icon(icon, size=18, color=pair.fg), k.text(words, 13, 600, pair.fg, lines=1), gap=6, tight=True),
        k.pad(10, 12),
        pair.bg,
        20,
    )
    return k.row(
        ft.Container(k.col(k.section_title(k.t("frame.sheet.title"), 20), k.caption(last)), expand=True), state
    )


def _left_behind(store: SqliteStore) -> int:
    """Changes that a fresh start set aside: no server ever had them."""
    return sum(item["reason"] == "start_fresh" for item in store.archived())


def _reassurance(app: App, unsent: int, aside: int = 0) -> ft.Control:
    where = "phone" if k.look().layout == "phone" else "computer"
    if aside and not unsent:
        return k.notice(
            k.t("frame.sheet.all_sent_line"),
            "info",
            detail=k.t("frame.sheet.aside" if aside > 1 else "frame.sheet.aside.one", count=aside),
            icon=I.INVENTORY_2_OUTLINED,
        )
    if not unsent:
        return k.notice(
            k.t("frame.sheet.all_sent"), "ok", detail=k.t("frame.sheet.all_sent_line"), icon=I.CLOUD_DONE_ROUNDED
        )
    one = ".one" if unsent == 1 else ""
    goes_on = {"sign_in": "frame.sheet.safe_sign_in", "stopped": "frame.stopped.safe"}
    return k.notice(
        k.t(f"frame.sheet.safe.{where}{one}", count=unsent),
        "ok",
        detail=k.t(goes_on.get(app.sync.phase, "frame.sheet.safe_line")),
        icon=I.SHIELD_OUTLINED,
    )


def _dead(app: App, code: str) -> ft.Control:
    async def again(_: object) -> None:
        app.show_sync_sheet(False)
        await app.doors.sign_in_again()

    return k.notice(
        problem_words(code or "session_expired"),
        "bad",
        icon=I.LOCK_OUTLINE_ROUNDED,
        action=k.t("frame.sign_in.again"),
        on_action=again,
        live=True,
    )


def _stop_notice(app: App, sync: Any) -> list[ft.Control]:
    if sync.phase != "stopped":
        return []
    page = ft.context.page

    async def fresh(_: object) -> None:
        waiting = len(app.device.pending())
        line = k.t("frame.reset.line_unsent", count=waiting) if waiting else k.t("frame.reset.line")
        if await k.ask(page, k.t("frame.reset.ask"), line, k.t("frame.reset.yes" if waiting else "frame.reset.begin")):
            if waiting:
                await export_outbox(page, app)
            app.device.start_fresh()
            app.start_exchange()

    reason = app.device.stopped
    if reason == "reset":
        return [
            k.notice(
                k.t("frame.reset.title"),
                "warn",
                detail=k.t("frame.reset.why"),
                action=k.t("frame.reset.begin"),
                on_action=fresh,
                live=True,
            ),
            k.gap(12),
        ]
    known = reason if reason in ("upgrade", "revoked", "refused") else "refused"
    return [k.notice(k.t(f"frame.stopped.{known}"), "warn", detail=k.t("frame.stopped.safe"), live=True), k.gap(12)]


def _late_notice(sync: Any) -> list[ft.Control]:
    if sync.problem not in ("server_older", "server_full"):
        return []
    words, todo = k.t(f"error.{sync.problem}"), k.t(f"error.{sync.problem}.todo")
    return [k.notice(words, "info", detail=todo, icon=I.HOURGLASS_TOP_ROUNDED, live=True), k.gap(12)]


def _waiting(app: App, pending: list[PendingTransaction], all_shown: bool, on_more: Any) -> list[ft.Control]:
    shown = pending[: EXPANDED_MAX if all_shown else SHOWN]
    parts: list[ft.Control] = [
        k.row(
            k.section_title(k.t("frame.sheet.waiting", count=len(pending)), 14),
            k.caption(k.t("frame.sheet.order")),
            between=True,
        )
    ]
    for index, entry in enumerate(shown):
        if index:
            parts.append(k.hairline())
        parts.append(_entry(app, entry))
    if len(pending) > len(shown) and not all_shown:
        parts.append(k.row(k.link(k.t("frame.more", count=len(pending) - len(shown)), on_more, I.EXPAND_MORE_ROUNDED)))
    return [*parts, k.gap(12)]


def _files(sync: Any) -> list[ft.Control]:
    """The queue of attachments, apart from the outbox: they wait for orders, never the other way round."""
    files = sync.files
    if not files.count:
        return []
    total = size_words(files.total)
    title = k.t("files.waiting.one" if files.count == 1 else "files.waiting", count=files.count, size=total)
    line = k.t("files.after_orders")
    if files.problem and files.problem not in ("offline", "timeout", "aborted", "server"):
        line = problem_words(files.problem, files.params)
    if files.current:
        line = k.t("files.on_its_way", size=size_words(files.sent))
    return [k.notice(title, "info", detail=line, icon=I.ATTACH_FILE_ROUNDED), k.gap(12)]


def _entry(app: App, entry: PendingTransaction) -> ft.Control:
    icon, words = describe_commands(app.open_store, entry.commands)
    when = (
        clock_time(entry.occurred_at, app.time_zone)
        if _same_day(app, entry)
        else moment(entry.occurred_at, app.now_ms(), app.time_zone)
    )
    if entry.awaited and not entry.held:
        mark = k.badge(k.t("frame.sheet.awaited"), "info", I.HOURGLASS_TOP_ROUNDED)
    elif entry.held or entry.doubtful:
        mark = k.badge(k.t("frame.sheet.attention"), "bad")
    elif entry.again:
        mark = k.badge(k.t("frame.sheet.again"), "info", I.CLOUD_SYNC_OUTLINED)
    elif entry.sent:
        mark = k.badge(k.t("frame.sheet.sent"), "info", I.CLOUD_SYNC_OUTLINED)
    else:
        mark = k.badge(k.t("frame.sheet.queued"), "warn")
    return k.tile(words, when, leading=k.icon_avatar(icon), trailing=mark, height=60, padding=0)


def _same_day(app: App, entry: PendingTransaction) -> bool:
    from shared.timezone import business_date

    return business_date(entry.occurred_at, app.time_zone) == app.today()


def _progress(sync: Any) -> ft.Control:
    behind = [item for item in sync.progress if item.share < 1]
    if not behind:
        return ft.Container(height=0)
    rows = [
        k.col(
            k.row(k.soft(_bucket(item.bucket), 13, expand=True), k.caption(f"{item.share:.0%}")),
            k.gap(4),
            k.progress_bar(item.share, height=6, name=_bucket(item.bucket)),
        )
        for item in behind
    ]
    return ft.Container(
        k.col(k.section_title(k.t("frame.sheet.progress"), 14), *rows, gap=8), padding=k.pad(0, 0, 16, 0)
    )


def _bucket(name: str) -> str:
    base, month = split_bucket(name)
    if month:
        return k.t("frame.bucket.history", month=month)
    kind = base.partition(":")[0]
    return k.t(f"frame.bucket.{kind if kind in ('org', 'stock', 'user', 'team', 'managers', 'admins') else 'other'}")


def _storage(app: App, status: StorageStatus | None, unsent: bool, set_storage: Any) -> ft.Control:
    if status is None:
        return ft.Container(height=0)

    async def promise(_: object) -> None:
        await app.platform.request_persistence()
        set_storage(await app.platform.storage_status())

    parts: list[ft.Control] = []
    if status.usage_bytes is not None and status.quota_bytes:
        sizes = f"{size_words(status.usage_bytes)} / {size_words(status.quota_bytes)}"
        parts += [
            k.row(
                ft.Icon(I.STORAGE_ROUNDED, size=18, color=k.look().palette.text_soft),
                k.section_title(k.t("frame.sheet.storage"), 14),
                k.spacer(),
                k.soft(sizes, 13),
                gap=8,
            ),
            k.gap(8),
            k.progress_bar(status.usage_bytes / status.quota_bytes, height=6, name=k.t("frame.sheet.storage")),
        ]
    if status.persisted:
        kept = "frame.sheet.persisted" if app.platform.kind == "browser" else "frame.sheet.persisted_native"
        parts += [k.gap(6), k.status_line(k.t(kept), "ok", size=12, lines=2)]
    elif unsent:
        parts += [
            k.gap(8),
            k.notice(
                k.t("frame.sheet.evictable"),
                "warn",
                detail=k.t("frame.sheet.evictable_line"),
                action=k.t("frame.sheet.promise"),
                on_action=promise,
            ),
        ]
    else:
        parts += [
            k.gap(6),
            k.row(
                ft.Container(
                    k.status_line(k.t("frame.sheet.not_persisted"), "mute", I.INFO_OUTLINE_ROUNDED, size=12, lines=2),
                    expand=True,
                ),
                k.link(k.t("frame.sheet.promise"), promise),
            ),
        ]
    return k.col(*parts)


def _actions(app: App, sync: Any, unsent: bool) -> ft.Control:
    page = ft.context.page

    async def export(_: object) -> None:
        await export_outbox(page, app)

    async def bring_back(_: object) -> None:
        await import_outbox(page, app)

    busy = sync.phase == "sending"
    parts: list[ft.Control] = []
    if unsent:
        parts += [k.button(k.t("frame.sheet.export"), export, icon=I.DOWNLOAD_ROUNDED, kind="outlined"), k.gap(8)]
    parts.append(
        k.button(
            k.t("frame.sheet.sending" if busy else "frame.sheet.now"),
            lambda _: app.sync_now(),
            icon=I.SYNC_ROUNDED,
            height=52,
            disabled=busy,
        )
    )
    parts += [k.gap(4), k.row(k.link(k.t("frame.import.action"), bring_back, I.UPLOAD_FILE_ROUNDED))]
    return k.col(*parts)


async def export_outbox(page: ft.Page, app: App) -> None:
    """Hand the unsent work to the user as a file, and say so."""
    k.snack(page, k.t("frame.sheet.exported", name=await save_outbox(app)))


async def save_outbox(app: App) -> str:
    """Hand the unsent work to the user as a file; returns its name or place."""
    body = app.device.export_outbox()
    name = f"caravan-outbox-{app.session.info.user.login if app.session.info else ''}-{app.today().isoformat()}.json"
    return await app.platform.save_file(name, body, "application/json") or name
