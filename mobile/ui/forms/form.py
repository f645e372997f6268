"""A whole form: groups of fields, errors where they belong, one button that saves by running a command."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state.form_draft import FormDraft
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.fields import field_widget
from mobile.ui.forms.layouts import groups_of
from mobile.ui.forms.model import FormModel
from mobile.ui.screens.actions import run
from mobile.ui.words import problem_words
from shared.errors import CaravanError
from shared.protocol import Command

WIDE_MIN_PX = 720
FORM_WIDTH_PX = 760


@k.component
def FormScreen(
    make: Callable[[], FormModel],
    title: str,
    back: str,
    save_label: str,
    on_saved: Callable[[FormModel, list[Command]], Any],
    subtitle: str | None = None,
    foot: Callable[[], ft.Control] | None = None,
    adds: Callable[[list[Command]], list[Command]] | None = None,
    beside: Callable[[], None] | None = None,
    dirty: Callable[[], bool] | None = None,
    discard: Callable[[], None] | None = None,
) -> ft.Control:
    """A screen with a form. ``make`` builds the model once; ``on_saved`` gets the model and the commands that ran.

    What is typed is kept on the device until it is saved or given up, and is there again when the form is opened.

    ``adds`` gives further commands of the same transaction, and may raise ``CaravanError``; ``beside`` writes what
    belongs to them into the same local transaction; ``dirty`` says whether the foot holds something that is not saved,
    ``discard`` gives it up when somebody leaves all the same.
    """
    page, app = ft.context.page, use_app()
    holder = ft.use_ref(make)
    model: FormModel = holder.current
    draft: FormDraft = ft.use_ref(lambda: FormDraft(app.open_store, f"{model.entity.name} {page.route}")).current
    is_kept = ft.use_ref(lambda: _take_up(model, draft))
    version, renew = ft.use_state(0)
    _, draw = ft.use_state(0)

    def redraw() -> None:
        draw(lambda version: version + 1)

    def changed(name: str, value: Any) -> None:
        model.set(name, value)
        draft.keep(model.said(), app.now_ms())

    def save(_: Any) -> None:
        if not model.check():
            redraw()
            return
        commands = model.commands(app.new_id)
        refused = None
        try:
            commands += adds(commands) if adds else []
        except CaravanError as error:
            refused = error
        if refused is None and commands:
            refused = run(app, commands, beside=beside)
        if refused is not None:
            model.take(refused)
            redraw()
            return
        draft.drop()
        k.settle(page)
        on_saved(model, commands)

    def unsaved() -> bool:
        return model.dirty or (dirty is not None and dirty())

    def give_up() -> None:
        draft.drop()
        if discard is not None:
            discard()

    k.use_unsaved(unsaved, give_up)

    def start_anew(_: Any) -> None:
        draft.drop()
        holder.current, is_kept.current = make(), False
        renew(lambda old: old + 1)

    said = None
    if model.problem is not None:
        said = k.notice(problem_words(model.problem.code, model.problem.params), "bad", live=True)
    elif model.errors:
        said = k.notice(k.t("screen.form.errors", count=len(model.errors)), "bad", live=True)
    elif is_kept.current:
        icon, anew = ft.Icons.HISTORY_EDU_ROUNDED, k.t("screen.form.anew")
        said = k.notice(k.t("screen.form.kept"), "info", icon=icon, action=anew, on_action=start_anew)
    side = k.look().gutter
    # Always there, empty or not: a part that comes and goes would rebuild the fields below and take the focus away.
    top = ft.Container(said, padding=k.pad(0, side, 12, side) if said else None)
    parts = form_groups(model, changed, redraw)
    for place, part in enumerate(parts):
        part.key = f"{version} {place}"  # begun anew, every field is another one, and shows what it has
    if foot is not None:
        parts.append(foot())
    bar = k.footbar(
        k.button(k.t("frame.cancel"), k.leaving(page, back), kind="outlined", height=52),
        k.button(save_label, save, icon=ft.Icons.CHECK_ROUNDED, height=52, expand=True),
    )
    return k.scaffold(title, *parts, subtitle=subtitle, back=back, top=top, foot=bar, max_width=FORM_WIDTH_PX, gap=12)


def _take_up(model: FormModel, draft: FormDraft) -> bool:
    """Goes on with what was typed and not saved; False when there is nothing."""
    said = draft.said()
    model.take_up(said)
    return bool(said)


def form_groups(model: FormModel, changed: Callable[[str, Any], None], redraw: Callable[[], None]) -> list[ft.Control]:
    """A card for each group; fields of one line stand side by side where there is room."""
    wide = k.look().width >= WIDE_MIN_PX
    first = model.fields[0].name if model.fields and model.is_new else None
    cards: list[ft.Control] = []
    for heading, lines in groups_of(model.entity.name, [field.name for field in model.fields]):
        rows: list[ft.Control] = [k.section_title(k.t(heading))] if heading else []
        for line in lines:
            widgets = [field_widget(model, name, changed, redraw, autofocus=name == first) for name in line]
            if wide and len(widgets) > 1:
                rows.append(k.row(*[ft.Container(widget, expand=True) for widget in widgets], gap=12, top=True))
            else:
                rows += widgets
        cards.append(k.card(k.col(*rows, gap=16)))
    return cards
