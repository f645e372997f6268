"""Handed-over work: the manager's list with adopt and dismiss, and what its author reads about it."""

from typing import Any

import flet as ft

from mobile.store.queries import attachments, handovers, inbox
from mobile.store.queries.base import PAGE
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import run, run_or_tell
from mobile.ui.screens.customers import illustration
from mobile.ui.screens.inbox_refusal import LINES_SHOWN, contents
from mobile.ui.screens.inbox_words import describe
from mobile.ui.screens.listing import more_row
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words, problem_words
from shared.commands.attachments import claims
from shared.commands.quarantine import DISMISSED
from shared.protocol import Command

I = ft.Icons  # noqa: E741


@k.component
def HandoverList(names: dict[str, str]) -> ft.Control:
    """What waits, the oldest first, and below it what has been decided."""
    page = ft.context.page
    shown, set_shown = ft.use_state(PAGE)
    waiting = use_live(lambda s: handovers.open_items(s, limit=shown + 1), handovers.TOUCHED, shown)
    settled = use_live(lambda s: handovers.settled_items(s, limit=shown + 1), handovers.TOUCHED, shown)
    cards: list[ft.Control] = [HandoverCard(item, names, key=item["id"]) for item in waiting[:shown]]
    if not waiting:
        words = k.t("screen.handover.none"), k.t("screen.handover.none.line")
        nothing = k.empty_state(
            *words,
            picture=illustration("inbox-zero"),
            action=k.t("frame.nav.desk"),
            on_action=lambda _: page.navigate("/"),
        )
        cards.append(WhenHere(nothing))
    if settled:
        cards += [k.section_title(k.t("screen.handover.settled"))]
        cards += [SettledHandover(item, names, key=item["id"]) for item in settled[:shown]]
    longest = waiting if len(waiting) >= len(settled) else settled
    cards += more_row(longest, shown, lambda _: set_shown(shown + PAGE))
    return k.col(*cards, gap=12)


def _author(item: dict[str, Any], names: dict[str, str]) -> str:
    return names.get(item["author_id"], k.t("screen.conflict.somebody"))


def _title(item: dict[str, Any], names: dict[str, str]) -> str:
    store, who = use_app().open_store, _author(item, names)
    what = item["title"] or inbox.name_of(store, "account", item["account_id"])
    return k.t("screen.handover.title", who=who, what=what) if what else k.t("screen.handover.title_plain", who=who)


def _about(item: dict[str, Any]) -> str:
    app = use_app()
    when = moment(item["occurred_at"], app.now_ms(), app.time_zone)
    return k.t("screen.handover.about", device=item["device_name"], when=when) if item["device_name"] else when


@k.component
def HandoverCard(item: dict[str, Any], names: dict[str, str]) -> ft.Control:
    """One open item: whose, from where, why, all that it contained; adopt it or leave it undone with a reason."""
    page, app = ft.context.page, use_app()
    all_lines, set_all = ft.use_state(False)
    refusing, set_refusing = ft.use_state(False)
    who = _author(item, names)
    lines = describe(app.open_store, inbox.commands_of(item["payload"]))
    shown = lines if all_lines else lines[:LINES_SHOWN]

    def adopt(_: Any) -> None:
        run_or_tell(
            page, app, [Command("quarantine.adopt", {"item_id": item["id"]})], saved=k.t("screen.handover.adopted")
        )

    parts: list[ft.Control] = [
        k.row(k.choice_badge("quarantine_item", "reason", item["reason"]), k.caption(_about(item)), between=True),
        k.gap(8),
        ft.Semantics(header=True, content=k.text(_title(item, names), 16, 600, lines=2)),
        k.gap(2),
        k.soft(k.t(f"screen.handover.why.{item['reason']}", who=who)),
        k.gap(10),
        contents(shown),
    ]
    if len(lines) > len(shown):
        parts.append(k.button(k.t("screen.refusal.all", count=len(lines)), lambda _: set_all(True), kind="text"))
    parts += [*_files(item), k.gap(12)]
    if refusing:
        parts.append(DismissForm(item, who, lambda: set_refusing(False)))
    else:
        parts.append(
            k.row(
                k.button(k.t("screen.handover.adopt"), adopt, icon=I.ASSIGNMENT_TURNED_IN_OUTLINED, expand=True),
                k.button(
                    k.t("screen.handover.dismiss"),
                    lambda _: set_refusing(True),
                    icon=I.DO_NOT_DISTURB_ALT_ROUNDED,
                    kind="outlined",
                    expand=True,
                ),
                gap=8,
            )
        )
    return k.card(k.col(*parts))


