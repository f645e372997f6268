"""The Material theme made from a palette: hand-set colour roles, one variable font, the sizes of the design."""

import flet as ft

from mobile.ui.palette import FONT, Palette

W = ft.FontWeight
RADIUS_BADGE, RADIUS_FIELD, RADIUS_CARD, RADIUS_TILE, RADIUS_SHEET = 8, 12, 16, 20, 28
TOUCH = 48

LINE_HEIGHTS = {12: 16, 13: 18, 14: 20, 15: 22, 16: 24, 18: 26, 20: 28, 24: 32, 28: 40, 32: 40, 36: 44}
"""Line height in px for each size in use. Nothing under 12."""


def style(size: int = 14, weight: int = 400, color: str | None = None) -> ft.TextStyle:
    """A text style with its line height. The family is always named: a style without it falls back to Roboto."""
    return ft.TextStyle(
        font_family=FONT, size=size, height=LINE_HEIGHTS[size] / size, weight=W[f"W_{weight}"], color=color
    )


def color_scheme(p: Palette) -> ft.ColorScheme:
    """Material's roles, each set by hand; the tint is transparent so that cards stay paper."""
    return ft.ColorScheme(
        primary=p.primary,
        on_primary=p.on_primary,
        primary_container=p.primary_container,
        on_primary_container=p.on_primary_container,
        secondary=p.secondary,
        on_secondary=p.on_secondary,
        secondary_container=p.primary_container,
        on_secondary_container=p.on_primary_container,
        tertiary=p.tertiary,
        on_tertiary=p.on_tertiary,
        tertiary_container=p.tertiary_container,
        on_tertiary_container=p.on_tertiary_container,
        error=p.error,
        on_error=p.on_error,
        error_container=p.error_container,
        on_error_container=p.on_error_container,
        surface=p.surface,
        on_surface=p.text,
        on_surface_variant=p.text_soft,
        outline=p.outline,
        outline_variant=p.hairline,
        surface_container_lowest=p.card,
        surface_container_low=p.low,
        surface_container=p.container,
        surface_container_high=p.high,
        surface_container_highest=p.highest,
        surface_bright=p.bright,
        surface_dim=p.dim,
        inverse_surface=p.inverse,
        on_inverse_surface=p.on_inverse,
        inverse_primary=p.inverse_primary,
        shadow="#000000",
        scrim="#000000",
        surface_tint="#00000000",
    )


def build_theme(p: Palette) -> ft.Theme:
    """The theme of one brightness. Colours are given in every text style: without them dark text stays black."""
    button_text = ft.TextStyle(size=15, weight=W.W_600, font_family=FONT)
    shape = ft.RoundedRectangleBorder(radius=RADIUS_FIELD)
    return ft.Theme(
        color_scheme=color_scheme(p),
        font_family=FONT,
        use_material3=True,
        visual_density=ft.VisualDensity.STANDARD,
        text_theme=ft.TextTheme(
            body_large=style(16, 400, p.text),
            body_medium=style(14, 400, p.text),
            body_small=style(12, 400, p.text),
            label_large=style(14, 500, p.text),
            label_medium=style(12, 500, p.text),
            label_small=style(12, 500, p.text),
            title_large=style(20, 600, p.text),
            title_medium=style(16, 600, p.text),
            title_small=style(14, 600, p.text),
            headline_small=style(24, 600, p.text),
            headline_medium=style(28, 600, p.text),
            display_small=style(36, 600, p.text),
        ),
        filled_button_theme=ft.FilledButtonTheme(
            style=ft.ButtonStyle(shape=shape, text_style=button_text, padding=ft.Padding.symmetric(horizontal=20))
        ),
        outlined_button_theme=ft.OutlinedButtonTheme(
            style=ft.ButtonStyle(
                shape=shape,
                text_style=button_text,
                side=ft.BorderSide(1, p.outline),
                padding=ft.Padding.symmetric(horizontal=16),
            )
        ),
        text_button_theme=ft.TextButtonTheme(
            style=ft.ButtonStyle(
                shape=shape,
                text_style=ft.TextStyle(size=14, weight=W.W_600, font_family=FONT),
                padding=ft.Padding.symmetric(horizontal=12),
            )
        ),
        divider_theme=ft.DividerTheme(color=p.hairline, thickness=1, space=1),
        snackbar_theme=ft.SnackBarTheme(
            bgcolor=p.inverse,
            content_text_style=style(14, 500, p.on_inverse),
            action_text_color=p.inverse_primary,
            shape=shape,
            behavior=ft.SnackBarBehavior.FLOATING,
        ),
        scrollbar_theme=ft.ScrollbarTheme(thickness=6, radius=3),
    )
