"""*Check my data*: the local file first, then, with a network, the copy against the server's checksums."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from mobile.store.checking import LocalFindings, slices
from sync.device.checks import CheckReport

if TYPE_CHECKING:
    from mobile.state.app import App

Stage = Literal["local", "server"]
PATIENCE_S = 180.0
"""How long the server's answer and the comparison are waited for; it goes on in the background after that."""
LOOK_S = 0.1


class DataCheck(msgspec.Struct, frozen=True):
    """What came out. ``report`` None: the server could not be asked now."""

    local: LocalFindings
    report: CheckReport | None


async def check_data(app: App, tell: Callable[[Stage], None]) -> DataCheck:
    """Checks in slices, so that the app stays usable; ``tell`` hears what is being done."""
    store, engine, found = app.open_store, app.device, LocalFindings()
    tell("local")
    for _ in slices(store, engine, found):
        await asyncio.sleep(0)
    if not found.whole:
        with store.transaction():
            detail = "; ".join([*found.damage, *(f"unsent {tx_id}" for tx_id in found.unsent)])
            store.log_error(app.now_ms(), "file_damaged", detail)
    tell("server")
    engine.checks.demand()
    app.sync_now()
    waited = 0.0
    while engine.checks.running and waited < PATIENCE_S:
        if not app.sync.online or app.sync.phase in ("offline", "sign_in", "stopped"):
            return DataCheck(found, None)
        await asyncio.sleep(LOOK_S)
        waited += LOOK_S
        if app.session.phase != "open":
            return DataCheck(found, None)
    return DataCheck(found, None if engine.checks.running else engine.checks.report)
