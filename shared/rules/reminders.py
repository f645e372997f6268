"""When a follow-up that nobody sees to becomes the manager's business."""

from datetime import date, timedelta

ESCALATE_DAYS = 3
"""A follow-up that is overdue by more days than these stands on the manager's desk as escalated."""


def escalated_before(today: date) -> date:
    """What was due before this day, and still is open, is escalated."""
    return today - timedelta(days=ESCALATE_DAYS)


LATER = ("tomorrow", "in_3_days", "next_monday")
"""Ways to put a follow-up off."""


def later(choice: str, today: date) -> date:
    """The day of a choice of ``LATER``, counted from today: what is overdue does not stay so."""
    match choice:
        case "tomorrow":
            return today + timedelta(days=1)
        case "in_3_days":
            return today + timedelta(days=3)
        case "next_monday":
            return today + timedelta(days=7 - today.weekday())
    raise ValueError(f"unknown choice {choice!r}")
