"""``@component``: Flet's component with a wall around it.

An exception in a render would end Flet's update loop for good and leave a dead screen. Here it becomes an entry in the
error log and a card with a way back, in the place of the component that failed; everything else goes on.
"""

import functools
import traceback
from collections.abc import Callable
from typing import Any

import flet as ft

Report = Callable[[BaseException, str], None]
_reports: list[Report] = []


def on_error(report: Report) -> None:
    """Name who keeps unexpected errors: called with the exception and where it happened."""
    _reports[:] = [report]


def report(error: BaseException, where: str) -> None:
    """Hand an unexpected error to the log. Before a log is there it goes to the console."""
    if not _reports:
        traceback.print_exception(error)
    for keep in _reports:
        keep(error, where)


def component(function: Callable[..., Any]) -> Callable[..., Any]:
    """Like ``ft.component``; use this one for everything that reads data."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the wall: reported, never swallowed
            from mobile.ui.kit.feedback import broken_card

            report(error, function.__qualname__)
            return broken_card(error)

    return ft.component(guarded)


def guard_session(page: ft.Page) -> None:
    """Catch what Flet would otherwise show as a crashed session: errors in event handlers, effects and tasks."""
    from mobile.ui.kit.feedback import snack

    def caught(message: str) -> None:
        report(RuntimeError(message.strip().splitlines()[0] if message.strip() else "unknown"), message)
        from mobile.ui.look import t

        snack(page, t("frame.error.handler"), status="bad")

    # Flet offers no hook of its own here: the session's ``error`` is what every one of these paths calls.
    page.session.error = caught  # type: ignore[method-assign]

    def loop_error(loop: Any, context: dict[str, Any]) -> None:
        error = context.get("exception") or RuntimeError(str(context.get("message")))
        report(error, "task")

    page.loop.set_exception_handler(loop_error)


def keep_drawing(page: ft.Page) -> None:
    """An error outside of every component ends Flet's update task: report it, start another."""
    task = getattr(page.session, "_Session__updates_task", None)
    if task is None:
        return

    def ended(done: Any) -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None:
            report(error, "drawing")
            page.session.start_updates_scheduler()
            keep_drawing(page)

    task.add_done_callback(ended)
