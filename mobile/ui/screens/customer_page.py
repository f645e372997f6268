"""One customer: who it is, what to do, what was said, who works there, what was ordered."""

from typing import Any

import flet as ft

from mobile.store.queries import accounts, attachments, deals, orders
from mobile.store.queries.base import PAGE
from mobile.store.queries.deals import Filters
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_session
from mobile.ui.hooks import use_live
from mobile.ui.kit.call import action_button, call_button
from mobile.ui.routes import query, with_query
from mobile.ui.screens.actions import delete_with_undo, run_or_tell
from mobile.ui.screens.attachment_parts import FilesCard, FileStrip
from mobile.ui.screens.audit_trail import trail_button
from mobile.ui.screens.customer_deals import deals_tab
from mobile.ui.screens.customer_parts import CHANNELS, day_and_time, due_words, level_words
from mobile.ui.screens.customer_people import PeopleScreen, people_line
from mobile.ui.screens.older import OlderRow, at_least, use_history
from mobile.ui.screens.order_parts import order_row
from mobile.ui.sync_pill import moment
from shared.access import answers_for, hidden_fields
from shared.catalog import ENTITIES
from shared.labels import field_label
from shared.protocol import Command

I = ft.Icons  # noqa: E741
TABS = ("timeline", "contacts", "deals", "orders", "details")
SIDE_PX = 272
SIDE_MIN_PX = 1360
"""From this width on contacts and details stand in a column of their own."""


@k.component
def CustomerScreen() -> ft.Control:
    """``/customers/:account_id``; ``?new=activity``, ``?new=contact``, ``?contact=<id>``, ``?people=share``,
    ``?people=assign`` open a form in its place, ``?file=<id>`` a file."""
    from mobile.ui.screens.customer_form import ContactScreen, FollowUpScreen
    from mobile.ui.screens.file_page import FileScreen

    account_id = ft.use_route_params().get("account_id", "")
    asked = query()
    if asked.get("new") == "activity":
        return FollowUpScreen(account_id, key=f"activity {account_id}")
    if asked.get("new") == "contact" or "contact" in asked:
        return ContactScreen(account_id, asked.get("contact"), key=f"contact {account_id} {asked.get('contact')}")
    if "people" in asked:
        return PeopleScreen(account_id, asked["people"], key=f"people {asked['people']} {account_id}")
    if "file" in asked:
        return FileScreen(f"/customers/{account_id}", asked["file"], key=f"file {asked['file']}")
    return CustomerDetail(account_id, False, key=account_id)


