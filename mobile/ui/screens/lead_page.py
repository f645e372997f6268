"""One lead: who it is, what was said, its photos, and the one tap that makes a customer of it."""

from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.store.queries import attachments, leads
from mobile.store.queries.leads import Same
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.kit.call import action_button
from mobile.ui.routes import query, with_query
from mobile.ui.screens.actions import run_or_tell
from mobile.ui.screens.attachment_parts import FilesCard
from mobile.ui.screens.audit_trail import trail_button
from mobile.ui.screens.customer_parts import due_words
from mobile.ui.screens.lead_assign import AssignSheet, may_assign_lead
from mobile.ui.screens.lead_known import Known, route_of
from mobile.ui.screens.lead_parts import grade_badge, questions_of
from mobile.ui.screens.lead_reason import ReasonSheet
from mobile.ui.sync_pill import moment
from shared.commands.lead_rules import OPEN
from shared.commands.leads import CONTACT_TOLD, became
from shared.labels import field_label
from shared.protocol import Command
from shared.rules import qualifiers
from shared.rules.deals import ASKABLE, missing_fields
from shared.rules.leads import title

I = ft.Icons  # noqa: E741
ASSIGN = "assign"
WIDTH_PX = 960
WIDE_MIN_PX = 1000
Row = dict[str, Any]


@k.component
def LeadScreen() -> ft.Control:
    """``/leads/:lead_id``; ``?file=<id>`` one of its files in its place."""
    from mobile.ui.screens.file_page import FileScreen

    lead_id = ft.use_route_params().get("lead_id", "")
    asked = query()
    if "file" in asked:
        return FileScreen(f"/leads/{lead_id}", asked["file"], key=f"file {asked['file']}")
    return LeadPage(lead_id, key=lead_id)


@k.component
def LeadPage(lead_id: str) -> ft.Control:
    """The page."""
    page, app = ft.context.page, use_app()
    asking, set_asking = ft.use_state("")
    row = use_live(lambda s: leads.lead(s, lead_id), leads.TOUCHED, lead_id)
    files = use_live(lambda s: attachments.of_lead(s, lead_id), attachments.TOUCHED, lead_id)
    stage = use_live(_first_stage, ["stage"])
    open_ = row is not None and row["state"] in OPEN
    found = use_live(
        lambda s: leads.same(s, row["phone"], row["email"], row["company"], but=lead_id) if row and open_ else [],
        leads.TOUCHED,
        row and (row["phone"], row["email"], row["company"], row["state"]),
    )

    def settle(command: str, reason: str) -> None:
        set_asking("")
        run_or_tell(page, app, [Command(command, {"id": lead_id, "reason": reason})], saved=k.t(f"{command}.saved"))

    sheet = None
    if row is not None and asking == ASSIGN:
        sheet = k.sheet(AssignSheet([row], lambda _: set_asking("")), lambda _: set_asking(""))
    elif row is not None and asking:
        sheet = k.sheet(ReasonSheet(asking, title(row), settle), lambda _: set_asking(""))
    ft.use_dialog(sheet)
    if row is None:
        gone = k.empty_state(
            k.t("leads.gone"),
            k.t("leads.gone.line"),
            icon=I.PERSON_OFF_OUTLINED,
            action=k.t("leads.all"),
            on_action=lambda _: page.navigate("/leads"),
        )
        return k.scaffold(k.t("entity.lead"), gone, back="/leads")

    def join(one: Same) -> None:
        if one.entity == "lead":
            args = {"id": one.id, "other_id": lead_id}
            if run_or_tell(page, app, [Command("lead.merge", args)], saved=k.t("leads.merged", name=one.name)):
                page.navigate(f"/leads/{one.id}")
            return
        convert(page, app, row, one)

    parts: list[ft.Control] = [_head(row), k.gap(4), _actions(page, row, set_asking)]
    if open_:
        parts += [k.gap(4), _states(page, app, row)]
        if found:
            parts.append(Known(found, join, lambda one: page.navigate(route_of(one))))
    if row["account"] is not None:
        parts.append(_became(page, row))
    if row["next_step"] or row["next_step_on"]:
        parts.append(_next_step(app, row))
    told = k.card(k.col(k.section_title(k.t("leads.details")), k.gap(12), k.pairs(_details(row))))
    way = k.card(k.col(k.section_title(k.t("leads.timeline")), k.gap(12), *_timeline(app, row)))
    photos = FilesCard({"lead_id": lead_id}, files)
    if k.look().width >= WIDE_MIN_PX:
        left, right = k.col(told, way, gap=12), k.col(photos, gap=12)
        columns = k.row(ft.Container(left, expand=3), ft.Container(right, expand=2), gap=16, top=True)
        parts.append(columns)
    else:
        parts += [told, photos, way]
    parts.append(k.row(trail_button("lead", lead_id)))
    foot = k.footbar(*_convert_buttons(page, app, row, stage, found)) if open_ else None
    return k.scaffold(k.t("entity.lead"), *parts, back="/leads", foot=foot, max_width=WIDTH_PX, gap=12)


