"""The mark: a sun over dunes, drawn, so that it is there before any file."""

import flet as ft
import flet.canvas as cv


def logo(size: float = 64) -> ft.Control:
    """A square of ``size`` px with soft corners."""
    s = size / 64

    def fill(color: str) -> ft.Paint:
        return ft.Paint(style=ft.PaintingStyle.FILL, color=color)

    def dune(y: float, lift: float, color: str) -> cv.Path:
        path = cv.Path
        return path(
            [
                path.MoveTo(0, y * s),
                path.CubicTo(18 * s, (y - lift) * s, 30 * s, (y + lift * 0.7) * s, 64 * s, (y - lift * 0.6) * s),
                path.LineTo(64 * s, 64 * s),
                path.LineTo(0, 64 * s),
                path.Close(),
            ],
            paint=fill(color),
        )

    shapes = [
        cv.Rect(0, 0, size, size, paint=fill("#17566A")),
        cv.Circle(42 * s, 22 * s, 9 * s, paint=fill("#F3C66B")),
        dune(40, 12, "#2A7488"),
        dune(50, 12, "#0F4353"),
        dune(58, 8, "#0A2F3B"),
    ]
    return ft.Container(
        cv.Canvas(shapes, width=size, height=size),
        width=size,
        height=size,
        border_radius=size * 0.26,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
