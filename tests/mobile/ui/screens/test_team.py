"""A manager's page of the team: open work from this device, the rest from the server, each number with its rows."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile.store.queries import due, funnel, team
from mobile.store.queries.funnel import from_address
from mobile.ui.navigation import destinations
from mobile.ui.screens import team as screen
from shared.errors import NotAllowed
from shared.team_state import MemberState
from sync.ports import TransportError
from tests.mobile.ui.screens.test_desk import pressed, sell
from tests.mobile.ui.screens.test_every_screen import inside, open_window, texts
from tests.mobile.ui.screens.test_lead_page import show
from tests.mobile.ui.screens.test_users import said
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, OTHER_TEAM, REP, STRANGER, TEAM


def test_open_work_stands_with_each_person_of_the_team(tmp_path: Path) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 390, dark=False)
        sell(window)
        store, today = window.app.open_store, window.app.today().isoformat()
        found = {row["id"]: row for row in team.members(store, today, TEAM)}
        assert found.keys() == {REP, COLLEAGUE, MANAGER}
        for user_id, row in found.items():
            open_leads = store.count("lead", f"owner_id = '{user_id}' AND state IN ('new', 'following', 'interested')")
            deals = store.select("opportunity", "state = 'open' AND owner_id = ?", (user_id,))
            late = [one for one in due.due(store, until="2026-01-01", owner_id=user_id)]
            assert (row["leads"], row["deals"], row["overdue"]) == (open_leads, len(deals), len(late))
            assert row["amount"] == sum(one["amount"] for one in deals)
        assert found[REP]["leads"] > 0 and found[REP]["deals"] > 0
        assert {row["id"] for row in team.members(store, today, OTHER_TEAM)} == {STRANGER}
        gone = store.get("user", COLLEAGUE)
        assert gone is not None
        with store.transaction():
            store.put("user", {**gone, "active": False}, 2)
        assert COLLEAGUE not in {row["id"] for row in team.members(store, today, TEAM)}, "nothing is open with them"
        await window.app.detach_store()

    asyncio.run(run())


@pytest.mark.parametrize(("user_id", "width"), [(MANAGER, 390), (ADMIN, 1440)])
def test_every_number_opens_its_rows(tmp_path: Path, user_id: str, width: int) -> None:
    async def run() -> None:
        window, leads = await pressed(tmp_path, user_id, "/team", width)
        store, name = window.app.open_store, f"rep {REP[:4]}"
        numbers = {label: address for label, address in leads.items() if f"查看{name}的" in label}
        assert len(numbers) == 3
        for label, address in numbers.items():
            count = int(label.rpartition("：")[2])
            path, _, parameters = address.partition("?")
            asked = dict(part.split("=") for part in parameters.split("&"))
            if path == "/follow-ups":
                assert asked == {"late": "0", "owner": REP}
                assert len(due.due(store, until="2026-01-01", owner_id=REP)) == count
            else:
                kind: Any = path.rpartition("/")[2]
                assert funnel.count(store, from_address(kind, asked), window.app.time_zone) == count > 0
                await show(window, address)
                assert "状态：" in texts(window.page) and name in texts(window.page)
        assert window.app.errors.entries == []
        await window.app.detach_store()

    asyncio.run(run())


def test_the_servers_word_stands_beside_and_its_absence_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 390, dark=False)
        now = window.app.now_ms()
        row = {"id": REP, "name": "林晓", "role": "rep", "active": 1, "team": "展会队", "leads": 0, "deals": 0,
               "amount": 0, "overdue": 2, "oldest": "2026-01-01"}  # fmt: skip
        fresh = said(screen.member_card(row, MemberState(REP, 2, now), own=False))
        assert "2 台设备" in fresh and "同步于" in fresh and "多日未同步" not in fresh
        assert "从未同步" in said(screen.member_card(row, MemberState(REP), own=False))
        silent = MemberState(REP, 1, now - screen.STALE_MS - 1)
        assert "多日未同步" in said(screen.member_card(row, silent, own=False))
        assert "台设备" not in said(screen.member_card(row, None, own=False))
        assert "已停用" in said(screen.member_card({**row, "active": 0}, None, own=False))

        class Server:
            error: Exception | None = None

            async def members(self) -> dict[str, MemberState]:
                if self.error is not None:
                    raise self.error
                return {REP: MemberState(REP, 1, now)}

        server = Server()
        monkeypatch.setattr(screen, "team_of", lambda _app: server)
        assert (await screen.ask_server(window.app)).members == {REP: MemberState(REP, 1, now)}
        refused = NotAllowed("role_not_allowed", role="rep", entity="user", action="x")
        for error, words in ((TransportError("offline"), "连不上服务器"), (refused, "角色")):
            server.error = error
            assert words in (await screen.ask_server(window.app)).words
        await window.app.detach_store()

    asyncio.run(run())


def test_it_is_for_those_who_lead_and_changes_nothing(tmp_path: Path) -> None:
    async def run(user_id: str) -> str:
        window, _ = await open_window(tmp_path / user_id, user_id, "zh", 800, dark=True)
        await show(window, "/team")
        words = texts(window.page)
        views = window.page.views if isinstance(window.page.views, list) else [window.page.views]
        changing = (ft.TextField, ft.Dropdown, ft.Switch, ft.FilledButton, ft.OutlinedButton)
        assert not [one for view in views for one in inside(view) if isinstance(one, changing)]
        assert window.app.errors.entries == []
        await window.app.detach_store()
        return words

    rep, manager = asyncio.run(run(REP)), asyncio.run(run(MANAGER))
    assert f"rep {COLLEAGUE[:4]}" in manager and f"rep {STRANGER[:4]}" not in manager
    assert "未结束线索" not in rep
    offered = {
        role: any(place.route == "/team" for place in destinations(role)) for role in ("rep", "manager", "admin")
    }
    assert offered == {"rep": False, "manager": True, "admin": False}
