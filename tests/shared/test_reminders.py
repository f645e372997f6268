"""Putting follow-ups off, when they become the manager's business, and the calendar file."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.calendar_file import LINE_OCTETS, Reminder, calendar_file
from shared.rules.reminders import LATER, due_ms, escalated_before, later
from shared.timezone import instant_ms, local_datetime

ZONE, BERLIN = "Asia/Shanghai", "Europe/Berlin"
FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)
NOW = 1_795_320_000_000
KEY = "0199d2f0-0000-7000-8000-000000000001"


def unfolded(data: bytes) -> list[str]:
    """Lines as a calendar reads them (RFC 5545, 3.1)."""
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    return data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def plain(value: str) -> str:
    """A TEXT value without its escapes (3.3.11)."""
    out, signs = "", iter(value)
    for sign in signs:
        following = next(signs) if sign == "\\" else ""
        out += {"n": "\n", "": sign}.get(following, following)
    return out


def at(day: date, clock: str, zone: str = ZONE) -> int:
    return instant_ms(day, clock, zone)


@pytest.mark.parametrize(("choice", "today", "day"), [
    ("tomorrow", FRIDAY, "2026-11-28"), ("in_3_days", FRIDAY, "2026-11-30"), ("next_monday", FRIDAY, "2026-11-30"),
    ("next_monday", MONDAY, "2026-12-07"), ("next_monday", date(2026, 11, 29), "2026-11-30"),
])  # fmt: skip
def test_later_is_counted_from_today(choice: str, today: date, day: str) -> None:
    assert choice in LATER
    for clock in (None, "14:30"):
        put_off, kept = later(choice, at(today, "23:50"), ZONE, clock)
        assert (put_off.isoformat(), kept) == (day, clock)


@pytest.mark.parametrize(("day", "now", "then", "clock", "zone"), [
    (FRIDAY, "14:30", FRIDAY, "15:30", ZONE), (FRIDAY, "14:31", FRIDAY, "15:35", ZONE),
    (FRIDAY, "23:20", date(2026, 11, 28), "00:20", ZONE),
    # The clock goes from 02:00 to 03:00: an hour after 01:30 it shows 03:30.
    (date(2026, 3, 29), "01:30", date(2026, 3, 29), "03:30", BERLIN),
])  # fmt: skip
def test_an_hour_later_is_an_hour_on_the_organisations_clock(
    day: date, now: str, then: date, clock: str, zone: str
) -> None:
    assert later("in_1_hour", at(day, now, zone), zone) == (then, clock)


def test_an_hour_that_comes_twice_is_never_put_off_into_the_past() -> None:
    zone, day = BERLIN, date(2026, 10, 25)
    first_run = at(day, "02:30", zone)
    for now in (first_run, first_run + 3_600_000):
        then, clock = later("in_1_hour", now, zone, "02:30")
        assert clock is not None and at(then, clock, zone) > now
    assert local_datetime(first_run + 3_600_000, zone).strftime("%H:%M") == "02:30"


@pytest.mark.parametrize(
    ("day", "clock", "zone", "utc"),
    [
        ("2026-07-01", "14:30", BERLIN, "2026-07-01T12:30"),
        ("2026-12-01", "14:30", BERLIN, "2026-12-01T13:30"),
        # Left out by summer time: the hour after it. Twice: the first one.
        ("2026-03-29", "02:30", BERLIN, "2026-03-29T01:30"),
        ("2026-10-25", "02:30", BERLIN, "2026-10-25T00:30"),
        ("2026-11-27", "00:00", ZONE, "2026-11-26T16:00"),
        ("2026-11-27", "23:59", "America/St_Johns", "2026-11-28T03:29"),
    ],
)
def test_a_time_is_the_organisations_clocks(day: str, clock: str, zone: str, utc: str) -> None:
    due = due_ms({"due_on": day, "due_time": clock}, zone)
    assert due is not None and datetime.fromtimestamp(due / 1000, UTC).strftime("%Y-%m-%dT%H:%M") == utc


def test_without_a_day_or_a_time_there_is_no_instant() -> None:
    assert due_ms({"due_on": "2026-11-27", "due_time": None}, ZONE) is None
    assert due_ms({"due_on": None, "due_time": "14:30"}, ZONE) is None


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown"):
        later("some day", NOW, ZONE)


def test_more_than_so_many_days_overdue_is_escalated() -> None:
    assert escalated_before(MONDAY, 3) == FRIDAY
    assert escalated_before(MONDAY, 0) == MONDAY


def test_the_event_stands_at_nine_on_the_organisations_clock_with_an_alarm() -> None:
    lines = unfolded(calendar_file([Reminder(KEY, FRIDAY, "回访山野户外")], "Asia/Shanghai", NOW))
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"] and lines[-1] == "END:VCALENDAR"
    assert "DTSTART:20261127T010000Z" in lines
    assert f"UID:{KEY}@caravan" in lines
    stamp = datetime.fromtimestamp(NOW / 1000, UTC)
    assert f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}" in lines
    alarm = lines[lines.index("BEGIN:VALARM") : lines.index("END:VALARM")]
    assert alarm == ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:回访山野户外", "TRIGGER:PT0S"]


def test_an_event_with_a_time_begins_and_rings_at_it() -> None:
    summer, winter = date(2026, 7, 1), date(2026, 12, 1)
    for day, start in ((summer, "20260701T123000Z"), (winter, "20261201T133000Z")):
        lines = unfolded(calendar_file([Reminder(KEY, day, "x", clock="14:30")], BERLIN, NOW))
        assert f"DTSTART:{start}" in lines and "TRIGGER:PT0S" in lines


def test_summer_time_moves_the_instant_and_not_the_hour() -> None:
    for day, start in ((date(2026, 7, 1), "20260701T070000Z"), (date(2026, 12, 1), "20261201T080000Z")):
        assert f"DTSTART:{start}" in unfolded(calendar_file([Reminder(KEY, day, "x")], "Europe/Berlin", NOW))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200), st.text("ab,;\\\n山🏕", max_size=200))
def test_any_text_survives_in_lines_of_75_octets(title: str, note: str) -> None:
    data = calendar_file([Reminder(KEY, FRIDAY, title, note)], "Asia/Shanghai", NOW)
    assert all(len(line) <= LINE_OCTETS for line in data.split(b"\r\n"))
    fields = dict(line.partition(":")[::2] for line in unfolded(data)[:12])
    assert plain(fields["SUMMARY"]) == title
    assert plain(fields.get("DESCRIPTION", "") if note else "") == note


def test_control_signs_cannot_make_lines_of_their_own() -> None:
    data = calendar_file([Reminder(KEY, FRIDAY, "a\r\nATTACH:x\rb\0c")], "Asia/Shanghai", NOW)
    assert "SUMMARY:a\\nATTACH:x\\nbc" in unfolded(data)
    assert not any(line.startswith("ATTACH") for line in unfolded(data))


def test_many_reminders_are_events_of_one_file() -> None:
    made = [Reminder(f"{KEY[:-1]}{number}", FRIDAY, str(number), "note", "深圳") for number in range(3)]
    lines = unfolded(calendar_file(made, "Asia/Shanghai", NOW))
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == lines.count("BEGIN:VALARM") == 3
    assert lines.count("LOCATION:深圳") == 3