def _files(item: dict[str, Any]) -> list[ft.Control]:
    """How many of its photos and recordings have come with their content."""
    named = list(claims(inbox.commands_of(item["payload"])))
    if not named:
        return []
    arrived = item["arrived"] or {}
    here = sum(claim.sha256 in arrived for claim in named)
    words = k.t("screen.handover.files", here=here, count=len(named))
    return [k.gap(8), k.status_line(words, "ok" if here == len(named) else "warn", I.ATTACH_FILE_ROUNDED, lines=2)]


@k.component
def DismissForm(item: dict[str, Any], who: str, on_close: Any) -> ft.Control:
    """The reason that the author will read."""
    page, app = ft.context.page, use_app()
    reason, set_reason = ft.use_state("")
    wrong, set_wrong = ft.use_state("")
    k.use_unsaved(lambda: bool(reason.strip()))

    def dismiss(_: Any) -> None:
        refused = run(app, [Command("quarantine.dismiss", {"item_id": item["id"], "reason": reason})])
        if refused is None:
            k.snack(page, k.t("screen.handover.dismissed", who=who))
        else:
            set_wrong(error_words(refused))

    return k.col(
        k.text_field(
            k.t("screen.handover.reason"),
            reason,
            lambda e: set_reason(e.control.value),
            error=wrong or None,
            helper=k.t("screen.handover.reason.helper", who=who),
        ),
        k.gap(12),
        k.row(
            k.button(k.t("frame.cancel"), lambda _: on_close(), kind="outlined"),
            k.button(k.t("screen.handover.dismiss.yes"), dismiss, icon=I.DO_NOT_DISTURB_ALT_ROUNDED, expand=True),
            gap=8,
        ),
    )


@k.component
def SettledHandover(item: dict[str, Any], names: dict[str, str]) -> ft.Control:
    """A decided item; all that it contained stays readable."""
    app = use_app()
    opened, set_opened = ft.use_state(False)
    by = names.get(item["settled_by"] or "", k.t("screen.conflict.somebody"))
    when = moment(item["settled_at"] or item["updated_at"], app.now_ms(), app.time_zone)
    lines = describe(app.open_store, inbox.commands_of(item["payload"]))
    parts: list[ft.Control] = [
        k.row(
            k.choice_badge("quarantine_item", "state", item["state"]),
            k.caption(k.t("screen.handover.settled_by", by=by, when=when)),
            between=True,
        ),
        k.gap(8),
        k.text(_title(item, names), 15, 600, lines=2),
    ]
    if item["note"]:
        parts += [k.gap(2), k.soft(k.t("screen.handover.note", reason=item["note"]), 13)]
    if opened:
        parts += [k.gap(8), contents(lines)]
    else:
        parts.append(k.button(k.t("screen.refusal.all", count=len(lines)), lambda _: set_opened(True), kind="text"))
    return k.card(k.col(*parts))


@k.component
def HandedOverCard(conflict: dict[str, Any]) -> ft.Control:
    """For the author: a manager has it, or has left it undone, with all that it contained."""
    page, app = ft.context.page, use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)
    undone = conflict["code"] == DISMISSED
    badge = (
        k.badge(k.t("screen.handed_over.dismissed"), "warn", I.DO_NOT_DISTURB_ALT_ROUNDED)
        if undone
        else k.badge(k.t("screen.handed_over.badge"), "info", I.ASSIGNMENT_IND_OUTLINED)
    )
    title = conflict["title"] or inbox.name_of(app.open_store, "account", conflict["account_id"])
    commands = inbox.commands_of(conflict["payload"])
    lines = describe(app.open_store, commands)
    left = use_live(lambda s: attachments.left_of(s, commands), {"_blob"}, conflict["id"])

    def noted(_: Any) -> None:
        run_or_tell(page, app, [Command("conflict.dismiss", {"conflict_id": conflict["id"]})])

    return k.card(
        k.col(
            k.row(badge, k.caption(when), between=True),
            k.gap(8),
            *([ft.Semantics(header=True, content=k.text(title, 16, 600, lines=2)), k.gap(2)] if title else []),
            k.soft(problem_words(conflict["code"], conflict["params"] or {})),
            k.gap(10),
            contents(lines),
            *([] if undone else _content_left(left)),
            k.gap(12),
            k.row(k.button(k.t("screen.handed_over.noted"), noted, icon=I.DONE_ALL_ROUNDED, kind="outlined")),
        )
    )


def _content_left(left: list[str]) -> list[ft.Control]:
    """What the manager does not have yet of the photos and recordings in it, and what the server never takes."""
    refused = sorted({problem for problem in left if problem})
    lines = [(k.t("screen.handed_over.refused", count=left.count(code), why=problem_words(code, {})), "warn")
             for code in refused]  # fmt: skip
    if waiting := left.count(""):
        lines.append((k.t("screen.handed_over.files", count=waiting), "info"))
    return [
        part
        for words, tone in lines
        for part in (k.gap(8), k.status_line(words, tone, I.ATTACH_FILE_ROUNDED, lines=3))
    ]
