"""Forms of deals: a new one, its fields, what a stage asks for, losing, cancelling, reopening."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.store.queries import accounts, deals
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.forms.form import FormScreen
from mobile.ui.forms.model import FormModel
from mobile.ui.hooks import use_live
from mobile.ui.routes import query, with_query
from mobile.ui.screens.actions import run
from mobile.ui.screens.customer_parts import card_row
from mobile.ui.screens.deal_actions import step
from mobile.ui.screens.listing import nobody_to_pick, scroll_list
from mobile.ui.words import error_words
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.commands.leads import ORIGIN, became
from shared.protocol import Command
from shared.rules.deals import missing_fields
from shared.rules.leads import title as name_of

I = ft.Icons  # noqa: E741
FORM_WIDTH_PX = 760


class NewDeal(FormModel):
    """The form of a new deal: it is opened in a stage, not created."""

    def __init__(self, actor: Actor, account_id: str, stage_id: str) -> None:
        super().__init__("opportunity", actor, given={"account_id": account_id})
        self._stage_id = stage_id

    def commands(self, new_id: Callable[[], str]) -> list[Command]:
        (create,) = super().commands(new_id)
        return [Command("opportunity.open", {**create.args, "stage_id": self._stage_id})]


class DealOfLead(FormModel):
    """The form of the deal of a lead that became a customer; what the lead says of it is not asked again."""

    def __init__(self, actor: Actor, lead: Row, stage_id: str) -> None:
        asked = [field.name for field in ENTITIES["opportunity"].form_fields]
        only = [name for name in asked if name not in ORIGIN or not lead[name]]
        given = {"account_id": lead["account_id"], "title": lead["company"] or name_of(lead)}
        super().__init__("opportunity", actor, given=given, only=only)
        self._lead, self._stage_id = lead, stage_id

    def commands(self, new_id: Callable[[], str]) -> list[Command]:
        (create,) = super().commands(new_id)
        values = {name: value for name, value in create.args["values"].items() if name != "account_id"}
        deal = {"stage_id": self._stage_id, "values": values}
        about = {"id": self._lead["id"], "account_id": self._lead["account_id"], "opportunity": deal}
        return [Command("lead.convert", about)]


@k.component
def NewDealScreen() -> ft.Control:
    """``/deals/new``, ``?account=<id>``: for whom, then the form; ``?lead=<id>``: for the customer that it became.
    ``back``: where one came from."""
    asked = query()
    back, lead = asked.get("back", "/deals"), use_app().open_store.get("lead", asked.get("lead", ""))
    account_id = lead["account_id"] if lead is not None else asked.get("account")
    if not account_id:
        return PickCustomer(back)
    first = lead if lead is not None and lead["opportunity_id"] is None else None
    return NewDealForm(account_id, back, first, key=account_id)


@k.component
def PickCustomer(back: str) -> ft.Control:
    """Whose deal is it?"""
    page, app = ft.context.page, use_app()
    text, set_text = ft.use_state("")
    rows = use_live(lambda s: accounts.customers(s, text=text), accounts.TOUCHED, text)

    def chosen(account_id: str) -> None:
        page.navigate(with_query("/deals/new", account=account_id, back=back))

    hint = k.t("screen.customers.search")
    search = k.search_field(text, lambda e: set_text(e.control.value), hint=hint, autofocus=True)
    tiles = [card_row(row, app.today(), chosen) for row in rows]
    return k.scaffold(
        k.t("deals.new"),
        scroll_list(tiles, inset=68, foot=24) if tiles else nobody_to_pick(page, text),
        subtitle=k.t("deals.new.whose"),
        back=back,
        top=ft.Container(search, padding=k.pad(0, k.look().gutter, 12, k.look().gutter)),
        scrollable=False,
        max_width=FORM_WIDTH_PX,
    )


@k.component
def NewDealForm(account_id: str, back: str, lead: Row | None = None) -> ft.Control:
    """The fields of a new deal; it begins in the first stage. ``lead``: the one that it comes from."""
    page, app = ft.context.page, use_app()
    account = use_live(lambda s: accounts.customer(s, account_id), accounts.TOUCHED, account_id)
    stages = use_live(lambda s: deals.stages(s, "open"), deals.TOUCHED)
    if account is None or not stages:
        words = k.t("deals.no_stages"), k.t("deals.no_stages.line")
        if account is None:
            words = k.t("screen.customer.gone"), k.t("screen.customer.gone.line")
        return k.scaffold(k.t("deals.new"), k.empty_state(*words, icon=I.FLAG_OUTLINED), back=back)

    def saved(_: FormModel, commands: list[Command]) -> None:
        k.snack(page, k.t("deals.saved"))
        deal_id = became(lead["id"], "opportunity") if lead is not None else commands[0].args["id"]
        page.navigate(f"/deals/{deal_id}")

    def make() -> FormModel:
        if lead is not None:
            return DealOfLead(app.actor, lead, stages[0]["id"])
        return NewDeal(app.actor, account_id, stages[0]["id"])

    return FormScreen(
        make,
        k.t("deals.new"),
        back,
        k.t("deals.save"),
        saved,
        subtitle=f"{account['name']} · {k.local(stages[0], 'name')}",
    )


@k.component
def EditDealScreen(deal: Row, back: str) -> ft.Control:
    """All that the declaration asks for; of an ended deal the note, which is all that can still be changed."""
    page, app = ft.context.page, use_app()
    ended = deal["state"] != "open"

    def saved(_: FormModel, commands: list[Command]) -> None:
        if commands:
            k.snack(page, k.t("screen.saved"))
        page.navigate(back)

    return FormScreen(
        lambda: FormModel(
            "opportunity",
            app.actor,
            deal,
            given={"account_id": deal["account_id"]},
            only=("note",) if ended else None,
        ),
        k.t("deals.edit_note" if ended else "deals.edit"),
        back,
        k.t("frame.save"),
        saved,
        subtitle=deal["title"],
    )


@k.component
def AskedScreen(deal: Row, stage: Row, back: str) -> ft.Control:
    """What the stage asks for and is not filled; saving moves the deal in the same transaction."""
    page, app = ft.context.page, use_app()
    missing: list[str] = ft.use_ref(lambda: missing_fields(deal, stage)).current
    name = k.local(stage, "name")
    action = "win" if stage["kind"] == "won" else "move"

    def saved(_: FormModel, __: list[Command]) -> None:
        k.snack(page, k.t("deals.moved", stage=name))
        page.navigate(back)

    return FormScreen(
        lambda: FormModel("opportunity", app.actor, deal, given={"account_id": deal["account_id"]}, only=missing),
        k.t("deals.move_to", stage=name),
        back,
        k.t("deals.move_to", stage=name),
        saved,
        subtitle=f"{deal['title']} · {k.t('deals.asks', stage=name)}",
        adds=lambda _: [step(action, deal["id"], stage["id"], deal["stage_id"])],
    )


@k.component
def LoseScreen(deal: Row, back: str) -> ft.Control:
    """Why it was lost: a reason to tap, and a line for who wants to say more."""
    app = use_app()
    reasons = use_live(deals.lost_reasons, deals.TOUCHED)
    ends = use_live(lambda s: deals.stages(s, "lost"), deals.TOUCHED)
    reason, set_reason = ft.use_state("")
    note = ft.use_ref("")
    words, set_words = ft.use_state("")

    def save() -> str:
        if not ends or not reasons:
            return k.t("deals.no_end")
        if not reason:
            return k.t("deals.lose.choose")
        more = {"reason_id": reason, "note": note.current}
        refused = run(app, [step("lose", deal["id"], ends[0]["id"], deal["stage_id"], **more)])
        return error_words(refused) if refused is not None else ""

    chips = [
        k.chip(k.local(one, "name"), one["id"] == reason, lambda _, one=one: set_reason(one["id"])) for one in reasons
    ]

    def typed(event: Any) -> None:
        note.current = event.control.value

    card = k.card(
        k.col(
            k.labelled(k.t("field.opportunity.lost_reason_id"), ft.Row(chips, spacing=8, run_spacing=8, wrap=True)),
            k.text_field(k.t("field.opportunity.lost_note"), note.current, typed, multiline=True),
            gap=16,
        )
    )
    def unsaved() -> bool:
        return bool(reason or note.current.strip())

    label, said = k.t("deals.lose"), k.t("deals.lost")
    return _form(label, deal, back, card, save, words, set_words, said, unsaved)


@k.component
def ReasonScreen(deal: Row, action: str, back: str) -> ft.Control:
    """``cancel`` or ``reopen``: why; reopened also where to."""
    app = use_app()
    stages = use_live(lambda s: deals.stages(s, "open"), deals.TOUCHED)
    steps = use_live(lambda s: deals.history(s, deal["id"]), deals.TOUCHED, deal["id"])
    chosen, set_chosen = ft.use_state("")
    reason = ft.use_ref("")
    words, set_words = ft.use_state("")
    known = {stage["id"] for stage in stages}
    last = next((one["from_stage_id"] for one in reversed(steps) if one["from_stage_id"] in known), "")
    stage_id = chosen or last or (stages[0]["id"] if stages else "")

    def save() -> str:
        args = {"id": deal["id"], "reason": reason.current}
        if action == "reopen":
            args["stage_id"] = stage_id
        refused = run(app, [Command(f"opportunity.{action}", args)])
        return error_words(refused) if refused is not None else ""

    def typed(event: Any) -> None:
        reason.current = event.control.value

    parts: list[ft.Control] = [k.text_field(k.t("field.stage_change.reason"), reason.current, typed, multiline=True)]
    if action == "reopen":
        chips = [
            k.chip(k.local(one, "name"), one["id"] == stage_id, lambda _, one=one: set_chosen(one["id"]))
            for one in stages
        ]
        row = ft.Row(chips, spacing=8, run_spacing=8, wrap=True)
        parts.insert(0, k.labelled(k.t("field.opportunity.stage_id"), row))
    label, said = k.t(f"deals.{action}"), k.t(f"deals.{action}.done")
    card = k.card(k.col(*parts, gap=16))
    return _form(label, deal, back, card, save, words, set_words, said, lambda: bool(chosen or reason.current.strip()))


def _form(
    label: str,
    deal: Row,
    back: str,
    card: ft.Control,
    save: Callable[[], str],
    words: str,
    set_words: Callable[[str], Any],
    said: str,
    unsaved: Callable[[], bool],
) -> ft.Control:
    """A small form: the card, what was refused above it, and the button that saves."""
    page = ft.context.page

    def tapped(_: Any) -> None:
        refused = save()
        set_words(refused)
        if not refused:
            k.settle(page)
            k.snack(page, said)
            page.navigate(back)

    k.use_unsaved(unsaved)
    side = k.look().gutter
    top = ft.Container(k.notice(words, "bad", live=True) if words else None, padding=k.pad(0, side, 12 if words else 0))
    bar = k.footbar(
        k.button(k.t("frame.cancel"), k.leaving(page, back), kind="outlined", height=52),
        k.button(label, tapped, icon=I.CHECK_ROUNDED, height=52, expand=True),
    )
    return k.scaffold(label, card, subtitle=deal["title"], back=back, top=top, foot=bar, max_width=FORM_WIDTH_PX)
