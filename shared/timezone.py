"""Business time: what *today* and *this month* mean is the organisation's time zone, never the device's."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

# The pinned tzdata package and never the machine's own files: device and server must agree on every rule.
zoneinfo.reset_tzpath(to=())

DAY_MS = 86_400_000


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone by its IANA name. Raises ``ValueError`` for a name that tzdata does not have."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def local_datetime(ms: int, time_zone: str) -> datetime:
    """The wall-clock time of a UTC instant in milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone(time_zone))


def business_date(ms: int, time_zone: str) -> date:
    """The date that the organisation's calendar shows at the instant."""
    return local_datetime(ms, time_zone).date()


def day_start_ms(day: date, time_zone: str) -> int:
    """The first instant of the business day, UTC milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone(time_zone)).timestamp() * 1000)


def instant_ms(day: date, clock: str, time_zone: str) -> int:
    """The instant, UTC milliseconds, at which the organisation's clock shows ``14:30`` on the day. An hour that summer
    time leaves out is the one after it, of an hour that comes twice the first one counts."""
    hour, minute = clock.split(":")
    return (
        int(datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=zone(time_zone)).timestamp()) * 1000
    )


def month_bounds_ms(ms: int, time_zone: str) -> tuple[int, int]:
    """First instant of the business month that holds ``ms``, and of the next one."""
    first = business_date(ms, time_zone).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return day_start_ms(first, time_zone), day_start_ms(following, time_zone)