def _first_stage(store: Any) -> Row | None:
    stages = store.select("stage", "deleted_at IS NULL AND active AND kind = 'open'", order_by="position, id", limit=1)
    return stages[0] if stages else None


def convert(page: ft.Page, app: App, row: Row, known: Same | None, stage: Row | None = None) -> None:
    """Makes a customer of the lead, or adds it to a known one; ``stage``: with a deal that begins there.

    Where that stage asks for something the deal has its form, which opens it for the lead that is a customer then.
    """
    args: dict[str, Any] = {"id": row["id"]}
    if known is not None:
        args |= {"account_id": known.id, **({"contact_id": known.contact_id} if known.contact_id else {})}
    asks = stage is not None and _asks(stage, row, known)
    if stage is not None and not asks:
        args["opportunity"] = {"stage_id": stage["id"], "values": {}}
    if not run_or_tell(page, app, [Command("lead.convert", args)]):
        return
    account_id = known.id if known is not None else became(row["id"], "account")
    words = "leads.converted_deal" if stage is not None and not asks else "leads.converted"
    k.snack(page, k.t(words, name=title(row)))
    customer = f"/customers/{account_id}"
    page.navigate(with_query("/deals/new", lead=row["id"], back=customer) if asks else customer)


def _asks(stage: Row, row: Row, known: Same | None) -> bool:
    """Whether the stage asks for more than the lead brings, which is nothing but who the contact is."""
    contact = (known is not None and known.contact_id is not None) or any(row[name] for name in CONTACT_TOLD)
    return bool(missing_fields({**dict.fromkeys(ASKABLE), "contact_id": contact or None}, stage))


def _convert_buttons(page: ft.Page, app: App, row: Row, stage: Row | None, found: list[Same]) -> list[ft.Control]:
    """One tap. Who is a customer already by number or address is added there and not made a second time."""
    known = next((one for one in found if one.entity == "account" and one.why in ("phone", "email")), None)
    words = k.t("leads.convert_known", name=known.name) if known else k.t("leads.convert")
    plain = k.button(
        words,
        lambda _: convert(page, app, row, known),
        icon=None if stage else I.HOW_TO_REG_ROUNDED,
        kind="outlined" if stage else "filled",
        height=52,
        expand=True,
    )
    if stage is None:
        return [plain]
    deal = k.button(
        k.t("leads.convert_deal"),
        lambda _: convert(page, app, row, known, stage),
        icon=None if k.look().layout == "phone" else I.HANDSHAKE_OUTLINED,
        height=52,
        expand=True,
    )
    return [plain, deal]


def _head(row: Row) -> ft.Control:
    badges: list[ft.Control] = [k.choice_badge("lead", "state", row["state"]), grade_badge(row["grade"])]
    if row["unsent"]:
        badges.append(k.badge(k.t("frame.unsent"), "warn", I.CLOUD_UPLOAD_OUTLINED))
    if row["event"]:
        badges.append(k.badge(k.local(row["event"], "name"), "mute", I.STOREFRONT_ROUNDED))
    about = " · ".join(part for part in (row["company"] if row["name"] else "", row["position"]) if part)
    words = k.col(
        ft.Semantics(header=True, content=k.text(title(row), 20, 600, lines=2)),
        *([k.gap(2), k.soft(about, 14, lines=2)] if about else []),
        k.gap(6),
        ft.Row(badges, spacing=8, run_spacing=6, wrap=True),
    )
    return k.row(k.avatar(title(row), 56, round_=bool(row["name"])), ft.Container(words, expand=True), gap=16, top=True)


