"""When a follow-up that nobody sees to becomes the manager's business."""

from datetime import date, timedelta

ESCALATE_DAYS = 3
"""A follow-up that is overdue by more days than these stands on the manager's desk as escalated."""


def escalated_before(today: date) -> date:
    """What was due before this day, and still is open, is escalated."""
    return today - timedelta(days=ESCALATE_DAYS)
