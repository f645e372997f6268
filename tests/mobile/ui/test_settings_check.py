"""*Check my data*: says what was found, what was mended, and what could not be asked without a network."""

import asyncio
from pathlib import Path

import pytest
from flet import Text

from mobile.state.data_check import DataCheck, check_data
from mobile.store.checking import LocalFindings
from mobile.ui import kit as k
from mobile.ui.screens.settings_check import last_line, result
from sync.device.checks import CheckReport
from tests.mobile.ui.conftest import Window, walk
from tests.support.shop import Shop

NOW = 1_795_320_000_000


def said(*controls: object) -> str:
    return "\n".join(part.value for one in controls for part in walk(one) if isinstance(part, Text))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (DataCheck(LocalFindings(), CheckReport("clean", NOW, 20_000)), ["clean"]),
        (DataCheck(LocalFindings(), CheckReport("mended", NOW, 20_000, 3)), ["mended"]),
        (DataCheck(LocalFindings(), CheckReport("differs", NOW, 20_000, 3)), ["differs", "differs_line"]),
        (DataCheck(LocalFindings(), None), ["offline", "offline_line"]),
        (DataCheck(LocalFindings(mended=2, search=1), None), ["offline", "local_mended"]),
        (DataCheck(LocalFindings(damage=["e_account: x"]), None), ["damage", "damage_line"]),
        (DataCheck(LocalFindings(unsent=["tx"]), CheckReport("clean", NOW, 20_000)), ["unsent", "clean"]),
    ],
)
def test_every_outcome_is_said_in_words(window: Window, language: str, outcome: DataCheck, words: list[str]) -> None:
    window.app.look.language = language
    told, report = said(*result(outcome)), outcome.report or CheckReport()
    for key in words:
        count = {"unsent": 1, "local_mended": 3}.get(key, report.rows)
        assert k.t(f"frame.check.{key}", count=count, mended=report.mended) in told
    assert ("frame.check.offline" in words) <= (k.t("frame.check.offline") in told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_last_result_is_shown(window: Window, language: str) -> None:
    window.app.look.language = language
    assert said(last_line(CheckReport(), NOW, "Asia/Shanghai")) == k.t("frame.check.never")
    line = said(last_line(CheckReport("mended", NOW, 1_234, 5), NOW, "Asia/Shanghai"))
    assert "1234" in line and "5" in line


def test_without_a_network_the_local_file_is_checked_all_the_same(window: Window, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    app = window.app
    app._store, app._device, app.sync.phase = shop.store, shop.engine, "offline"
    shop.store.connection.execute("INSERT INTO e_account (id) VALUES ('')")
    stages: list[str] = []
    outcome = asyncio.run(check_data(app, stages.append))
    assert (outcome.local.mended, outcome.report, stages) == (1, None, ["local", "server"])
    assert shop.engine.checks.running, "it goes on when the network is back"
    app._store = app._device = None
    shop.close()
