"""What a role lacks is absent, also at an address that its navigation does not offer."""

import asyncio
from pathlib import Path

import pytest

from mobile.ui import root
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import LAMP, MANAGER, REP


async def stock_page(folder: Path, user_id: str) -> str:
    window, _ = await open_window(folder, user_id, "zh", 360, dark=False)
    window.page.route = f"/stock?product={LAMP}"
    root.show(window.page)
    window.session.get_page_patch()
    seen = texts(window.page)
    await window.app.detach_store()
    return seen


@pytest.mark.parametrize(("user_id", "offered"), [(REP, False), (MANAGER, True)])
def test_receipts_and_counts_are_offered_to_the_desk_only(tmp_path: Path, user_id: str, offered: bool) -> None:
    seen = asyncio.run(stock_page(tmp_path, user_id))
    assert "Lamp" in seen
    assert ("到货数量" in seen) is offered
