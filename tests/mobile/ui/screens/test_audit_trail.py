"""The history of a record as people read it; without the network it says so, and comes by itself later."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile.platform.ports import Response
from mobile.state.auth import Tokens
from mobile.ui import chain_mark, root
from sync.ports import TransportError
from tests.mobile.ui.screens.test_every_screen import open_window, texts
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, NOW, REP
from tests.support.waiting import until

CHAIN = {"intact": True, "entries": 7, "head": 7, "checked_at": NOW, "broken_at": None}


def entry(n: int, **values: Any) -> dict[str, Any]:
    return {"n": n, "user_id": REP, "user_name": "林小满", "device_name": "手机", "occurred_at": NOW,
            "received_at": NOW, "status": "accepted", "code": "", "steps": [], "erased": False, **values}  # fmt: skip


def step(command: str, *changes: tuple[str, Any, Any]) -> dict[str, Any]:
    named = [{"field": field, "before": before, "after": after} for field, before, after in changes]
    return {"command": command, "changes": named}


class Server:
    """Answers one question after the other; without answers it is away."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def request(self, method: str, path: str, *_: Any, **__: Any) -> Response:
        self.asked.append(f"{method} {path}")
        if not self.answers:
            raise TransportError("offline")
        status, body = self.answers.pop(0)
        return Response(status, {}, msgspec.json.encode(body))


async def shown(folder: Path, server: Server, language: str = "zh", route: str = f"/log/account/{ACCOUNT}") -> str:
    window, _ = await open_window(folder, MANAGER, language, 390, dark=False)
    window.app.platform.transport = server
    window.app.tokens = Tokens(access_token="token")
    window.page.route = route
    root.show(window.page)
    window.session.get_page_patch()
    await until(lambda: server.asked)
    await asyncio.sleep(0.3)
    said = texts(window.page)
    assert window.app.errors.entries == []
    await window.app.detach_store()
    return said


def test_whether_the_log_is_whole_is_asked_again_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_mark, "RETRY_S", 0.05)
    server = Server((503, {"code": "unavailable", "params": {}}), (200, CHAIN))

    async def run() -> str:
        window, _ = await open_window(tmp_path, MANAGER, "zh", 1440, dark=False)
        window.app.platform.transport = server
        window.app.tokens = Tokens(access_token="token")
        window.page.route = "/help"
        root.show(window.page)
        window.session.get_page_patch()
        await until(lambda: "日志完整" in texts(window.page))
        said = texts(window.page)
        await window.app.detach_store()
        return said

    assert "日志完整" in asyncio.run(run())
    assert server.asked == ["GET /v1/audit/chain"] * 2


def trail(*entries: dict[str, Any], **values: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"entries": list(entries), "more": False, "complete": True, "chain": CHAIN, **values}


def test_changes_are_told_in_labels_and_words_with_who_when_and_device(tmp_path: Path) -> None:
    made = entry(3, steps=[step("account.patch", ("account_class", "potential", "won"), ("owner_id", REP, COLLEAGUE))])
    server = Server(trail(made, entry(1, user_id="", user_name="", steps=[step("system.create")])))
    said = asyncio.run(shown(tmp_path, server))
    assert server.asked[0] == f"GET /v1/audit?entity=account&id={ACCOUNT}"
    for words in ("修改客户", "潜在 → 成交", f"rep {REP[:4]} → rep {COLLEAGUE[:4]}", "林小满 · 手机", "建立公司资料",
                  "服务器", "日志完整，已核对 7 条"):  # fmt: skip
        assert words in said, words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_the_network_it_says_so(tmp_path: Path, language: str) -> None:
    said = asyncio.run(shown(tmp_path, Server(), language))
    assert {"zh": "变更记录需要网络", "en": "The history needs the network"}[language] in said


def test_what_was_refused_or_nobody_knows_is_shown_as_it_was_sent(tmp_path: Path) -> None:
    wrong = step("account.patch", ("account_class", None, "nonsense"), ("name", "山野", 5), ("tags", [], {"a": 1}),
                 ("unheard_of", None, "x"), ("price_list_id", None, ACCOUNT))  # fmt: skip
    steps = [wrong, step("account.future"), step("spaceship.launch", ("speed", None, "1"))]
    said = asyncio.run(shown(tmp_path, Server(trail(entry(2, status="rejected", code="wrong_type", steps=steps)))))
    for words in ("nonsense", "unheard_of", "account.future", "已不存在或看不到"):
        assert words in said, words


def test_a_broken_chain_is_told_with_what_to_do(tmp_path: Path) -> None:
    chain = {**CHAIN, "intact": False, "broken_at": 4}
    said = asyncio.run(shown(tmp_path, Server(trail(entry(1, erased=True), chain=chain))))
    assert "日志从第 4 条起对不上" in said and "caravan audit verify" in said
    assert "内容已按规定删除" in said


def test_a_record_that_is_not_ones_own_to_see_is_a_refusal_in_words(tmp_path: Path) -> None:
    refusal = {"code": "not_found", "params": {"entity": "account", "id": ACCOUNT}, "detail": "x", "todo": "y"}
    said = asyncio.run(shown(tmp_path, Server((404, refusal))))
    assert "再试一次" in said and "变更记录需要网络" not in said
