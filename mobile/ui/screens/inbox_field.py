"""A field that two people changed: both values, who, when, where; choose, merge, and later bring the other back."""

from typing import Any

import flet as ft

from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.fields import field_widget
from mobile.ui.forms.model import FormModel
from mobile.ui.palette import hue_of
from mobile.ui.screens.actions import run, run_or_tell
from mobile.ui.screens.inbox_notice import notice_words
from mobile.ui.screens.inbox_words import values_words
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.catalog import ENTITIES
from shared.codec import to_wire
from shared.fields import Kind
from shared.labels import field_label
from shared.protocol import Command

I = ft.Icons  # noqa: E741
TYPED = frozenset(
    {
        Kind.TEXT,
        Kind.LONG_TEXT,
        Kind.PHONE,
        Kind.EMAIL,
        Kind.CODE,
        Kind.MONEY,
        Kind.QUANTITY,
        Kind.PERCENT,
        Kind.INT,
        Kind.DATE,
        Kind.TIME,
        Kind.TAGS,
        Kind.ENUM,
        Kind.BOOL,
    }
)


def seen_values(conflict: dict[str, Any]) -> dict[str, Any]:
    """The present values of the fields in conflict, as this person sees them: wire form."""
    entity = ENTITIES[conflict["entity"]]
    row = use_app().open_store.get(entity.name, conflict["row_id"])
    if row is None:
        return dict(conflict["theirs"] or {})
    wire = to_wire(entity, row)
    return {name: wire[name] for name in conflict["field"].split(",")}


def resolve(conflict: dict[str, Any], choice: str, values: dict[str, Any] | None = None) -> Command:
    """The command that settles a conflict."""
    args = {"conflict_id": conflict["id"], "choice": choice, "seen": seen_values(conflict)}
    return Command("conflict.resolve", {**args, "values": values} if values is not None else args)


def conflict_title(conflict: dict[str, Any]) -> str:
    """``“电话”被两个人改了``."""
    label = field_label(k.look().language, conflict["entity"], conflict["field"])
    return k.t("screen.conflict.title", name=conflict["title"], field=label)


@k.component
def FieldConflictCard(conflict: dict[str, Any], names: dict[str, str]) -> ft.Control:
    """An open one."""
    page, app = ft.context.page, use_app()
    choice, set_choice = ft.use_state("mine")
    merging, set_merging = ft.use_state(False)
    entity = conflict["entity"]

    def settle(_: Any) -> None:
        run_or_tell(page, app, [resolve(conflict, choice)], saved=k.t("screen.conflict.settled"))

    if merging:
        return k.card(k.col(_top(conflict), k.gap(12), MergeForm(conflict, lambda: set_merging(False))))
    mine = _value("mine", conflict, names, choice == "mine", lambda _: set_choice("mine"))
    theirs = _value("theirs", conflict, names, choice == "theirs", lambda _: set_choice("theirs"))
    use = k.t("screen.conflict.use_mine" if choice == "mine" else "screen.conflict.use_theirs")
    merge = (
        [
            k.button(
                k.t("screen.conflict.merge"),
                lambda _: set_merging(True),
                icon=I.CALL_MERGE_ROUNDED,
                kind="outlined",
                expand=True,
            )
        ]
        if _can_merge(conflict)
        else []
    )
    p = k.look().palette
    base = k.t("screen.conflict.base", value=values_words(entity, conflict["base"] or {}))
    return k.card(
        k.col(
            _top(conflict),
            k.gap(4),
            k.row(ft.Icon(I.HISTORY_ROUNDED, size=14, color=p.text_soft), k.caption(base, lines=3, expand=True), gap=4),
            k.gap(12),
            mine,
            k.gap(8),
            theirs,
            k.gap(12),
            k.row(k.button(use, settle, icon=I.CHECK_ROUNDED, expand=True), *merge, gap=8),
            k.gap(8),
            k.row(
                ft.Icon(I.RESTORE_ROUNDED, size=14, color=p.text_soft),
                k.caption(k.t("screen.conflict.kept"), lines=2, expand=True),
                gap=4,
            ),
        )
    )


def _can_merge(conflict: dict[str, Any]) -> bool:
    fields = ENTITIES[conflict["entity"]].fields
    return all(name in fields and fields[name].kind in TYPED for name in conflict["field"].split(","))


def _top(conflict: dict[str, Any]) -> ft.Control:
    app = use_app()
    when = moment(conflict["created_at"], app.now_ms(), app.time_zone)
    return k.col(
        k.row(k.choice_badge("conflict", "kind", "field"), k.caption(when), between=True),
        k.gap(8),
        ft.Semantics(header=True, content=k.text(conflict_title(conflict), 16, 600)),
    )


