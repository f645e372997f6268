"""What stands where in the life of a piece of feedback."""

from collections.abc import Mapping
from typing import Any

STANDINGS: dict[str, tuple[str, ...]] = {
    "open": ("new",),
    "answered": ("answered", "planned"),
    "closed": ("done", "declined"),
}
"""What an administrator's list is divided by → the states in it."""
WITH_WORDS = ("answered", "declined")
"""States that say nothing without an answer in words."""
SUBJECT_SIGNS = 80


def subject(feedback: Mapping[str, Any]) -> str:
    """What a list calls it: the first line that says something, cut to ``SUBJECT_SIGNS``."""
    line = next((line.strip() for line in str(feedback["text"]).splitlines() if line.strip()), "")
    return line if len(line) <= SUBJECT_SIGNS else line[: SUBJECT_SIGNS - 1].rstrip() + "…"
