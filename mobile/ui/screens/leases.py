"""Show stock, 展会配额: what is set aside for whom, what is left of it, and what came of the last ones."""

from typing import Any

import flet as ft

from mobile.store.queries import leases
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.first_sync import WhenHere
from mobile.ui.hooks import use_live
from mobile.ui.navigation import DESK
from mobile.ui.screens.lease_parts import LeaseCard, late_words
from mobile.ui.screens.order_parts import count, picture, product_name
from mobile.ui.sync_pill import moment

I = ft.Icons  # noqa: E741
LEASES_WIDTH_PX = 760
ENDED_SHOWN = 10


@k.component
def LeasesScreen() -> ft.Control:
    """``/leases``: a rep's own, for managers the team's."""
    page, app = ft.context.page, use_app()
    live = use_live(leases.live, leases.TOUCHED)
    over = use_live(lambda s: leases.ended(s, limit=ENDED_SHOWN), leases.TOUCHED)
    desk = app.actor.role in DESK
    parts: list[ft.Control] = []
    if live:
        parts.append(k.soft(k.t("screen.lease.desk" if desk else "screen.lease.rep"), 13))
        parts += [LeaseCard(lease, True, key=lease["id"]) for lease in live]
        parts.append(k.caption(late_words(), lines=4))
    else:
        words, way = ("screen.lease.to_stock", "/stock") if desk else ("frame.nav.catalogue", "/catalogue")
        line = k.t("screen.lease.none.desk" if desk else "screen.lease.none.rep")
        nothing = k.empty_state(k.t("screen.lease.none"), line, icon=I.LOCK_OPEN_ROUNDED, action=k.t(words),
                                on_action=lambda _: page.navigate(way))  # fmt: skip
        parts.append(WhenHere(nothing))
    if over:
        parts.append(k.section_title(k.t("screen.lease.over")))
        parts.append(k.list_card(*[_ended(lease) for lease in over], inset=68))
    return k.scaffold(k.t("entity.stock_lease"), *parts, back="/stock" if desk else "/", max_width=LEASES_WIDTH_PX)


def _ended(lease: dict[str, Any]) -> ft.Control:
    app = use_app()
    when = moment(lease["ended_at"] or lease["expires_at"], app.now_ms(), app.time_zone)
    other = lease["holder"] if lease["owner_id"] != app.actor.user_id else ""
    sold = k.t("screen.lease.sold", drawn=count(lease["drawn"], lease), quantity=count(lease["quantity"], lease))
    return k.tile(
        product_name(lease),
        " · ".join(filter(None, [other, when, sold])),
        leading=picture(lease, width=44, height=44, radius=10),
        trailing=k.choice_badge("stock_lease", "state", lease["state"]),
    )