def _value(side: str, conflict: dict[str, Any], names: dict[str, str], chosen: bool, on_choose: Any) -> ft.Control:
    """One of the two values: the value first, then who, when, where."""
    app, p = use_app(), k.look().palette
    mine = side == "mine"
    who = k.t("screen.conflict.me") if mine else names.get(conflict["theirs_by"] or "", k.t("screen.conflict.somebody"))
    at = conflict["mine_at"] if mine else conflict["theirs_at"]
    on = conflict["mine_on"] if mine else conflict["theirs_on"]
    when = moment(at, app.now_ms(), app.time_zone) if at else ""
    about = " · ".join(part for part in (who, when, on or "") if part)
    value = values_words(conflict["entity"], conflict[side] or {})
    words = k.col(
        k.text(value, 16, 600, lines=6),
        k.gap(4),
        k.row(_face(who), k.caption(about, lines=2, expand=True), gap=6),
    )
    mark = I.RADIO_BUTTON_CHECKED_ROUNDED if chosen else I.RADIO_BUTTON_UNCHECKED_ROUNDED
    inner = k.row(
        ft.Icon(mark, size=24, color=p.primary if chosen else p.outline), ft.Container(words, expand=True), gap=12
    )
    container = ft.Container(
        ft.Semantics(exclude_semantics=True, content=inner),
        padding=k.pad(10, 14),
        border_radius=14,
        ink=True,
        bgcolor=p.primary_container if chosen else p.card,
        on_click=on_choose,
        border=ft.Border.all(1.5 if chosen else 1, p.primary if chosen else p.hairline),
    )
    label = k.t("screen.conflict.choose", who=who, value=value)
    return ft.MergeSemantics(ft.Semantics(button=True, selected=chosen, label=label, content=container))


def _face(who: str) -> ft.Control:
    pair = k.look().palette.avatars[hue_of(who)]
    sign = ft.Semantics(exclude_semantics=True, content=k.text(k.initial(who), 12, 600, pair.fg))
    return k.box(sign, None, pair.bg, 11, width=22, height=22, alignment=k.CENTER)


@k.component
def MergeForm(conflict: dict[str, Any], on_close: Any) -> ft.Control:
    """A third value, typed: it begins with one's own."""
    page, app = ft.context.page, use_app()
    names = conflict["field"].split(",")
    model = ft.use_ref(lambda: _merge_model(conflict, names)).current
    _, draw = ft.use_state(0)
    refused, set_refused = ft.use_state("")

    def redraw() -> None:
        draw(lambda version: version + 1)

    def changed(name: str, value: Any) -> None:
        model.set(name, value)

    def save(_: Any) -> None:
        error = run(app, [resolve(conflict, "merged", {name: model.values[name] for name in names})])
        if error is None:
            k.snack(page, k.t("screen.conflict.settled"))
            return
        model.take(error)
        set_refused("" if error.field in model.values else error_words(error))
        redraw()

    widgets = [field_widget(model, name, changed, redraw) for name in names]
    return k.col(
        k.soft(k.t("screen.conflict.merge.line"), 13),
        k.gap(12),
        *widgets,
        *([k.gap(8), k.notice(refused, "bad", live=True)] if refused else []),
        k.gap(12),
        k.row(
            k.button(k.t("frame.cancel"), lambda _: on_close(), kind="outlined"),
            k.button(k.t("screen.conflict.merge.save"), save, icon=I.CHECK_ROUNDED, expand=True),
            gap=8,
        ),
    )


def _merge_model(conflict: dict[str, Any], names: list[str]) -> FormModel:
    model = FormModel(conflict["entity"], use_app().actor, only=names)
    entity = ENTITIES[conflict["entity"]]
    missing = [entity.fields[name] for name in names if name not in model.values]
    model.fields = [*model.fields, *missing]
    model.values = {name: (conflict["mine"] or {}).get(name) for name in names}
    model.base = dict(model.values)
    return model


@k.component
def SettledCard(conflict: dict[str, Any], names: dict[str, str]) -> ft.Control:
    """A settled item; of a conflict the value that lost can be brought back."""
    page, app, p = ft.context.page, use_app(), k.look().palette
    at = conflict["resolved_at"] or conflict["updated_at"]
    head = k.row(
        k.row(
            k.choice_badge("conflict", "kind", conflict["kind"]),
            k.choice_badge("conflict", "state", conflict["state"]),
            gap=8,
            tight=True,
        ),
        k.caption(moment(at, app.now_ms(), app.time_zone)),
        between=True,
    )
    if conflict["kind"] != "field":
        reason = notice_words(conflict)
        return k.card(
            k.col(
                head,
                k.gap(8),
                k.text(conflict["title"] or reason, 15, 600, lines=2),
                *([k.gap(2), k.soft(reason, 13)] if conflict["title"] else []),
            )
        )
    won = conflict["choice"]
    lost = {"mine": "theirs", "theirs": "mine"}.get(won)
    parts: list[ft.Control] = [head, k.gap(8), k.text(conflict_title(conflict), 15, 600, lines=2), k.gap(8)]
    entity = conflict["entity"]
    present = seen_values(conflict)
    parts.append(k.status_line(k.t("screen.conflict.now", value=values_words(entity, present)), "ok", lines=4))
    for side in ("mine", "theirs") if lost is None else (lost,):
        value, who = conflict[side] or {}, _who(side, conflict, names)
        if value == present:
            continue

        def back(_: Any, side: str = side) -> None:
            run_or_tell(page, app, [resolve(conflict, side)], saved=k.t("screen.conflict.back"))

        line = k.caption(k.t("screen.conflict.lost", who=who, value=values_words(entity, value)), lines=4, expand=True)
        parts += [
            k.gap(8),
            k.row(ft.Icon(I.HISTORY_ROUNDED, size=14, color=p.text_soft), line, gap=4),
            k.gap(8),
            k.row(k.button(k.t("screen.conflict.bring_back", who=who), back, icon=I.RESTORE_ROUNDED, kind="outlined")),
        ]
    return k.card(k.col(*parts))


def _who(side: str, conflict: dict[str, Any], names: dict[str, str]) -> str:
    if side == "mine":
        return k.t("screen.conflict.me")
    return names.get(conflict["theirs_by"] or "", k.t("screen.conflict.somebody"))
