"""The whole form of a lead, from its declaration; deleting it stands at its foot."""

import flet as ft

from mobile.store.queries import leads
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import FormScreen
from mobile.ui.forms.model import FormModel
from mobile.ui.screens.actions import delete_with_undo
from shared.catalog import ENTITIES
from shared.commands.sharing import is_own
from shared.protocol import Command
from shared.rules.leads import title

I = ft.Icons  # noqa: E741


@k.component
def EditLeadScreen() -> ft.Control:
    """``/leads/:lead_id/edit``."""
    page, app = ft.context.page, use_app()
    lead_id = ft.use_route_params().get("lead_id", "")
    back = f"/leads/{lead_id}"
    row = leads.lead(app.open_store, lead_id)
    if row is None:
        from mobile.ui.screens.lead_page import LeadPage

        return LeadPage(lead_id, key=lead_id)

    def saved(_: FormModel, commands: list[Command]) -> None:
        if commands:
            k.snack(page, k.t("screen.saved"))
        page.navigate(back)

    async def delete(_: object) -> None:
        question = k.t("leads.delete", name=title(row)), k.t("leads.delete.line")
        if await k.ask(page, *question, k.t("screen.delete"), danger=True) and delete_with_undo(
            page, app, "lead", lead_id, saved=k.t("leads.deleted", name=title(row))
        ):
            page.navigate("/leads")

    def foot() -> ft.Control:
        return k.button(k.t("leads.delete_button"), delete, icon=I.DELETE_OUTLINE_ROUNDED, kind="text")

    may_delete = row["state"] != "converted" and is_own(app.actor, ENTITIES["lead"], row)
    return FormScreen(
        lambda: FormModel("lead", app.actor, row),
        k.t("leads.edit"),
        back,
        k.t("frame.save"),
        saved,
        subtitle=title(row),
        foot=foot if may_delete else None,
        key=lead_id,
    )
