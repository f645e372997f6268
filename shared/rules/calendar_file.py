"""A calendar file with an alarm (RFC 5545) for the phone's own calendar: it rings also while the app is closed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import msgspec

from shared.timezone import instant_ms

LINE_OCTETS = 75
"""A longer line is folded: CRLF and a space (RFC 5545, 3.1)."""
MINUTES = 30
AT = "09:00"
"""When the alarm of a day without a time rings, on the organisation's clock."""
MIME = "text/calendar"


class Reminder(msgspec.Struct, frozen=True):
    """What is due on a business day, at ``clock`` (``14:30``) or at no time in particular. ``key``: the row's id, so
    that a second import replaces the first."""

    key: str
    day: date
    title: str
    note: str = ""
    place: str = ""
    clock: str | None = None


def calendar_file(reminders: Iterable[Reminder], time_zone: str, now_ms: int, product: str = "Caravan") -> bytes:
    """The file's bytes: an event of ``MINUTES`` for each reminder at its time or ``AT``, with an alarm at its start."""
    stamp = _utc(datetime.fromtimestamp(now_ms / 1000, UTC))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{_text(product)}//Reminders//EN", "CALSCALE:GREGORIAN"]
    for one in reminders:
        start = datetime.fromtimestamp(instant_ms(one.day, one.clock or AT, time_zone) / 1000, UTC)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.key}@caravan",
            f"DTSTAMP:{stamp}",
            f"DTSTART:{_utc(start)}",
            f"DURATION:PT{MINUTES}M",
            f"SUMMARY:{_text(one.title)}",
            *([f"DESCRIPTION:{_text(one.note)}"] if one.note else []),
            *([f"LOCATION:{_text(one.place)}"] if one.place else []),
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(one.title)}",
            "TRIGGER:PT0S",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A value of the type TEXT: backslash, semicolon, comma and line break escaped, other control signs left out."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = escaped.replace("\r\n", "\n").replace("\r", "\n")
    kept = (sign for sign in lines if sign == "\n" or (ord(sign) >= 32 and ord(sign) != 127))
    return "".join(kept).replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in UTF-8 with CRLF, cut between characters where it is longer than ``LINE_OCTETS``."""
    parts, current, room = [], b"", LINE_OCTETS
    for sign in line:
        octets = sign.encode()
        if len(current) + len(octets) > room:
            parts.append(current)
            current, room = b"", LINE_OCTETS - 1
        current += octets
    return b"\r\n ".join([*parts, current]) + b"\r\n"
