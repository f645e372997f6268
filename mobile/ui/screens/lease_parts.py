"""Parts of the screens about show stock: a lease as a card, its form, its time in words."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from mobile.state.app import App
from mobile.store.queries import people
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.palette import Status
from mobile.ui.screens.actions import run, run_or_tell
from mobile.ui.screens.catalogue_grid import parse_quantity
from mobile.ui.screens.order_parts import count, picture, product_name
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.numbers import format_decimal
from shared.protocol import Command
from shared.rules.leases import LATE_MS, is_firm
from shared.timezone import DAY_MS, business_date, day_start_ms

I = ft.Icons  # noqa: E741
USUAL_DAYS = 3
HOUR_MS = 3_600_000


def last_day(lease: dict[str, Any], time_zone: str) -> datetime.date:
    """The last business day on which the lease holds."""
    return business_date(lease["expires_at"] - 1, time_zone)


def day_end_ms(day: str, time_zone: str) -> int:
    """The end of a business day as an instant."""
    return day_start_ms(datetime.date.fromisoformat(day) + datetime.timedelta(days=1), time_zone)


def time_left(lease: dict[str, Any], app: App) -> str:
    """*until Sun 29 Nov · 2 days left*; with hours on the last day, or since when it is over."""
    left = lease["expires_at"] - app.device.server_now_ms
    until = k.format_day(last_day(lease, app.time_zone).isoformat())
    if left <= 0:
        return k.t("screen.lease.over_since", time=moment(lease["expires_at"], app.now_ms(), app.time_zone))
    if left < DAY_MS:
        return k.t("screen.lease.hours", day=until, hours=left // HOUR_MS + 1)
    return k.t("screen.lease.days", day=until, days=left // DAY_MS)


def standing(lease: dict[str, Any], app: App) -> tuple[str, Status, Any]:
    """Where the units are and what may be promised, in a line."""
    units = count(lease["left"], lease)
    mine = lease["owner_id"] == app.actor.user_id
    if lease["holder_active"] == 0:
        return k.t("screen.lease.closed", name=lease["holder"] or "—"), "bad", I.PERSON_OFF_OUTLINED
    if lease["state"] == "active" and lease["device_gone_at"] is not None:
        words = k.t("screen.lease.gone" if mine else "screen.lease.gone.desk", device=lease["device_name"] or "—")
        return words, "bad", I.PHONELINK_OFF_ROUNDED
    if lease["state"] == "claiming":
        return k.t("screen.lease.claiming"), "info", I.CLOUD_SYNC_OUTLINED
    if lease["state"] == "offered":
        words = "screen.lease.offered" if mine else "screen.lease.offered.other"
        return k.t(words, name=lease["holder"] or ""), "warn", I.SCHEDULE_ROUNDED
    if is_firm(lease, app.actor.device_id, app.device.server_now_ms):
        return k.t("screen.lease.here", count=units), "ok", I.LOCK_ROUNDED
    if lease["device_id"] == app.actor.device_id:
        return k.t("screen.lease.ended_here"), "warn", I.LOCK_CLOCK_OUTLINED
    return k.t("screen.lease.elsewhere", device=lease["device_name"] or "—"), "mute", I.PHONELINK_ROUNDED


@k.component
def LeaseCard(lease: dict[str, Any], with_product: bool) -> ft.Control:
    """One live lease: how much of it is ordered, until when, and what this user can do about it."""
    page, app = ft.context.page, use_app()
    extending, set_extending = ft.use_state(False)
    p = k.look().palette
    mine = lease["owner_id"] == app.actor.user_id
    name = product_name(lease)
    title = name if with_product else lease["holder"] or "—"
    second = " · ".join(filter(None, [lease["event_name"], "" if mine or not with_product else lease["holder"]]))
    cloud = [k.unsent_mark()] if lease["unsent"] else []
    words = k.col(
        k.row(ft.Container(k.row_title(title), expand=True, expand_loose=True), *cloud, gap=6),
        k.caption(second),
        k.caption(time_left(lease, app), lines=2),
        gap=2,
    )
    left = ft.Column(
        [
            k.text(k.format_quantity(lease["left"]), 24, 600, lines=1),
            k.caption(k.t("screen.lease.of", count=count(lease["quantity"], lease))),
        ],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    lead = (
        [picture(lease, width=56, height=56)] if with_product else [k.avatar(lease["holder"] or "?", 44, round_=True)]
    )
    share = float(lease["drawn"] / lease["quantity"]) if lease["quantity"] else 0.0
    figures = k.t("screen.lease.figures", drawn=count(lease["drawn"], lease), left=count(lease["left"], lease))
    parts: list[ft.Control] = [
        ft.MergeSemantics(k.row(*lead, ft.Container(words, expand=True), left, gap=12, top=True)),
        k.gap(10),
        k.progress_bar(share, color=p.primary, name=figures),
        k.gap(4),
        k.caption(figures),
        k.gap(6),
        k.status_line(*standing(lease, app), lines=3),
    ]
    buttons = _holder_buttons(page, app, lease) if mine else []
    if app.actor.role in DESK:
        buttons += _desk_buttons(page, app, lease, lambda: set_extending(not extending))
    if buttons:
        parts += [k.gap(10), ft.Row(buttons, spacing=8, run_spacing=8, wrap=True)]
    if extending:
        parts += [k.gap(12), ExtendForm(lease, lambda: set_extending(False), key=f"extend {lease['id']}")]
    return k.card(k.col(*parts))


def _holder_buttons(page: ft.Page, app: App, lease: dict[str, Any]) -> list[ft.Control]:
    about = {"name": product_name(lease), "count": count(lease["left"], lease)}

    def take(_: Any) -> None:
        run_or_tell(
            page, app, [Command("lease.claim", {"lease_id": lease["id"]})], saved=k.t("screen.lease.take.saved")
        )
        app.sync_now()

    async def give_back(_: Any) -> None:
        asked = k.t("screen.lease.return", **about), k.t("screen.lease.return.line"), k.t("screen.lease.return.yes")
        if await k.ask(page, *asked):
            command = Command("lease.return", {"lease_id": lease["id"]})
            run_or_tell(page, app, [command], saved=k.t("screen.lease.return.saved"))

    async def release(_: Any) -> None:
        asked = k.t("screen.lease.release", **about), k.t("screen.lease.release.line"), k.t("screen.lease.release.yes")
        if await k.ask(page, *asked):
            command = Command("lease.release", {"lease_id": lease["id"]})
            run_or_tell(page, app, [command], saved=k.t("screen.lease.release.saved"))

    buttons: list[ft.Control] = []
    if lease["state"] == "offered" or (lease["state"] == "active" and lease["device_gone_at"] is not None):
        buttons.append(k.button(k.t("screen.lease.take"), take, icon=I.LOCK_ROUNDED))
    here = lease["state"] == "active" and lease["device_id"] == app.actor.device_id
    if lease["left"] > 0 and (here or lease["state"] == "offered"):
        buttons.append(k.button(k.t("screen.lease.return_button"), give_back, icon=I.UNDO_ROUNDED, kind="outlined"))
    if here and lease["left"] > 0 and app.device.server_now_ms < lease["expires_at"]:
        words = k.t("screen.lease.release_button")
        buttons.append(k.button(words, release, icon=I.PHONELINK_ROUNDED, kind="text"))
    return buttons


def _desk_buttons(page: ft.Page, app: App, lease: dict[str, Any], toggle: Callable[[], Any]) -> list[ft.Control]:
    about = {"name": lease["holder"] or "", "count": count(lease["left"], lease)}

    async def take_back(_: Any) -> None:
        line = "screen.lease.reclaim.line" if lease["state"] == "active" else "screen.lease.reclaim.offered"
        asked = k.t("screen.lease.reclaim", **about), k.t(line, **about), k.t("screen.lease.reclaim.yes")
        if await k.ask(page, *asked, danger=True):
            command = Command("lease.reclaim", {"lease_id": lease["id"]})
            run_or_tell(page, app, [command], saved=k.t("screen.lease.reclaim.saved"))

    return [
        k.button(k.t("screen.lease.extend"), lambda _: toggle(), icon=I.MORE_TIME_ROUNDED, kind="tonal"),
        k.button(k.t("screen.lease.reclaim_button"), take_back, icon=I.ASSIGNMENT_RETURN_OUTLINED, kind="outlined"),
    ]


@k.component
def ExtendForm(lease: dict[str, Any], on_done: Callable[[], Any]) -> ft.Control:
    """A later last day, more units."""
    page, app = ft.context.page, use_app()
    day, set_day = ft.use_state(last_day(lease, app.time_zone).isoformat())
    typed, set_typed = ft.use_state("")
    error, set_error = ft.use_state("")

    def save(_: Any) -> None:
        units = parse_quantity(typed) if typed.strip() else Decimal(0)
        if units is None:
            set_error(k.t("screen.stock.amount_missing"))
            return
        until = (
            lease["expires_at"] if day == last_day(lease, app.time_zone).isoformat() else day_end_ms(day, app.time_zone)
        )
        args = {"lease_id": lease["id"], "expires_at": until, "quantity": format_decimal(units)}
        refused = run(app, [Command("lease.extend", args)])
        if refused is not None:
            set_error(error_words(refused))
            return
        on_done()
        k.snack(page, k.t("screen.lease.extend.saved"))

    return k.col(
        k.date_field(
            k.t("screen.lease.last_day"), day, lambda picked: set_day(picked or day), today=app.today().isoformat(),
            can_clear=False,
        ),
        k.text_field(
            k.t("screen.lease.more_units"), typed, lambda e: set_typed(e.control.value), error=error or None,
            keyboard=ft.KeyboardType.NUMBER, on_submit=save,
        ),
        k.button(k.t("screen.lease.extend.do"), save, icon=I.CHECK_ROUNDED, height=52),
        gap=12,
    )  # fmt: skip


@k.component
def GrantForm(row: dict[str, Any], warehouse_id: str) -> ft.Control:
    """Sets units of a product aside for a colleague. ``row``: of ``queries.stock.levels``."""
    page, app = ft.context.page, use_app()
    team = None if app.actor.role == "admin" else app.actor.team_id
    sellers = use_live(lambda s: people.colleagues(s, team), people.TOUCHED, team)
    org = use_live(lambda s: s.get("organisation", app.actor.org_id), ["organisation"])
    usual = (app.today() + datetime.timedelta(days=USUAL_DAYS)).isoformat()
    holder, set_holder = ft.use_state("")
    typed, set_typed = ft.use_state("")
    day, set_day = ft.use_state(usual)
    event, set_event = ft.use_state(str(org["event_name"]) if org else "")
    errors, set_errors = ft.use_state({})
    k.use_unsaved(lambda: bool(typed.strip()))

    def save(_: Any) -> None:
        units = parse_quantity(typed) if typed.strip() else None
        missing = {} if holder else {"holder_id": k.t("screen.lease.holder_missing")}
        if units is None:
            missing["quantity"] = k.t("screen.stock.amount_missing")
        if units is None or missing:
            set_errors(missing)
            return
        args = {
            "id": app.new_id(), "holder_id": holder, "warehouse_id": warehouse_id, "product_id": row["id"],
            "quantity": format_decimal(units), "expires_at": day_end_ms(day, app.time_zone),
            "event_name": event.strip(),
        }  # fmt: skip
        refused = run(app, [Command("lease.grant", args)])
        if refused is not None:
            set_errors({refused.field or "quantity": error_words(refused)})
            return
        set_errors({})
        set_typed("")
        name = next((one["name"] for one in sellers if one["id"] == holder), "")
        k.snack(page, k.t("screen.lease.grant.saved", name=name, count=count(units, row)))

    who = k.choice_field(
        k.t("screen.lease.holder"),
        holder or None,
        [(one["id"], one["name"]) for one in sellers],
        set_holder,
        error=errors.get("holder_id"),
    )
    many = k.text_field(
        k.t("screen.lease.units"),
        typed,
        lambda e: set_typed(e.control.value),
        error=errors.get("quantity"),
        keyboard=ft.KeyboardType.NUMBER,
        helper=k.t("screen.lease.free", count=count(row["available"], row)),
        on_submit=save,
    )
    until = k.date_field(
        k.t("screen.lease.last_day"),
        day,
        lambda picked: set_day(picked or day),
        today=app.today().isoformat(),
        error=errors.get("expires_at"),
        can_clear=False,
    )
    what_for = k.text_field(
        k.t("field.stock_lease.event_name"),
        event,
        lambda e: set_event(e.control.value),
        error=errors.get("event_name"),
    )
    return k.col(
        k.row(who),
        many,
        until,
        what_for,
        k.button(k.t("screen.lease.grant.do"), save, icon=I.LOCK_ROUNDED, height=52),
        gap=12,
    )


def late_words() -> str:
    """How long the server keeps the units for orders that are on their way."""
    return k.t("screen.lease.late", hours=LATE_MS // HOUR_MS)
