"""The lines of the desk, drawn on a canvas: what was sold so far, and how the period before went."""

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

import flet as ft
import flet.canvas as cv

from mobile.ui import kit as k
from mobile.ui.palette import with_alpha
from mobile.ui.theme import style

LEFT, BOTTOM, TOP, RIGHT = 64, 26, 10, 10
LABEL_PX = 44
STAGE_PX, FRAME_PX = 64, 42
"""A stage of the pipeline on wide windows, and by how much the rest of the chart's card is higher than the rest of that
card: its link to the orders."""
LOW_PX, HIGH_PX = 212, 306
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def height_beside(stages: int) -> int:
    """How high the chart is, px. On wide windows its card ends where the pipeline's with so many stages does."""
    if k.look().layout != "desktop":
        return 232
    return max(LOW_PX, min(HIGH_PX, STAGE_PX * stages - FRAME_PX))


def axis(largest: Decimal, lines: int = 4) -> list[Decimal]:
    """Round values from 0 to the largest or a little above, at most ``lines`` above the ground."""
    wanted = max(largest, Decimal(1)) / lines
    power = Decimal(10) ** wanted.adjusted()
    step = next(one * power for one in STEPS if one * power >= wanted)
    count = max(1, int((largest / step).to_integral_value(ROUND_CEILING)))
    return [step * number for number in range(count + 1)]


def running(values: Sequence[Decimal]) -> list[Decimal]:
    """Sums up to each value."""
    sums, total = [], Decimal(0)
    for value in values:
        total += value
        sums.append(total)
    return sums


def trend(
    now: Sequence[Decimal], before: Sequence[Decimal], labels: Sequence[str], width: float, height: float, *,
    currency: str, sentence: str, tips: Sequence[str], on_part: Callable[[int], Any],
) -> ft.Control:  # fmt: skip
    """Two rising lines over ``len(labels)`` parts: ``now`` up to today, ``before`` to its end.

    ``tips`` say each part of ``now`` under the pointer, a tap opens it. Screen readers hear the sentence: the numbers
    stand in the lists beside the chart.
    """
    p = k.look().palette
    scale = axis(max([*now, *before, Decimal(0)]))
    plot_width, plot_height, count = width - LEFT - RIGHT, height - TOP - BOTTOM, len(labels)

    def at(position: int, value: Decimal) -> tuple[float, float]:
        return (
            LEFT + plot_width * position / count,
            TOP + plot_height * (1 - float(value / scale[-1])),
        )

    shapes: list[Any] = []
    for value in scale:
        _, y = at(0, value)
        shapes.append(cv.Line(LEFT, y, width - RIGHT, y, paint=_stroke(p.hairline, 1)))
        words = k.short_money(value, currency) if value else "0"
        shapes.append(_label(LEFT - 8, y, words, ft.Alignment.CENTER_RIGHT))
    named = [(index, label) for index, label in enumerate(labels) if label]
    every = max(1, -(-len(named) * LABEL_PX // int(plot_width)))
    for index, label in named[::every]:
        x, _ = at(index, Decimal(0))
        shapes.append(_label(x + plot_width / count / 2, height - 18, label, ft.Alignment.TOP_CENTER))
    old = [at(index, value) for index, value in enumerate([Decimal(0), *before])]
    shapes.append(_line(old, _stroke(p.text_soft, 1.5, dash=[2, 5])))
    points = [at(index, value) for index, value in enumerate([Decimal(0), *now])]
    _, ground = at(0, Decimal(0))
    area = cv.Path(
        [
            cv.Path.MoveTo(LEFT, ground),
            *[cv.Path.LineTo(x, y) for x, y in points],
            cv.Path.LineTo(points[-1][0], ground),
            cv.Path.Close(),
        ],
        paint=ft.Paint(color=with_alpha(p.chart[0], 0.12), style=ft.PaintingStyle.FILL),
    )
    shapes += [area, _line(points, _stroke(p.chart[0], 3))]
    shapes.append(cv.Circle(*points[-1], 6, paint=ft.Paint(color=p.card, style=ft.PaintingStyle.FILL)))
    shapes.append(cv.Circle(*points[-1], 5, paint=ft.Paint(color=p.chart[0], style=ft.PaintingStyle.FILL)))
    strips = [
        ft.Container(expand=True, tooltip=tip, ink=True, on_click=lambda _, index=index: on_part(index))
        for index, tip in enumerate(tips)
    ]
    rest = [ft.Container(expand=count - len(tips))] if count > len(tips) else []
    over = ft.Container(
        ft.Row([*strips, *rest], spacing=0, vertical_alignment=k.STRETCH),
        left=LEFT, top=TOP, width=plot_width, height=plot_height,
    )  # fmt: skip
    drawn = ft.Stack([cv.Canvas(shapes, width=width, height=height), over], width=width, height=height)
    return ft.Semantics(label=sentence, exclude_semantics=True, container=True, content=drawn)


def legend(now: str, before: str) -> ft.Control:
    """Whose line is which: each as it is drawn, solid and in dashes. ``before`` empty: there is no such line."""
    p = k.look().palette
    solid = k.box(None, None, p.chart[0], 2, width=18, height=3)
    dashes = k.row(*[k.box(None, None, p.text_soft, 1, width=4, height=2) for _ in range(3)], gap=3, tight=True)
    both = ((solid, now), (dashes, before))
    keys = [k.row(line, k.caption(words), gap=6, tight=True) for line, words in both if words]
    return k.row(*keys, gap=16, tight=True)


def sparkline(values: Sequence[Decimal], color: str, width: float = 84, height: float = 28) -> ft.Control:
    """A small line without scale; a picture only."""
    highest, lowest = max(values), min(values)
    reach = float(highest - lowest) or 1.0
    inset = 4.0
    points = [
        (
            inset + (width - 2 * inset) * index / max(1, len(values) - 1),
            height - inset - (height - 2 * inset) * float(value - lowest) / reach,
        )
        for index, value in enumerate(values)
    ]
    dot = cv.Circle(*points[-1], 3, paint=ft.Paint(color=color, style=ft.PaintingStyle.FILL))
    canvas = cv.Canvas([_line(points, _stroke(color, 2)), dot], width=width, height=height)
    return ft.Semantics(exclude_semantics=True, content=canvas)


def _line(points: Sequence[tuple[float, float]], paint: ft.Paint) -> cv.Path:
    first, *others = points
    return cv.Path([cv.Path.MoveTo(*first), *[cv.Path.LineTo(*point) for point in others]], paint=paint)


def _stroke(color: str, width: float, dash: list[float] | None = None) -> ft.Paint:
    return ft.Paint(
        color=color, stroke_width=width, style=ft.PaintingStyle.STROKE, stroke_dash_pattern=dash,
        stroke_cap=ft.StrokeCap.ROUND, stroke_join=ft.StrokeJoin.ROUND,
    )  # fmt: skip


def _label(x: float, y: float, words: str, place: ft.Alignment) -> cv.Text:
    return cv.Text(x, y, words, style=style(12, 400, k.look().palette.text_soft), alignment=place, max_lines=1)
