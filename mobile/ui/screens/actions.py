"""What every screen does with commands: run them, and say in words what was refused."""

from collections.abc import Callable, Sequence

import flet as ft

from mobile.state.app import App
from mobile.ui import kit as k
from mobile.ui.words import error_words
from shared.errors import CaravanError
from shared.protocol import Command


def run(app: App, commands: Sequence[Command], *, beside: Callable[[], None] | None = None) -> CaravanError | None:
    """Runs the commands as one transaction on this device; the refusal, or None when it is saved and queued."""
    try:
        app.act(*commands, beside=beside)
    except CaravanError as error:
        return error
    return None


def run_or_tell(page: ft.Page, app: App, commands: Sequence[Command], *, saved: str | None = None) -> bool:
    """Runs the commands; says ``saved``, or in words why it was refused. True when it was saved."""
    refused = run(app, commands)
    if refused is not None:
        k.snack(page, error_words(refused), status="bad")
        return False
    if saved:
        k.snack(page, saved)
    return True


def delete_with_undo(page: ft.Page, app: App, entity: str, row_id: str, *, saved: str) -> bool:
    """Deletes a row and offers to take exactly that deletion back."""

    def undo(_: object) -> None:
        row = app.open_store.get(entity, row_id)
        if row is not None and row["deleted_tx"]:
            restore = Command(f"{entity}.restore", {"id": row_id, "deleted_tx": row["deleted_tx"]})
            run_or_tell(page, app, [restore], saved=k.t("screen.restored"))

    refused = run(app, [Command(f"{entity}.delete", {"id": row_id})])
    if refused is not None:
        k.snack(page, error_words(refused), status="bad")
        return False
    k.settle(page)
    k.snack(page, saved, action=k.t("frame.undo"), on_action=undo)
    return True
