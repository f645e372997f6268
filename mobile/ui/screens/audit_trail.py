"""``/log/:entity/:row_id``: who changed a record, from what to what, when and on which device. Needs the network."""

from typing import Any

import flet as ft

from mobile.state.audit_log import audit_of
from mobile.store.queries import inbox
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.palette import Status
from mobile.ui.screens.inbox_words import value_words
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words, problem_words
from shared.audit_trail import Change, Step, Trail, TrailEntry
from shared.catalog import ENTITIES
from shared.errors import CaravanError
from shared.fields import Kind
from shared.labels import entity_label, field_key, field_label
from shared.locale import has
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
PARENTS = {"account": "/customers/{}", "order": "/orders/{}", "opportunity": "/deals/{}", "lead": "/leads/{}"}
STATUSES: dict[str, tuple[Status, Any]] = {
    "accepted": ("ok", I.CHECK_CIRCLE_ROUNDED),
    "merged": ("mix", I.CALL_SPLIT_ROUNDED),
    "rejected": ("bad", I.ERROR_ROUNDED),
}


def address(entity: str, row_id: str) -> str:
    """Where a record's trail is shown."""
    return f"/log/{entity}/{row_id}"


def trail_button(entity: str, row_id: str) -> ft.Control:
    """Opens the trail of a record, for its page."""
    page = ft.context.page
    return k.button(
        k.t("audit.open"), lambda _: page.navigate(address(entity, row_id)), icon=I.HISTORY_ROUNDED, kind="text"
    )


@k.component
def AuditTrailScreen() -> ft.Control:
    """The screen behind the address."""
    params = ft.use_route_params()
    entity, row_id = params.get("entity", ""), params.get("row_id", "")
    return AuditTrail(entity, row_id, key=f"{entity} {row_id}")


@k.component
def AuditTrail(entity: str, row_id: str) -> ft.Control:
    """Asks at once, and again when the network is back."""
    app, sync = use_app(), use_sync()
    pages, set_pages = ft.use_state([])
    problem, set_problem = ft.use_state("")
    asked, set_asked = ft.use_state(0)

    async def load() -> None:
        before = pages[-1].entries[-1].n if pages and pages[-1].more else 0
        try:
            found = await audit_of(app).trail(entity, row_id, before)
        except TransportError:
            set_problem("offline")
        except CaravanError as refused:
            set_problem(error_words(refused))
        else:
            set_problem("")
            set_pages(lambda old: [*old, found] if before else [found])

    k.use_effect(load, [asked, sync.online])
    title = app.open_store.get(entity, row_id) if entity in ENTITIES else None
    name = str((title or {}).get(ENTITIES[entity].options.title) or "") if entity in ENTITIES else ""
    body = [_problem(problem, bool(pages), lambda _: set_asked(asked + 1))] if problem else []
    if not pages and not problem:
        body.append(k.card(k.loading(k.t("audit.loading"))))
    if pages:
        body += _found(pages, entity, lambda _: set_asked(asked + 1))
    return k.scaffold(
        k.t("audit.title"), *body, back=PARENTS.get(entity, "/").format(row_id), subtitle=name or None, max_width=760
    )


def _problem(problem: str, shown: bool, again: Any) -> ft.Control:
    if problem != "offline":
        return k.notice(problem, "bad", action=k.t("audit.again"), on_action=again)
    line = k.t("audit.offline.shown" if shown else "audit.offline.line")
    return k.notice(
        k.t("audit.offline"), "warn", detail=line, icon=I.CLOUD_OFF_ROUNDED, action=k.t("audit.again"), on_action=again,
        live=True,
    )  # fmt: skip


def _found(pages: list[Trail], entity: str, more: Any) -> list[ft.Control]:
    newest = pages[-1]
    entries = [entry for page in pages for entry in page.entries]
    parts: list[ft.Control] = []
    if newest.chain is not None:
        parts.append(chain_line(newest.chain.intact, newest.chain.broken_at, newest.chain.entries))
    if not newest.complete:
        parts.append(k.notice(k.t("audit.behind"), "info"))
    if not entries:
        parts.append(k.empty_state(k.t("audit.none"), k.t("audit.none.line"), icon=I.HISTORY_ROUNDED))
    parts += [_entry(entry, entity, entry is entries[-1]) for entry in entries]
    if newest.more:
        parts.append(k.button(k.t("screen.more"), more, kind="text"))
    return parts


def chain_line(intact: bool, broken_at: int | None, entries: int) -> ft.Control:
    """Whether the log is whole, in a line."""
    if intact:
        return k.status_line(k.t("audit.intact", count=entries), "ok", I.VERIFIED_USER_OUTLINED, lines=2)
    return k.notice(k.t("audit.broken", n=broken_at or 0), "bad", detail=k.t("audit.broken.todo"))


def _entry(entry: TrailEntry, entity: str, last: bool) -> ft.Control:
    app = use_app()
    status, icon = STATUSES.get(entry.status, ("info", I.INFO_OUTLINE_ROUNDED))
    when = moment(entry.occurred_at, app.now_ms(), app.time_zone)
    who = entry.user_name or k.t("audit.server")
    meta = " · ".join(part for part in (when, who, entry.device_name) if part)
    body: list[ft.Control] = []
    if entry.status == "rejected":
        body.append(k.text(problem_words(entry.code, {}, detail=k.t("audit.rejected")), 13, 500))
    elif entry.status == "merged":
        body.append(k.text(k.t("audit.merged"), 13, 500))
    if entry.erased:
        body.append(k.caption(k.t("audit.erased"), lines=2))
    for step in entry.steps:
        body += [_change(step, change, entity) for change in step.changes]
    heading = "、" if k.look().language == "zh" else ", "
    title = heading.join(dict.fromkeys(step_words(step, entity) for step in entry.steps))
    return k.timeline_entry(icon, title, meta, k.col(*body, gap=4) if body else None, status=status, last=last)


def step_words(step: Step, entity: str) -> str:
    """A command's name in the reader's language."""
    about, _, action = step.command.partition(".")
    language = k.look().language
    for key in (f"audit.did.{step.command}", f"screen.did.{step.command}"):
        if has(key):
            return k.t(key, what=entity_label(language, entity), name="", who="", reason="").strip(" ：:")
    if has(f"audit.did.{action}"):
        return k.t(f"audit.did.{action}", what=entity_label(language, about))
    return k.t("audit.did.other", what=entity_label(language, entity), command=step.command)


def _change(step: Step, change: Change, entity: str) -> ft.Control:
    about = step.command.partition(".")[0]
    about = about if about in ENTITIES else entity
    known = has(field_key(about, change.field))
    label = field_label(k.look().language, about, change.field) if known else change.field
    after = _words(about, change.field, change.after)
    if step.command.endswith(".create"):
        return k.pairs([(label, after)])
    return k.pairs([(label, f"{_words(about, change.field, change.before)} → {after}")])


def _words(entity: str, name: str, value: Any) -> str:
    """A value as people read it: names for references, words for choices."""
    field = ENTITIES[entity].fields.get(name)
    if value in (None, "", []):
        return "—"
    if field is not None and field.kind is Kind.REF and field.options.ref and isinstance(value, str):
        return inbox.name_of(use_app().open_store, field.options.ref, value) or k.t("audit.unknown")
    try:
        return value_words(entity, name, value)
    except (KeyError, TypeError, ValueError, AttributeError):
        # What was refused may hold anything; it is shown as it was sent.
        return str(value)
