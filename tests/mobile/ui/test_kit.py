"""Promises of the kit: names, sizes, words, and the wall around every component."""

import ast
import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile.ui import kit as k
from mobile.ui.kit import boundary, fields, status
from mobile.ui.kit.scaffold import heading_for, is_narrow
from mobile.ui.words import size_words
from shared import locale
from tests.mobile.ui.conftest import Window, walk

UI = Path(k.__file__).parents[1]
NAMED = {"IconButton", "FloatingActionButton"}


def test_every_icon_button_has_a_name(window: Window) -> None:
    merged = k.icon_button(ft.Icons.CALL_ROUNDED, "打电话给周岚")
    assert isinstance(merged, ft.MergeSemantics)
    assert merged.content.tooltip == "打电话给周岚"
    with pytest.raises(ValueError, match="name"):
        k.icon_button(ft.Icons.CALL_ROUNDED, "")


def test_no_screen_makes_an_icon_button_of_its_own() -> None:
    """A tooltip alone does not name a button: only the kit's wrapper or ``MergeSemantics`` does."""
    found = []
    for path in sorted(UI.rglob("*.py")):
        if path.parent.name == "kit":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        merged = {id(inner) for node in ast.walk(tree) if _called(node) == "MergeSemantics" for inner in ast.walk(node)}
        found += [f"{path.name}:{n.lineno}" for n in ast.walk(tree) if _called(n) in NAMED and id(n) not in merged]
    assert found == []


