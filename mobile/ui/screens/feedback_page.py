"""One piece of feedback: what was said, what became of it; an administrator answers, its author can withdraw it."""

from typing import Any

import flet as ft

from mobile.store.queries import feedback as queries
from mobile.store.queries import inbox
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import form_groups
from mobile.ui.forms.model import FormModel
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import delete_with_undo, run
from mobile.ui.screens.feedback import WIDTH_PX, address_of
from mobile.ui.sync_pill import moment
from mobile.ui.words import problem_words

I = ft.Icons  # noqa: E741


@k.component
def FeedbackPageScreen() -> ft.Control:
    """``/feedback/:feedback_id``."""
    feedback_id = str(ft.use_route_params()["feedback_id"])
    return FeedbackPage(feedback_id, key=feedback_id)


@k.component
def FeedbackPage(feedback_id: str) -> ft.Control:
    """What was said, the answer, and what the reader may do."""
    page, app = ft.context.page, use_app()
    row = use_live(lambda s: s.get("feedback", feedback_id), queries.TOUCHED, feedback_id)
    if row is None or row["deleted_at"] is not None:
        gone = k.empty_state(
            k.t("feedback.gone"), k.t("feedback.gone.line"), icon=I.SPEAKER_NOTES_OFF_OUTLINED,
            action=k.t("feedback.title"), on_action=lambda _: page.navigate("/feedback"),
        )  # fmt: skip
        return k.scaffold(k.t("feedback.title"), gone, back="/feedback")
    mine, admin = row["owner_id"] == app.actor.user_id, app.actor.role == "admin"
    parts: list[ft.Control] = [said_card(row)]
    if row["status"] != "new" or row["answer"]:
        parts.append(answer_card(row))
    elif not admin:
        parts.append(k.notice(k.t("feedback.waits"), "info", icon=I.HOURGLASS_TOP_ROUNDED))
    if admin:
        parts.append(AnswerForm(row))

    async def withdraw(_: object) -> None:
        yes = await k.ask(
            page, k.t("feedback.withdraw.ask"), k.t("feedback.withdraw.line"), k.t("feedback.withdraw"), danger=True
        )
        if yes and delete_with_undo(page, app, "feedback", row["id"], saved=k.t("feedback.withdrawn")):
            page.navigate("/feedback")

    if mine:
        parts.append(k.row(k.button(k.t("feedback.withdraw"), withdraw, icon=I.DELETE_OUTLINE_ROUNDED, kind="text")))
    return k.scaffold(
        k.t(f"choice.feedback.kind.{row['kind']}"), *parts, subtitle=_author(row), back="/feedback", max_width=WIDTH_PX
    )


def _author(row: dict[str, Any]) -> str:
    app = use_app()
    when = moment(row["created_at"], app.now_ms(), app.time_zone)
    who = inbox.name_of(app.open_store, "user", row["owner_id"])
    return " · ".join(part for part in (who, when) if part)


def said_card(row: dict[str, Any]) -> ft.Control:
    """The author's words, and what the author chose to tell beside them."""
    page = ft.context.page
    screen = address_of(row["screen"])
    beside: list[ft.Control] = []
    if screen:
        beside.append(k.link(k.t("feedback.open_screen", screen=screen), lambda _: page.navigate(screen)))
    if row["app_version"]:
        beside.append(k.caption(k.t("feedback.version", version=row["app_version"])))
    more = [k.gap(8), k.hairline(), k.gap(4), k.col(*beside, stretch=False)] if beside else []
    return k.card(k.col(k.text(row["text"], 15, selectable=True), *more))


def answer_card(row: dict[str, Any]) -> ft.Control:
    """What became of it: state, words, by whom and when."""
    app = use_app()
    who = inbox.name_of(app.open_store, "user", row["answered_by"])
    when = moment(row["answered_at"], app.now_ms(), app.time_zone) if row["answered_at"] else ""
    said = " · ".join(part for part in (who, when) if part)
    words = [k.gap(8), k.text(row["answer"], 15, selectable=True)] if row["answer"] else []
    return k.card(
        k.col(k.row(k.choice_badge("feedback", "status", row["status"]), k.caption(said), between=True), *words)
    )


@k.component
def AnswerForm(row: dict[str, Any]) -> ft.Control:
    """State and answer, for administrators: saved here at once, told to the author by the server."""
    page, app = ft.context.page, use_app()
    # Made once: what arrives while somebody types is merged by the rules and not lost.
    model: FormModel = ft.use_ref(lambda: FormModel("feedback", app.actor, row)).current
    _, draw = ft.use_state(0)
    k.use_unsaved(lambda: model.dirty)

    def redraw() -> None:
        draw(lambda version: version + 1)

    def save(_: Any) -> None:
        commands = model.commands(app.new_id) if model.check() else []
        refused = run(app, commands) if commands else None
        if refused is not None:
            model.take(refused)
        if model.errors or model.problem is not None:
            redraw()
            return
        k.settle(page)
        if commands:
            k.snack(page, k.t("feedback.answer.saved"))
        page.navigate("/feedback")

    said = model.problem
    wrong = [k.notice(problem_words(said.code, said.params), "bad", live=True)] if said is not None else []
    return k.col(
        k.section_title(k.t("feedback.answer")),
        *wrong,
        *form_groups(model, model.set, redraw),
        k.row(k.button(k.t("feedback.answer.save"), save, icon=I.CHECK_ROUNDED, height=52, expand=True)),
        gap=12,
    )