@k.component
def CustomerDetail(account_id: str, embedded: bool) -> ft.Control:
    """The page; ``embedded`` beside the list it has no header and no foot of its own."""
    page, app = ft.context.page, use_app()
    use_session()
    tab, set_tab = ft.use_state("timeline")
    shown, set_shown = ft.use_state(PAGE)
    watched = accounts.TOUCHED | orders.TOUCHED
    row = use_live(lambda s: accounts.customer(s, account_id), watched, account_id)
    people = use_live(lambda s: accounts.contacts(s, account_id), watched, account_id)
    entries = use_live(lambda s: accounts.timeline(s, account_id, limit=shown + 1), watched, account_id, shown)
    open_due = use_live(lambda s: accounts.next_due(s, account_id), watched, account_id)
    bought = use_live(lambda s: orders.orders(s, account_id=account_id, limit=shown + 1), watched, account_id, shown)
    wished = use_live(lambda s: deals.deals(s, Filters(account_id=account_id)), deals.TOUCHED, account_id)
    sales = use_live(lambda s: accounts.sales(s, account_id), watched, account_id)
    files = use_live(lambda s: attachments.files(s, account_id), attachments.TOUCHED, account_id)
    history = use_history()
    if row is None:
        return _gone(page, embedded)

    async def delete(_: Any) -> None:
        words = k.t("screen.customer.delete", name=row["name"]), k.t("screen.customer.delete.line")
        if await k.ask(page, *words, k.t("screen.delete"), danger=True) and delete_with_undo(
            page, app, "account", account_id, saved=k.t("screen.customer.deleted", name=row["name"])
        ):
            page.navigate("/customers")

    roomy = k.look().width >= SIDE_MIN_PX
    tabs = [name for name in TABS if not (roomy and name in ("contacts", "details"))]
    current = tab if tab in tabs else "timeline"
    counted = {"contacts": str(len(people) or ""), "deals": str(len(wished) or "")}
    counts = {**counted, "orders": at_least(history, sales["count"])}
    bodies = {
        "timeline": lambda: _timeline(row, entries, open_due, files, shown, set_shown),
        "contacts": lambda: [_contacts(account_id, people)],
        "deals": lambda: deals_tab(page, account_id, wished),
        "orders": lambda: _orders(page, account_id, bought, shown, set_shown),
        "details": lambda: [k.card(_details(row))],
    }
    on_itself = [file for file in files if file["activity_id"] is None]
    own_files = FilesCard({"account_id": account_id}, on_itself, narrow=roomy)
    below = [k.gap(12), own_files] if current == "timeline" and not roomy else []
    main = k.col(_tab_bar(tabs, current, counts, set_tab), k.gap(12), *bodies[current](), *below, gap=0)
    if roomy:
        side = k.col(
            _card(k.t("screen.customer.tab.contacts"), _contacts(account_id, people, plain=True)),
            _card(k.t("screen.customer.tab.details"), _details(row)),
            own_files,
            gap=12,
        )
        main = k.row(ft.Container(main, expand=True), ft.Container(side, width=SIDE_PX), gap=24, top=True)
    head = _head(row, people)
    actions = (_tiles if k.look().layout == "phone" else _buttons)(page, row, people, delete)
    if k.look().layout == "desktop":
        parts = [k.row(ft.Container(head, expand=True), actions, gap=12, top=True), k.gap(4), people_line(row)]
    else:
        parts = [head, k.gap(8), people_line(row), k.gap(8), actions]
    parts += [k.gap(8), main]
    if embedded:
        return ft.ListView([ft.Container(k.col(*parts), padding=k.pad(20, 24))], expand=True)
    foot = None
    if k.look().layout == "phone":
        foot = k.footbar(
            k.button(
                k.t("screen.customer.write"),
                lambda _: page.navigate(_form(account_id, new="activity")),
                icon=I.EDIT_NOTE_ROUNDED,
                height=52,
                expand=True,
            )
        )
    return k.scaffold(k.t("entity.account"), k.col(*parts), back="/customers", foot=foot)


def _form(account_id: str, **parameters: str) -> str:
    return with_query(f"/customers/{account_id}", **parameters)


def _gone(page: ft.Page, embedded: bool) -> ft.Control:
    blank = k.empty_state(
        k.t("screen.customer.gone"),
        k.t("screen.customer.gone.line"),
        icon=I.PERSON_OFF_OUTLINED,
        action=k.t("screen.customers.all"),
        on_action=lambda _: page.navigate("/customers"),
    )
    return blank if embedded else k.scaffold(k.t("entity.account"), blank, back="/customers")


def _head(row: dict[str, Any], people: list[dict[str, Any]]) -> ft.Control:
    badges: list[ft.Control] = [
        k.choice_badge("account", "account_class", row["account_class"]),
        k.badge(level_words(row["level"]), "warn" if row["level"] == "A" else "mute", I.STAR_ROUNDED),
    ]
    if row["unsent"]:
        badges.append(k.badge(k.t("frame.unsent"), "warn", I.CLOUD_UPLOAD_OUTLINED))
    badges += [k.badge(tag, "mute", I.SELL_OUTLINED) for tag in row["tags"][:6]]
    about = " · ".join(part for part in (people[0]["name"] if people else "", row["city"], row["industry"]) if part)
    words = k.col(
        ft.Semantics(header=True, content=k.text(row["name"], 20, 600, lines=2)),
        k.gap(6),
        ft.Row(badges, spacing=8, run_spacing=6, wrap=True),
        *([k.gap(6), k.soft(about, 13, lines=2)] if about else []),
    )
    return k.row(k.avatar(row["name"], 56), ft.Container(words, expand=True), gap=16, top=True)


