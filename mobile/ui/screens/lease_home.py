"""One's own show stock on the home screen: what this device may promise, and what has to be taken or given back."""

from typing import Any

import flet as ft

from mobile.store.queries import leases
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.hooks import use_live
from mobile.ui.screens.lease_parts import standing, time_left
from mobile.ui.screens.order_parts import picture, product_name

I = ft.Icons  # noqa: E741
SHOWN = 3


@k.component
def OwnLeases() -> ft.Control:
    """Nothing at all while there are none."""
    page, app = ft.context.page, use_app()
    me = app.actor.user_id
    mine = use_live(lambda s: leases.live(s, holder_id=me), leases.TOUCHED, me)
    if not mine:
        return ft.Container(height=0)

    def show(_: Any) -> None:
        page.navigate("/leases")

    tiles = []
    for lease in mine[:SHOWN]:
        words, status, icon = standing(lease, app)
        name = product_name(lease)
        tiles.append(
            k.tile(
                name,
                k.col(k.caption(time_left(lease, app)), k.status_line(words, status, icon), gap=2),
                leading=picture(lease, width=48, height=48, radius=10),
                trailing=ft.Icon(I.CHEVRON_RIGHT_ROUNDED, size=22, color=k.look().palette.text_soft),
                height=84,
                on_click=show,
                name=f"{k.t('screen.lease.open')} · {name} · {words}",
            )
        )
    more = k.link(k.t("frame.home.all", count=len(mine)), show, I.CHEVRON_RIGHT_ROUNDED)
    head = k.section(k.section_title(k.t("entity.stock_lease")), more if len(mine) > SHOWN else ft.Container(height=48))
    return k.col(head, k.gap(4), k.list_card(*tiles, inset=72), k.gap(16))
