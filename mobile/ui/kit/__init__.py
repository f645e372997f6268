"""The kit: every part that screens are made of. ``from mobile.ui import kit as k``; README.md tells how to use it."""

from mobile.ui.kit.boundary import component, report
from mobile.ui.kit.buttons import action_tile, button, icon_button, link, quantity_stepper
from mobile.ui.kit.feedback import ask, broken_card, dialog, empty_state, loading, sheet, snack
from mobile.ui.kit.fields import (
    choice_field,
    code_boxes,
    date_field,
    field_error,
    format_day,
    labelled,
    switch_row,
    text_field,
)
from mobile.ui.kit.layout import (
    CENTER,
    STRETCH,
    box,
    card,
    col,
    gap,
    hairline,
    hgap,
    list_card,
    pad,
    row,
    scroll,
    section,
    spacer,
    tappable,
)
from mobile.ui.kit.lists import (
    avatar,
    chip,
    chip_row,
    icon_avatar,
    initial,
    pairs,
    search_field,
    tile,
    timeline_entry,
    unsent_mark,
)
from mobile.ui.kit.scaffold import floating_button, footbar, header, scaffold
from mobile.ui.kit.status import (
    CHOICES,
    badge,
    choice_badge,
    count_bubble,
    notice,
    pill,
    progress_bar,
    status_line,
)
from mobile.ui.kit.text import (
    MINUS,
    caption,
    format_money,
    format_quantity,
    money,
    row_title,
    screen_title,
    section_title,
    soft,
    text,
)
from mobile.ui.look import Look, local, look, t

__all__ = [
    "CENTER", "CHOICES", "MINUS", "STRETCH", "Look", "action_tile", "ask", "avatar", "badge", "box", "broken_card",
    "button", "caption", "card", "chip", "chip_row", "choice_badge", "choice_field", "code_boxes", "col", "component",
    "count_bubble", "date_field", "dialog", "empty_state", "field_error", "floating_button", "footbar", "format_day", "format_money",
    "format_quantity", "gap", "hairline", "header", "hgap", "icon_avatar", "icon_button", "initial", "labelled", "link",
    "list_card", "loading", "local", "look", "money", "notice", "pad", "pairs", "pill", "progress_bar",
    "quantity_stepper", "report", "row", "row_title", "scaffold", "screen_title", "scroll", "search_field", "section",
    "section_title", "sheet", "snack", "soft", "spacer", "status_line", "switch_row", "t", "tappable", "text",
    "text_field", "tile", "timeline_entry", "unsent_mark",
]