def _caller(row: dict[str, Any], people: list[dict[str, Any]]) -> tuple[str, str]:
    """(phone, who): the first contact with a number, otherwise the customer's own."""
    person = next((one for one in people if one["phone"]), None)
    return (person["phone"], person["name"]) if person else (row["phone"], row["name"])


def _places(page: ft.Page, account_id: str) -> dict[str, Any]:
    """Where the actions lead."""
    return {
        "contact": lambda _: page.navigate(_form(account_id, new="contact")),
        "activity": lambda _: page.navigate(_form(account_id, new="activity")),
        "order": lambda _: page.navigate(with_query("/order/new", account=account_id)),
        "edit": lambda _: page.navigate(f"/customers/{account_id}/edit"),
    }


def _tiles(page: ft.Page, row: dict[str, Any], people: list[dict[str, Any]], delete: Any) -> ft.Control:
    """Call, follow up, order, edit, delete: five tiles in a row, for phones. Who may not delete has four."""
    phone, who = _caller(row, people)
    to = _places(page, row["id"])
    name = row["name"]
    if phone:
        first = action_button(I.CALL_ROUNDED, k.t("screen.action.call"), k.t("screen.call", name=who), phone=phone)
    else:
        add = k.t("screen.customer.add_contact")
        first = action_button(I.PERSON_ADD_ALT_1_ROUNDED, k.t("entity.contact"), add, to["contact"])
    write, order = k.t("screen.customer.write"), k.t("screen.customer.order", name=name)
    words = k.t("screen.delete"), k.t("screen.customer.delete_name", name=name)
    remove = [action_button(I.DELETE_OUTLINE_ROUNDED, *words, delete)] if answers_for(use_app().actor, row) else []
    return k.row(
        first,
        action_button(I.EDIT_NOTE_ROUNDED, k.t("screen.action.follow_up"), write, to["activity"]),
        action_button(I.ADD_SHOPPING_CART_ROUNDED, k.t("screen.action.order"), order, to["order"]),
        action_button(I.EDIT_OUTLINED, k.t("screen.action.edit"), k.t("screen.customer.edit"), to["edit"]),
        *remove,
        gap=4,
    )


def _buttons(page: ft.Page, row: dict[str, Any], people: list[dict[str, Any]], delete: Any) -> ft.Control:
    """The same actions beside the head, for wide windows."""
    phone, who = _caller(row, people)
    to = _places(page, row["id"])
    words = k.t("screen.customer.delete_name", name=row["name"])
    remove = [k.icon_button(I.DELETE_OUTLINE_ROUNDED, words, delete)] if answers_for(use_app().actor, row) else []
    return k.row(
        *([call_button(phone, who)] if phone else []),
        k.icon_button(I.EDIT_OUTLINED, k.t("screen.customer.edit"), to["edit"]),
        *remove,
        k.button(k.t("screen.action.follow_up"), to["activity"], icon=I.EDIT_NOTE_ROUNDED, kind="outlined"),
        k.button(k.t("screen.action.order"), to["order"], icon=I.ADD_SHOPPING_CART_ROUNDED),
        gap=8,
        tight=True,
    )


def _tab_bar(names: list[str], current: str, counts: dict[str, str], choose: Any) -> ft.Control:
    p = k.look().palette
    cells = []
    for name in names:
        chosen = name == current
        label = " ".join(filter(None, [k.t(f"screen.customer.tab.{name}"), counts.get(name)]))
        word = k.text(label, 14, 600 if chosen else 500, p.primary if chosen else p.text_soft, lines=1)
        line = ft.Container(height=3, width=44, bgcolor=p.primary if chosen else ft.Colors.TRANSPARENT, border_radius=2)
        content = ft.Column(
            [ft.Container(word, expand=True, alignment=k.CENTER), line],
            spacing=0,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        )
        tap = ft.Container(content, height=48, ink=True, on_click=lambda _, name=name: choose(name))
        share = round(k.title_px(label)) + 40  # a longer word has more of the line
        cells.append(ft.MergeSemantics(ft.Semantics(button=True, selected=chosen, content=tap), expand=share))
    return k.col(k.row(*cells, gap=0), k.hairline())


