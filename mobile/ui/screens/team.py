"""A manager's look at the team: who is in it, when each last synced, what is open with each. It changes nothing."""

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.state.team import team_of
from mobile.store.queries import team as queries
from mobile.store.queries.funnel import OPEN_STATE
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.routes import with_query
from mobile.ui.screens.users import STALE_MS
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words
from shared.errors import CaravanError
from shared.team_state import MemberState
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
WIDTH_PX = 760
Row = dict[str, Any]


class Answer:
    """What the server said of the people, or in words why it did not."""

    def __init__(self, members: dict[str, MemberState] | None = None, words: str = "") -> None:
        self.members = members or {}
        self.words = words


async def ask_server(app: Any) -> Answer:
    """Asks once; in place of an error its words."""
    try:
        return Answer(await team_of(app).members())
    except CaravanError as error:
        return Answer(words=error_words(error))
    except TransportError:
        return Answer(words=k.t("team.offline"))


@k.component
def TeamScreen() -> ft.Control:
    """``/team``: a manager's own, everybody for an admin."""
    if use_app().actor.role in DESK:
        return TeamList()
    nothing = k.empty_state(k.t("frame.not_found.title"), k.t("frame.not_found.line"), icon=I.LOCK_OUTLINE_ROUNDED)
    return k.scaffold(k.t("frame.nav.team"), nothing, back="/")


@k.component
def TeamList() -> ft.Control:
    """One card for each person."""
    app, sync = use_app(), use_sync()
    answer, set_answer = ft.use_state(None)
    everybody = app.actor.role == "admin"
    team, today = None if everybody else app.actor.team_id, app.today()
    rows = use_live(
        lambda s: queries.members(s, today.isoformat(), team) if everybody or team else [], queries.TOUCHED, today, team
    )

    async def load() -> None:
        set_answer(await ask_server(app))

    k.use_effect(load, [sync.online])
    parts: list[ft.Control] = []
    if answer is not None and answer.words:
        parts.append(k.notice(answer.words, "warn", icon=I.CLOUD_OFF_OUTLINED))
    known = answer.members if answer is not None else {}
    parts += [member_card(row, known.get(row["id"]), own=row["id"] == app.actor.user_id) for row in rows]
    if not rows:
        parts.append(k.empty_state(k.t("team.none"), k.t("team.none.line"), icon=I.GROUPS_OUTLINED))
    name = rows[0]["team"] if rows and not everybody else ""
    subtitle = " · ".join(part for part in (name, k.t("team.count", count=sum(row["active"] for row in rows))) if part)
    return k.scaffold(k.t("frame.nav.team"), *parts, subtitle=subtitle, max_width=WIDTH_PX)


def member_card(row: Row, state: MemberState | None, *, own: bool) -> ft.Control:
    """Name, role, last sync and devices; below it the open work, each number with the way to its rows."""
    page, app = ft.context.page, use_app()
    now = app.now_ms()
    about = [k.t(f"choice.user.role.{row['role']}"), row["team"] if app.actor.role == "admin" else ""]
    badge = None
    if not row["active"]:
        badge = k.badge(k.t("users.inactive"), "mute")
    elif state is not None and state.last_sync_at is not None and now - state.last_sync_at > STALE_MS:
        badge = k.badge(k.t("users.silent"), "warn")
    elif own:
        badge = k.badge(k.t("team.me"), "info")
    synced = ""
    if state is not None:
        at = moment(state.last_sync_at, now, app.time_zone) if state.last_sync_at else ""
        synced = k.t("users.last_sync", at=at) if at else k.t("users.never_synced")
        synced = " · ".join([synced, k.t("team.devices", count=state.devices)])

    def to(path: str, **parameters: str) -> Callable[[Any], None]:
        return lambda _: page.navigate(with_query(path, **parameters))

    who = row["id"]
    amount = k.short_money(row["amount"], app.currency) if row["deals"] else ""
    numbers = [
        _number(row, "leads", row["leads"], "", to("/dashboard/leads", state=OPEN_STATE, owner=who)),
        _number(row, "deals", row["deals"], amount, to("/dashboard/deals", state="open", owner=who)),
        _number(row, "overdue", row["overdue"], "", to("/follow-ups", late="0", owner=who), bad=bool(row["overdue"])),
    ]
    head = k.row(
        k.avatar(row["name"], 44, round_=True),
        ft.Container(
            k.col(
                k.row_title(row["name"]),
                k.caption(" · ".join(filter(None, about))),
                *([k.caption(synced, lines=2)] if synced else []),
                gap=2,
            ),
            expand=True,
        ),
        *([badge] if badge else []),
        gap=12,
    )
    return k.card(k.col(head, k.gap(8), k.row(*numbers, gap=8)), k.pad(12))


def _number(row: Row, key: str, count: int, more: str, on_click: Any, *, bad: bool = False) -> ft.Control:
    p = k.look().palette
    color = p.status["bad"].fg if bad else p.text
    mark = [ft.Icon(I.ERROR_ROUNDED, size=16, color=color)] if bad else []
    words = k.t(f"team.{key}")
    inner = k.col(
        k.row(*mark, k.text(str(count), 20, 600, color, lines=1), *([k.caption(more)] if more else []), gap=4),
        k.caption(words, lines=2),
    )
    what = words if k.look().language == "zh" else words.lower()
    name = k.t("team.number", name=row["name"], what=what, count=count)
    return k.tappable(
        inner, on_click, label=name, padding=k.pad(8, 10), border_radius=12, bgcolor=p.container, expand=True
    )
