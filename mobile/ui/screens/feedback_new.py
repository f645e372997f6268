"""Writing feedback: kind and words. Whether screen, version and error are told too, the author chooses."""

from typing import Any

import flet as ft

from mobile.state.app import APP_VERSION
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.routes import query
from mobile.ui.screens.actions import run
from mobile.ui.screens.feedback import ICONS, KINDS, WIDTH_PX, address_of
from mobile.ui.words import error_words
from shared.catalog import ENTITIES
from shared.labels import hint
from shared.protocol import Command

I = ft.Icons  # noqa: E741
ERROR_SIGNS = 300
TEXT_SIGNS = ENTITIES["feedback"].fields["text"].options.max_length


def with_error(text: str, error: str) -> str:
    """The person's words and below them the error, cut to the room that the words leave; without room without it."""
    room = TEXT_SIGNS - len(text.rstrip()) - 2
    if room < 2 or not error:
        return text
    return f"{text.rstrip()}\n\n{error if len(error) <= room else error[: room - 1] + '…'}"


@k.component
def NewFeedbackScreen() -> ft.Control:
    """``/feedback/new``; ``?kind=``, ``?from=`` the screen that it is about, ``?error=`` what was shown there."""
    page, app = ft.context.page, use_app()
    asked = query()
    screen = address_of(asked.get("from", ""))
    error = asked.get("error", "")[:ERROR_SIGNS]
    said: dict[str, str] = ft.use_ref(lambda: {"text": ""}).current
    kind, set_kind = ft.use_state(asked.get("kind") if asked.get("kind") in KINDS else "problem")
    tells, set_tells = ft.use_state(frozenset())
    wrong, set_wrong = ft.use_state("")
    back = screen or "/feedback"
    version = f"{APP_VERSION} {app.platform.kind}"
    k.use_unsaved(lambda: bool(said["text"].strip()))

    def typed(event: Any) -> None:
        said["text"] = event.control.value

    def told(name: str, words: str) -> ft.Control:
        def switch(on: bool) -> None:
            set_tells(lambda old: old | {name} if on else old - {name})

        return k.switch_row(k.t(f"feedback.tell.{name}"), name in tells, switch, detail=words)

    def save(_: Any) -> None:
        values = {"kind": kind, "text": said["text"]}
        if "error" in tells and said["text"].strip():
            values["text"] = with_error(said["text"], error)
        if "screen" in tells:
            values["screen"] = screen
        if "version" in tells:
            values["app_version"] = version[:40]
        refused = run(app, [Command("feedback.create", {"id": app.new_id(), "values": values})])
        if refused is not None:
            set_wrong(error_words(refused))
            return
        k.settle(page)
        k.snack(page, k.t("feedback.saved"))
        page.navigate("/feedback")

    chips = [
        k.chip(k.t(f"choice.feedback.kind.{name}"), kind == name, lambda _, name=name: set_kind(name), icon=ICONS[name])
        for name in KINDS
    ]
    words = k.text_field(
        k.t("field.feedback.text") + " *",
        said["text"],
        typed,
        error=wrong or None,
        helper=hint(k.look().language, "feedback", "text"),
        multiline=True,
        keyboard=ft.KeyboardType.MULTILINE,
    )
    more = [("screen", screen), ("error", error), ("version", version)]
    switches = [told(name, words) for name, words in more if words]
    bar = k.footbar(
        k.button(k.t("frame.cancel"), k.leaving(page, back), kind="outlined", height=52),
        k.button(k.t("feedback.send"), save, icon=I.SEND_ROUNDED, height=52, expand=True),
    )
    return k.scaffold(
        k.t("feedback.write"),
        k.card(k.col(ft.Row(chips, spacing=8, run_spacing=8, wrap=True), words, gap=16)),
        k.card(
            k.col(
                k.section_title(k.t("feedback.tell")), k.caption(k.t("feedback.tell.line"), lines=3), *switches, gap=12
            )
        ),
        subtitle=k.t("feedback.write.line"),
        back=back,
        foot=bar,
        max_width=WIDTH_PX,
    )
