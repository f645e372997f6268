"""Settings: an update waits for unsent work."""

import pytest
from flet import Text

from mobile.ui import kit as k
from mobile.ui.screens.settings import update_notice
from tests.mobile.ui.conftest import Window, walk


@pytest.mark.parametrize(("unsent", "offered"), [(0, "frame.update.yes"), (2, "frame.sheet.now")])
def test_an_update_is_never_offered_over_unsent_work(window: Window, unsent: int, offered: str) -> None:
    drawn = update_notice(unsent, print, print)
    said = [part.value for part in walk(drawn) if isinstance(part, Text)]
    actions = {k.t("frame.update.yes"), k.t("frame.sheet.now")}
    assert actions & set(said) == {k.t(offered)}
    assert (unsent == 0) or any(str(unsent) in words for words in said)
