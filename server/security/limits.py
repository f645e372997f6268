"""Lockout with a growing delay, and a rate limit by address, both with bounded memory."""

from collections import OrderedDict

import msgspec

FREE_FAILURES = 4
"""Wrong passwords or codes in a row without any delay."""
FIRST_DELAY_S = 30
LONGEST_DELAY_S = 900


def delay_s(failures: int) -> int:
    """How long an account is locked after so many failures in a row: 30 s from the fifth on, doubling to 15 minutes."""
    if failures <= FREE_FAILURES:
        return 0
    # The exponent is bounded too: a number with a million binary digits helps nobody.
    return min(LONGEST_DELAY_S, FIRST_DELAY_S << min(failures - FREE_FAILURES - 1, 10))


def locked_for_s(locked_until_ms: int | None, now_ms: int) -> int:
    """Seconds that remain of a lock, rounded up; 0 when there is none."""
    return max(0, -(-((locked_until_ms or 0) - now_ms) // 1000))


class Bucket(msgspec.Struct):
    """Tokens left, and when that was so."""

    tokens: float
    at_ms: int


class RateLimit:
    """A token bucket per key: ``burst`` at once, ``per_minute`` on average, at most ``keys`` remembered."""

    def __init__(self, *, burst: int, per_minute: float, keys: int = 10_000) -> None:
        self._burst = burst
        self._per_ms = per_minute / 60_000
        self._keys = keys
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait_s(self, key: str, now_ms: int) -> int:
        """Takes one token; 0 when there was one, otherwise the seconds until there will be."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._burst, now_ms)
            if len(self._buckets) > self._keys:
                # The longest unused goes: an attacker with many addresses gets fresh buckets, never our memory.
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        elapsed = max(0, now_ms - bucket.at_ms)
        bucket.tokens = min(self._burst, bucket.tokens + elapsed * self._per_ms)
        bucket.at_ms = now_ms
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, -(-int((1 - bucket.tokens) / self._per_ms) // 1000))


class UnknownLogins:
    """Failures of logins that nobody has, counted like those of real ones: a lock does not tell who exists."""

    def __init__(self, keys: int = 10_000) -> None:
        self._keys = keys
        self._entries: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def locked_for_s(self, login: str, now_ms: int) -> int:
        """Seconds that remain of the lock of such a login."""
        return locked_for_s(self._entries.get(login, (0, 0))[1], now_ms)

    def fail(self, login: str, now_ms: int) -> None:
        """Counts a failure."""
        failures = self._entries.get(login, (0, 0))[0] + 1
        self._entries[login] = (failures, now_ms + delay_s(failures) * 1000)
        self._entries.move_to_end(login)
        if len(self._entries) > self._keys:
            self._entries.popitem(last=False)