def _card(title: str, content: ft.Control) -> ft.Control:
    return k.card(k.col(k.section_title(title), k.gap(8), content))


def _timeline(
    row: dict[str, Any],
    entries: list[dict[str, Any]],
    open_due: list[dict[str, Any]],
    files: list[dict[str, Any]],
    shown: int,
    set_shown: Any,
) -> list[ft.Control]:
    page = ft.context.page
    parts: list[ft.Control] = []
    for due in open_due[:3]:
        parts += [due_notice(due), k.gap(12)]
    if not entries:
        # On phones the same action stands at the foot already.
        action = None if k.look().layout == "phone" else k.t("screen.customer.write")
        blank = k.t("screen.timeline.none"), k.t("screen.timeline.none.line")
        to_form = _places(page, row["id"])["activity"]
        parts.append(k.empty_state(*blank, icon=I.FORUM_OUTLINED, action=action, on_action=to_form))
    listed = entries[:shown]
    everything, me = answers_for(use_app().actor, row), use_app().actor.user_id
    for entry in listed:
        below = [file for file in files if file["activity_id"] == entry["id"]]
        parts.append(_entry(entry, below, entry is listed[-1], everything or entry["created_by"] == me))
    if len(entries) > shown:
        parts.append(k.button(k.t("screen.more"), lambda _: set_shown(shown + PAGE), kind="text"))
    else:
        parts.append(OlderRow())
    return parts


def due_notice(due: dict[str, Any]) -> ft.Control:
    """The reminder of an open follow-up, with its *done*."""
    page, app = ft.context.page, use_app()
    when, status = due_words(due["due_on"], app.today())
    title = due["due_note"] or k.t("screen.due.title")
    line = k.t("screen.due.line", when=when, day=day_and_time(due["due_on"], due["due_time"]))

    def done(_: Any) -> None:
        now = app.now_ms()
        patch = Command("activity.patch", {"id": due["id"], "base": {"done_at": None}, "values": {"done_at": now}})

        def undo(_: Any) -> None:
            back = {"id": due["id"], "base": {"done_at": now}, "values": {"done_at": None}}
            run_or_tell(page, app, [Command("activity.patch", back)])

        if run_or_tell(page, app, [patch]):
            k.snack(page, k.t("screen.due.done"), action=k.t("frame.undo"), on_action=undo)

    return k.notice(
        title,
        status if status != "mute" else "info",
        detail=line,
        icon=I.NOTIFICATIONS_ACTIVE_ROUNDED,
        action=k.t("frame.done"),
        on_action=done,
    )


def _entry(entry: dict[str, Any], files: list[dict[str, Any]], last: bool, may_delete: bool) -> ft.Control:
    page, app = ft.context.page, use_app()
    icon, status = CHANNELS[entry["channel"]]
    when = moment(entry["happened_at"], app.now_ms(), app.time_zone)
    meta = " · ".join(part for part in (when, entry["author"]) if part)
    body: list[ft.Control] = [k.text(entry["body"], 14)]
    if entry["due_on"]:
        when = day_and_time(entry["due_on"], entry["due_time"])
        words = k.t("screen.due.next", day=when, note=entry["due_note"]).rstrip("：: ")
        done = entry["done_at"] is not None
        body.append(
            k.status_line(words, "ok" if done else "warn", I.CHECK_CIRCLE_ROUNDED if done else I.EVENT_ROUNDED, lines=2)
        )
    if files:
        body += [k.gap(4), FileStrip(files, key=f"files {entry['id']}")]

    async def delete(_: Any) -> None:
        if await k.ask(page, k.t("screen.timeline.delete"), entry["body"][:120], k.t("screen.delete"), danger=True):
            delete_with_undo(page, app, "activity", entry["id"], saved=k.t("screen.deleted"))

    cloud = [k.unsent_mark()] if entry["unsent"] else []
    remove = k.icon_button(I.DELETE_OUTLINE_ROUNDED, k.t("screen.timeline.delete"), delete, size=18)
    # The button lies over the row: in it, its 48 px would tear title and date apart.
    trailing = k.row(*cloud, *([k.hgap(44)] if may_delete else []), gap=0, tight=True)
    title = k.t(f"choice.activity.channel.{entry['channel']}")
    shown = k.timeline_entry(icon, title, meta, k.col(*body, gap=4), status=status, last=last, trailing=trailing)
    if not may_delete:
        return shown
    return ft.Stack([shown, ft.Container(remove, right=-6, top=-12)], clip_behavior=ft.ClipBehavior.NONE)