def test_what_stands_inside_semantics_is_named_as_its_content() -> None:
    """Its first argument is the tooltip: a control in that place becomes a grey box in Flutter, without an error."""
    found = []
    for path in sorted(UI.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{path.name}:{n.lineno}" for n in ast.walk(tree) if _called(n) == "Semantics" and n.args]
    assert found == []


def test_a_line_at_the_foot_goes_away_by_itself_with_a_button_too(window: Window) -> None:
    """Flutter keeps one with a button for good unless it is told otherwise."""
    bars: list[ft.SnackBar] = []
    window.page.show_dialog = bars.append  # type: ignore[method-assign,assignment]
    k.snack(window.page, "已保存")
    k.snack(window.page, "已保存", action="撤销", on_action=print)
    assert [bar.persist for bar in bars] == [False, False]
    assert bars[0].duration < bars[1].duration  # type: ignore[operator]


def test_the_boxes_of_a_code_are_outlined_as_fields_are(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty ones too: a hairline's contrast does not show where to type."""
    monkeypatch.setattr(fields, "text_input", lambda *_, **__: ft.Text())  # it has hooks, and lies over the boxes
    boxes = [part.border.top.color for part in walk(k.code_boxes("12", print, label="验证码"))
             if isinstance(part, ft.Container) and part.border]  # fmt: skip
    p = k.look().palette
    assert len(boxes) == 6 and set(boxes) <= {p.outline, p.primary}


def test_a_row_that_grows_keeps_its_distance_from_the_hairlines(window: Window) -> None:
    tile = k.tile(k.row_title("东莞雾屿营地管理有限公司", lines=2), "今天", height=72)
    assert any(part.padding and part.padding.top >= 8 for part in walk(tile) if isinstance(part, ft.Container))


def _called(node: ast.AST) -> str:
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def test_touch_targets_are_48_px(window: Window) -> None:
    button = k.icon_button(ft.Icons.CALL_ROUNDED, "打电话").content
    assert (button.width, button.height) == (48, 48)
    assert k.button("保存").height == 48
    chip = next(part for part in walk(k.chip("全部", True, print)) if isinstance(part, ft.Container))
    assert chip.height == 48


def test_rows_have_a_least_height_and_grow_with_large_text(window: Window) -> None:
    tapped = k.tappable(k.text("山野户外"), print, least=72, padding=k.pad(8, 16, 4, 16))
    for row in (k.tile("山野户外", "周岚"), tapped):
        boxes = [part for part in walk(row) if isinstance(part, ft.Container)]
        assert all(box.height is None for box in boxes if box.content is not None)
        (strut,) = [box.height for box in boxes if box.content is None and box.width == 0]
        assert strut == (72 if isinstance(row, ft.Container) else 60)


def test_chips_begin_where_they_are_told_to(window: Window) -> None:
    chip = k.chip("全部", True, print)
    assert k.chip_row(chip, gutter=0).controls == [chip]
    before = k.chip_row(chip, gutter=24)
    assert before.controls[0].width + before.spacing == 24


def test_a_title_with_no_room_beside_the_pill_is_smaller_and_may_take_two_lines(window: Window) -> None:
    look = window.app.look
    look.language, buttons = "en", [k.icon_button(ft.Icons.CONTACTS_OUTLINED, "Leads")]

    def shown(title: str) -> tuple[int, int | None]:
        texts = [part for part in walk(k.header(title, actions=buttons, pill=False)) if isinstance(part, ft.Text)]
        return texts[0].style.size, texts[0].max_lines

    def beside_arrow(title: str) -> tuple[int, int | None]:
        (text,) = [part for part in walk(heading_for(title, 160, arrow=True)) if isinstance(part, ft.Text)]
        return text.style.size, text.max_lines

    look.width = 320
    assert shown("Deals") == (24, 1)
    assert shown("Products and stock") == (20, 2)
    assert (beside_arrow("Deal"), beside_arrow("Is the log intact?")) == ((18, 1), (16, 2))
    look.width = 1440
    assert shown("Products and stock") == (24, 1) and beside_arrow("Is the log intact?") == (18, 1)


def test_beside_many_buttons_the_pill_gives_up_its_words_before_a_word_of_the_title_is_broken(window: Window) -> None:
    window.app.look.width = 390
    assert is_narrow("商机", 74, arrow=True) and not is_narrow("商机", 122, arrow=True)
    assert is_narrow("Opportunity", 122, arrow=True) and not is_narrow("Is the log intact?", 170, arrow=True)
    window.app.look.width = 1440
    assert not is_narrow("商机", 0, arrow=True)
    for label, texts in (("Offline", 2), ("", 1)):
        pill = k.pill(label, "warn", ft.Icons.CLOUD_OFF_ROUNDED, print, count=4, name="Offline 4")
        assert len([part for part in walk(pill) if isinstance(part, ft.Text)]) == texts


def test_money_reads_as_a_person_writes_it(window: Window) -> None:
    assert k.format_money(Decimal("10562.4")) == "¥10,562.40"
    assert k.format_money(Decimal("-1173.6")) == "−¥1,173.60"
    assert k.format_money(Decimal("286400"), cents=False) == "¥286,400"
    assert k.format_money(Decimal("0.005"), "EUR") == "€0.01"
    assert k.money(Decimal("10562.4"), 28).semantics_label == "10,562.40 元"
    assert "".join(span.text for span in k.money(Decimal("-5"), 28).spans) == "−¥5.00"


def test_quantities_lose_needless_zeros() -> None:
    assert [k.format_quantity(Decimal(text)) for text in ("12.0000", "2.5", "1200", "0.25")] == [
        "12",
        "2.5",
        "1,200",
        "0.25",
    ]


def test_days_follow_the_language(window: Window) -> None:
    assert k.format_day("2026-11-22") == "11月22日 周日"
    window.app.look.language = "en"
    assert k.format_day("2026-11-22") == "Sun 22 Nov"
    assert k.format_day(None) == ""


def test_every_choice_with_a_look_has_words() -> None:
    missing = [key for key in status.CHOICES if not locale.has(f"choice.{key}")]
    assert missing == []


def test_a_component_that_fails_becomes_a_card_and_an_entry_in_the_log(window: Window) -> None:
    kept: list[tuple[BaseException, str]] = []
    boundary.on_error(lambda error, where: kept.append((error, where)))

    @k.component
    def broken() -> Any:
        raise LookupError("no such row")

    card = broken.__component_impl__()
    texts = [part.value for part in walk(card) if isinstance(part, ft.Text)]
    assert k.t("frame.error.safe") in texts
    assert any("no such row" in text for text in texts)
    assert [str(error) for error, _ in kept] == ["no such row"]


def test_drawing_goes_on_after_an_error_outside_of_any_component(tmp_path: Path) -> None:
    kept: list[str] = []
    boundary.on_error(lambda error, where: kept.append(f"{where}: {error}"))

    class Part:
        drawn = 0

        def __init__(self, fault: str = "") -> None:
            self.fault = fault

        def update(self) -> None:
            if self.fault:
                raise ValueError(self.fault)
            self.drawn += 1

    async def story() -> None:
        session = Window(tmp_path).session
        session.start_updates_scheduler()
        boundary.keep_drawing(session.page)
        healthy = Part()
        for part in (Part("bad width"), healthy, Part("again"), healthy):
            session.schedule_update(part)
            await asyncio.sleep(0.01)
        assert healthy.drawn == 2
        session.close()
        await asyncio.sleep(0)

    asyncio.run(story())
    assert kept == ["drawing: bad width", "drawing: again"]


def test_sizes_read_as_people_say_them() -> None:
    assert [size_words(size) for size in (900, 5_000, 40_000_000, 2_254_857_830)] == [
        "900 B",
        "5.0 KB",
        "40 MB",
        "2.3 GB",
    ]
