"""Forms around a customer: new, edit, a contact, a follow-up."""

import flet as ft

from mobile.state.attachments import TakenFile
from mobile.store.queries import accounts
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import FormScreen
from mobile.ui.forms.model import FormModel
from mobile.ui.hooks import use_live
from mobile.ui.screens.actions import delete_with_undo
from mobile.ui.screens.attachment_parts import AttachButtons, ChosenFiles
from mobile.ui.screens.voice_parts import hand_over
from shared.catalog import ENTITIES
from shared.commands.sharing import is_own
from shared.protocol import Command

I = ft.Icons  # noqa: E741


@k.component
def NewCustomerScreen() -> ft.Control:
    """``/customers/new``."""
    page, app = ft.context.page, use_app()

    def saved(_: FormModel, commands: list[Command]) -> None:
        k.snack(page, k.t("screen.customer.saved"))
        page.navigate(f"/customers/{commands[0].args['id']}")

    return FormScreen(
        lambda: FormModel("account", app.actor),
        k.t("screen.customers.new"),
        "/customers",
        k.t("screen.customer.save"),
        saved,
    )


@k.component
def EditCustomerScreen() -> ft.Control:
    """``/customers/:account_id/edit``."""
    page, app = ft.context.page, use_app()
    account_id = ft.use_route_params().get("account_id", "")
    back = f"/customers/{account_id}"
    row = app.open_store.get("account", account_id)
    if row is None or row["deleted_at"] is not None:
        from mobile.ui.screens.customer_page import CustomerDetail

        return CustomerDetail(account_id, False)

    def saved(_: FormModel, commands: list[Command]) -> None:
        if commands:
            k.snack(page, k.t("screen.saved"))
        page.navigate(back)

    return FormScreen(
        lambda: FormModel("account", app.actor, row),
        k.t("screen.customer.edit"),
        back,
        k.t("frame.save"),
        saved,
        subtitle=row["name"],
        key=account_id,
    )


@k.component
def ContactScreen(account_id: str, contact_id: str | None) -> ft.Control:
    """A new person at a customer, or one to correct or delete."""
    page, app = ft.context.page, use_app()
    back = f"/customers/{account_id}"
    customer = use_live(lambda s: accounts.customer(s, account_id), accounts.TOUCHED, account_id)
    row = app.open_store.get("contact", contact_id) if contact_id else None

    def saved(_: FormModel, commands: list[Command]) -> None:
        if commands:
            k.snack(page, k.t("screen.saved"))
        page.navigate(back)

    async def delete(_: object) -> None:
        assert row is not None
        question = k.t("screen.contact.delete", name=row["name"])
        yes = await k.ask(page, question, k.t("screen.delete.line"), k.t("screen.delete"), danger=True)
        if yes and delete_with_undo(page, app, "contact", row["id"], saved=k.t("screen.deleted")):
            page.navigate(back)

    def foot() -> ft.Control:
        return k.button(k.t("screen.contact.delete_button"), delete, icon=I.DELETE_OUTLINE_ROUNDED, kind="text")

    title = k.t("screen.contact.edit", name=row["name"]) if row else k.t("screen.customer.add_contact")
    return FormScreen(
        lambda: FormModel("contact", app.actor, row, given={"account_id": account_id}),
        title,
        back,
        k.t("frame.save"),
        saved,
        subtitle=customer["name"] if customer else None,
        foot=foot if row and is_own(app.actor, ENTITIES["contact"], row) else None,
    )


@k.component
def FollowUpScreen(account_id: str) -> ft.Control:
    """What was said, and when to come back."""
    page, app = ft.context.page, use_app()
    back = f"/customers/{account_id}"
    customer = use_live(lambda s: accounts.customer(s, account_id), accounts.TOUCHED, account_id)
    form = f"activity:{account_id}"
    chosen: list[TakenFile] = ft.use_ref(lambda: app.attachments.held(form)).current
    is_kept = ft.use_ref(bool(chosen)).current
    here, is_saved = k.use_here(), ft.use_ref(False)
    _, draw = ft.use_state(0)

    def redraw() -> None:
        draw(lambda version: version + 1)

    async def take(files: list[TakenFile]) -> None:
        if is_saved.current or not here():
            await hand_over(page, app, files)
            return
        chosen.extend(files)
        redraw()
        app.attachments.hold(form, chosen)

    def drop(place: int) -> None:
        file = chosen.pop(place)
        app.attachments.hold(form, chosen)
        app.attachments.forget(file)
        redraw()

    def discard() -> None:
        app.attachments.hold(form, [])
        for file in chosen:
            app.attachments.forget(file)

    def adds(commands: list[Command]) -> list[Command]:
        return app.attachments.commands(chosen, account_id=account_id, activity_id=commands[0].args["id"])

    def files() -> ft.Control:
        title = k.section_title(k.t("files.title"))
        known = [k.caption(k.t("files.kept"))] if is_kept and chosen else []
        rows = ChosenFiles(list(chosen), drop)
        return k.card(k.col(title, *known, k.gap(8), rows, k.gap(4), AttachButtons(take, False)))

    def saved(_: FormModel, commands: list[Command]) -> None:
        is_saved.current = True
        k.snack(page, k.t("screen.follow_up.saved"))
        page.navigate(back)

    return FormScreen(
        lambda: FormModel("activity", app.actor, given={"account_id": account_id}),
        k.t("screen.customer.write"),
        back,
        k.t("screen.follow_up.save"),
        saved,
        subtitle=customer["name"] if customer else None,
        foot=files,
        adds=adds,
        beside=lambda: app.attachments.publish(chosen, form),
        dirty=lambda: bool(chosen),
        discard=discard,
    )