def _contacts(account_id: str, people: list[dict[str, Any]], *, plain: bool = False) -> ft.Control:
    page = ft.context.page
    tiles = []
    for person in people:
        number = person["phone"]
        if plain and number:
            number = k.t("screen.contact.ending", digits=number[-4:])
        second = " · ".join(part for part in (person["position"], number) if part)
        cloud = [k.unsent_mark()] if person["unsent"] else []
        title = k.row(ft.Container(k.row_title(person["name"]), expand=True, expand_loose=True), *cloud, gap=6)
        tiles.append(
            k.tile(
                title,
                second or None,
                leading=k.avatar(person["name"], 40, round_=True),
                height=64,
                padding=k.pad(0, 0, 0, 0 if plain else 12),
                on_click=lambda _, person=person: page.navigate(_form(account_id, contact=person["id"])),
                name=k.t("screen.contact.edit", name=person["name"]),
                action=call_button(person["phone"], person["name"]),
            )
        )
    add = k.button(
        k.t("screen.customer.add_contact"),
        lambda _: page.navigate(_form(account_id, new="contact")),
        icon=I.PERSON_ADD_ALT_1_ROUNDED,
        kind="tonal",
    )
    listed: list[ft.Control] = []
    if tiles:
        listed = [k.col(*tiles) if plain else k.list_card(*tiles), k.gap(12)]
    elif not plain:
        listed = [k.soft(k.t("screen.contacts.none")), k.gap(12)]
    return k.col(*listed, add)


def _orders(page: ft.Page, account_id: str, rows: list[dict[str, Any]], shown: int, set_shown: Any) -> list[ft.Control]:
    order = k.t("screen.action.order")
    if not rows:
        return [
            k.empty_state(
                k.t("screen.orders.none"),
                k.t("screen.orders.none.line"),
                icon=I.RECEIPT_LONG_OUTLINED,
                action=order,
                on_action=lambda _: page.navigate(with_query("/order/new", account=account_id)),
            ),
            OlderRow(),
        ]
    tiles = [order_row(row, lambda row_id: page.navigate(f"/orders/{row_id}"), customer=False) for row in rows[:shown]]
    more = k.button(k.t("screen.more"), lambda _: set_shown(shown + PAGE), kind="text")
    return [k.list_card(*tiles, inset=16), more if len(rows) > shown else OlderRow()]


def _details(row: dict[str, Any]) -> ft.Control:
    """All that is filled in, under the declared labels; what the role may not see is absent."""
    language, entity = k.look().language, ENTITIES["account"]
    hidden = hidden_fields(entity, use_app().actor.role)
    pairs = []
    if row["price_list"]:
        pairs.append((field_label(language, "account", "price_list_id"), k.local(row, "price_list")))
    for name in ("phone", "city", "address", "industry", "source", "tax_number", "bank_account", "notes"):
        if name in hidden or not row.get(name):
            continue
        value = k.t(f"choice.account.source.{row[name]}") if name == "source" else str(row[name])
        pairs.append((field_label(language, "account", name), value))
    if row["owner_name"]:
        pairs.append((k.t("field.owner_id"), row["owner_name"]))
    shown = k.pairs(pairs) if pairs else k.soft(k.t("screen.customer.no_details"))
    return k.col(shown, k.gap(8), trail_button("account", row["id"]))