def _actions(page: ft.Page, row: Row, ask: Any) -> ft.Control:
    """Call, edit, invalid or open again: tiles as on a customer's page."""
    name = title(row)
    tiles: list[ft.Control] = []
    if row["phone"]:
        words = k.t("screen.action.call"), k.t("screen.call", name=name)
        tiles.append(action_button(I.CALL_ROUNDED, *words, phone=row["phone"]))
    edit = k.t("screen.action.edit"), k.t("leads.edit_name", name=name)
    tiles.append(action_button(I.EDIT_OUTLINED, *edit, lambda _: page.navigate(f"/leads/{row['id']}/edit")))
    if row["state"] in OPEN and may_assign_lead(use_app().actor, row):
        give = k.t("leads.assign.action"), k.t("leads.assign.name", name=name)
        tiles.append(action_button(I.ASSIGNMENT_IND_OUTLINED, *give, lambda _: ask(ASSIGN)))
    if row["state"] in OPEN:
        invalid = k.t("leads.invalid"), k.t("leads.invalid_name", name=name)
        tiles.append(action_button(I.BLOCK_ROUNDED, *invalid, lambda _: ask("lead.invalidate")))
    elif row["state"] == "invalid":
        again = k.t("leads.reopen"), k.t("leads.reopen_name", name=name)
        tiles.append(action_button(I.REPLAY_ROUNDED, *again, lambda _: ask("lead.reopen")))
    spare = [ft.Container(expand=True) for _ in range(3 - len(tiles))] if k.look().layout == "phone" else []
    width = None if k.look().layout == "phone" else 88 * len(tiles)
    return ft.Container(k.row(*tiles, *spare, gap=4), width=width, alignment=ft.Alignment.CENTER_LEFT)


def _states(page: ft.Page, app: App, row: Row) -> ft.Control:
    def move(state: str) -> None:
        args = {"id": row["id"], "expected": row["state"], "state": state}
        run_or_tell(page, app, [Command("lead.move", args)])

    chips = [
        k.chip(k.t(f"choice.lead.state.{state}"), row["state"] == state, lambda _, state=state: move(state))
        for state in OPEN
    ]
    return ft.Row(chips, spacing=8, run_spacing=8, wrap=True)


def _became(page: ft.Page, row: Row) -> ft.Control:
    account = row["account"]
    return k.notice(
        k.t("leads.became", name=account["name"]),
        "ok",
        icon=I.VERIFIED_ROUNDED,
        action=k.t("leads.open"),
        on_action=lambda _: page.navigate(f"/customers/{account['id']}"),
    )


def _next_step(app: App, row: Row) -> ft.Control:
    when, status = due_words(row["next_step_on"], app.today())
    closed = row["state"] not in OPEN
    detail = k.t("leads.step.on", day=k.format_day(row["next_step_on"])) if row["next_step_on"] else None
    words = " · ".join(part for part in (row["next_step"], when if row["next_step_on"] and not closed else "") if part)
    return k.notice(words, "mute" if closed else status if status != "mute" else "info", detail=detail,
                    icon=I.EVENT_ROUNDED)  # fmt: skip


def _details(row: Row) -> list[tuple[str, str]]:
    """What is known, under the declared labels; the answers under their questions."""
    language = k.look().language
    app = use_app()
    pairs = [(field_label(language, "lead", name), row[name]) for name in ("phone", "email", "wechat") if row[name]]
    pairs += qualifiers.words(questions_of(row["event"]), row["answers"], language)
    if row["note"]:
        pairs.append((field_label(language, "lead", "note"), row["note"]))
    for name, target in (("event_id", "event"), ("source_id", "source")):
        if row[target]:
            pairs.append((field_label(language, "lead", name), k.local(row[target], "name")))
    agreed = k.t("leads.no_consent")
    if row["consent"]:
        at = moment(row["consent_at"], app.now_ms(), app.time_zone) if row["consent_at"] else ""
        agreed = k.t("leads.consent", when=at)
    pairs.append((k.t("leads.consent_label"), agreed))
    if row["owner_name"]:
        pairs.append((k.t("field.owner_id"), row["owner_name"]))
    return pairs


STEP_ICONS: dict[str, tuple[Any, Any]] = {
    "new": (I.FIBER_NEW_ROUNDED, "info"),
    "following": (I.SCHEDULE_ROUNDED, "warn"),
    "interested": (I.TRENDING_UP_ROUNDED, "info"),
    "converted": (I.VERIFIED_ROUNDED, "ok"),
    "invalid": (I.BLOCK_ROUNDED, "mute"),
}


def _timeline(app: App, row: Row) -> list[ft.Control]:
    """The changes of its state, the newest first, down to its capture."""
    store = app.open_store

    def meta(at: int, by: str | None) -> str:
        person = store.get("user", by) if by else None
        return " · ".join(filter(None, [moment(at, app.now_ms(), app.time_zone), person["name"] if person else ""]))

    entries = []
    for step in reversed(row["history"] or []):
        icon, status = STEP_ICONS[step["to"]]
        words = k.t("leads.moved", state=k.t(f"choice.lead.state.{step['to']}"))
        entries.append(
            k.timeline_entry(icon, words, meta(step["at"], step["by"]), step["reason"] or None, status=status)
        )
    place = k.local(row["event"], "name") if row["event"] else ""
    captured = k.timeline_entry(
        I.PERSON_ADD_ALT_1_ROUNDED,
        k.t("leads.captured"),
        meta(row["created_at"], row["created_by"]),
        place or None,
        status="info",
        last=True,
    )
    return [*entries, captured]
