"""A refused change in the form that it came from, filled in with what it contained."""

from collections.abc import Mapping, Sequence
from typing import Any

import flet as ft

from mobile.store.queries import inbox
from mobile.store.store import SqliteStore
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import FormScreen
from mobile.ui.forms.model import FormModel
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.words import problem_words
from shared.catalog import ENTITIES
from shared.errors import Problem
from shared.labels import entity_label
from shared.protocol import Command


def can_edit(commands: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the change is one record's creation or correction, which a form can show."""
    if len(commands) != 1:
        return False
    entity, _, action = str(commands[0]["name"]).partition(".")
    return action in ("create", "patch") and entity in ENTITIES and bool(ENTITIES[entity].form_fields)


def refused_model(store: SqliteStore, conflict: Mapping[str, Any], actor: Any) -> FormModel:
    """The form with the refused values in it; the field at fault says why it was refused."""
    command = inbox.commands_of(conflict["payload"])[0]
    entity, _, action = command["name"].partition(".")
    args = command["args"]
    row = store.get(entity, args["id"]) if action == "patch" else None
    model = FormModel(entity, actor, row, given=args["values"])
    problem = Problem(conflict["code"], conflict["field"] or None, conflict["params"] or {})
    if conflict["field"] in model.values:
        model.errors[conflict["field"]] = problem
    else:
        model.problem = problem
    return model


@k.component
def EditRefused(conflict_id: str) -> ft.Control:
    """``/inbox?edit=<id>``: corrects and sends again; the inbox row is settled by it."""
    page, app = ft.context.page, use_app()
    conflict = app.open_store.get("conflict", conflict_id)
    if conflict is None or not can_edit(inbox.commands_of(conflict["payload"])):
        return k.scaffold(
            k.t("frame.nav.inbox"),
            k.empty_state(
                k.t("screen.refusal.gone"),
                k.t("screen.refusal.gone.line"),
                action=k.t("frame.nav.inbox"),
                on_action=lambda _: page.navigate("/inbox"),
            ),
            back="/inbox",
        )
    entity = inbox.commands_of(conflict["payload"])[0]["name"].partition(".")[0]

    def saved(_: FormModel, commands: list[Command]) -> None:
        settle = Command("conflict.dismiss", {"conflict_id": conflict_id})
        run_or_tell(page, app, [settle], saved=k.t("screen.repair.sent") if commands else k.t("screen.saved"))
        page.navigate("/inbox")

    return FormScreen(
        lambda: refused_model(app.open_store, conflict, app.actor),
        entity_label(k.look().language, entity),
        "/inbox",
        k.t("screen.repair.send"),
        saved,
        subtitle=problem_words(conflict["code"], conflict["params"] or {}),
    )
