"""Who works with a customer: the owner, with whom it is shared; sharing it and handing it over."""

from typing import Any

import flet as ft

from mobile.store.queries import accounts, people
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.routes import with_query
from mobile.ui.screens.actions import run_or_tell
from shared.access import Actor, answers_for
from shared.catalog import ENTITIES
from shared.protocol import Command

I = ft.Icons  # noqa: E741
SEARCH_FROM = 9
"""With so many colleagues the list can be searched."""


def may_hand_over(actor: Actor, row: dict[str, Any]) -> bool:
    """Whether the actor may give the customer to somebody else."""
    return actor.role in ENTITIES["account"].options.generic["assign"] and answers_for(actor, row)


def people_line(row: dict[str, Any]) -> ft.Control:
    """Owner and shares, with what the user may change about them. What he may not is absent."""
    page, app = ft.context.page, use_app()
    actor = app.actor
    others = people.names(app.open_store, [one for one in row["shared_with"] if one != actor.user_id])
    words = k.t("screen.people.mine") if row["owner_id"] == actor.user_id else ""
    if not words and row["owner_name"]:
        key = "screen.people.shared_by" if actor.user_id in row["shared_with"] else "screen.customer.owner"
        words = k.t(key, name=row["owner_name"])
    if others:
        listed = ("、" if k.look().language == "zh" else ", ").join(others[:3])
        more = k.t("screen.people.more", names=listed, count=len(others))
        with_whom = k.t("screen.people.shared_with", names=listed if len(others) <= 3 else more)
        words = " · ".join(part for part in (words, with_whom) if part)
    buttons: list[ft.Control] = []
    if answers_for(actor, row):
        share = k.t("screen.people.share_name", name=row["name"])
        buttons.append(k.icon_button(I.GROUP_ADD_OUTLINED, share, lambda _: page.navigate(_address(row, "share"))))
    if may_hand_over(actor, row):
        give = k.t("screen.people.assign_name", name=row["name"])
        buttons.append(k.icon_button(I.SWAP_HORIZ_ROUNDED, give, lambda _: page.navigate(_address(row, "assign"))))
    mark = ft.Icon(
        I.GROUP_OUTLINED if row["shared_with"] else I.PERSON_OUTLINE_ROUNDED, size=18, color=k.look().palette.text_soft
    )
    return k.row(mark, k.soft(words, 13, lines=2, expand=True), *buttons, gap=8)


def _address(row: dict[str, Any], what: str) -> str:
    return with_query(f"/customers/{row['id']}", people=what)


@k.component
def PeopleScreen(account_id: str, what: str) -> ft.Control:
    """``/customers/:account_id?people=share`` or ``assign``: the colleagues to choose from."""
    page, app = ft.context.page, use_app()
    typed, set_typed = ft.use_state("")
    row = use_live(lambda s: accounts.customer(s, account_id), accounts.TOUCHED, account_id)
    team = None if app.actor.role == "admin" else app.actor.team_id
    everybody = use_live(lambda s: people.colleagues(s, team), people.TOUCHED, team)
    back = f"/customers/{account_id}"
    assigning = what == "assign"
    allowed = row is not None and (may_hand_over(app.actor, row) if assigning else answers_for(app.actor, row))
    if row is None or not allowed:
        words = k.t("screen.customer.gone"), k.t("screen.people.not_yours")
        blank = k.empty_state(*words, icon=I.LOCK_PERSON_OUTLINED, action=k.t("frame.back"),
                              on_action=lambda _: page.navigate(back))  # fmt: skip
        return k.scaffold(k.t("entity.account"), blank, back=back)
    shown = [one for one in everybody if one["id"] != row["owner_id"] and typed.strip().lower() in one["name"].lower()]
    shown.sort(key=lambda one: one["id"] not in row["shared_with"])  # those who see it already come first
    tile = _candidate if assigning else _sharer
    tiles = [tile(page, row, one) for one in shown]
    blank = k.empty_state(k.t("screen.people.nobody"), k.t("screen.people.nobody.line"), icon=I.GROUP_OFF_OUTLINED)
    search = k.search_field(typed, lambda e: set_typed(e.control.value), hint=k.t("screen.people.search"))
    return k.scaffold(
        k.t("screen.people.assign" if assigning else "screen.people.share"),
        k.soft(k.t("screen.people.assign.line" if assigning else "screen.people.share.line")),
        k.gap(12),
        k.list_card(*tiles) if tiles else blank,
        subtitle=row["name"],
        back=back,
        top=k.col(search, k.gap(12)) if len(everybody) >= SEARCH_FROM else None,
        max_width=760,
    )


def _about(one: dict[str, Any]) -> str:
    return " · ".join(part for part in (k.t(f"choice.user.role.{one['role']}"), one["team"]) if part)


def _sharer(page: ft.Page, row: dict[str, Any], one: dict[str, Any]) -> ft.Control:
    """A colleague with the button that starts or ends the share."""
    app, shared = use_app(), one["id"] in row["shared_with"]

    def change(_: Any) -> None:
        name = "account.unshare" if shared else "account.share"
        said = k.t("screen.people.unshared" if shared else "screen.people.shared", name=one["name"])
        run_or_tell(page, app, [Command(name, {"id": row["id"], "user_id": one["id"]})], saved=said)

    key = "screen.people.end_share" if shared else "screen.people.share_with"
    button = k.icon_button(I.GROUP_REMOVE_OUTLINED if shared else I.GROUP_ADD_OUTLINED,
                           k.t(key, name=one["name"]), change)  # fmt: skip
    mark = [k.badge(k.t("screen.people.sees_it"), "ok")] if shared else []
    title = k.row(ft.Container(k.row_title(one["name"]), expand=True, expand_loose=True), *mark, gap=8)
    return k.tile(title, _about(one), leading=k.avatar(one["name"], 40, round_=True), action=button)


def _candidate(page: ft.Page, row: dict[str, Any], one: dict[str, Any]) -> ft.Control:
    """A colleague; a tap asks, and hands the customer over."""
    app = use_app()

    async def give(_: Any) -> None:
        words = k.t("screen.people.assign.ask", name=row["name"], who=one["name"])
        if not await k.ask(page, words, k.t("screen.people.assign.ask.line"), k.t("screen.people.assign")):
            return
        said = k.t("screen.people.assigned", name=row["name"], who=one["name"])
        if run_or_tell(page, app, [Command("account.assign", {"id": row["id"], "owner_id": one["id"]})], saved=said):
            page.navigate(f"/customers/{row['id']}")

    return k.tile(
        one["name"],
        _about(one),
        leading=k.avatar(one["name"], 40, round_=True),
        trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=20, color=k.look().palette.text_soft),
        on_click=give,
        name=k.t("screen.people.give_to", name=one["name"]),
    )
