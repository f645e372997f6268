"""What lockout and rate limits promise."""

from server.security.limits import RateLimit, UnknownLogins, delay_s, locked_for_s


def test_the_delay_grows_and_has_an_end() -> None:
    assert [delay_s(failures) for failures in range(12)] == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]
    assert delay_s(10**9) == 900


def test_a_lock_counts_down_in_whole_seconds() -> None:
    assert [locked_for_s(10_000, now) for now in (0, 9_001, 9_999, 10_000, 20_000)] == [10, 1, 1, 0, 0]
    assert locked_for_s(None, 5) == 0


def test_a_burst_passes_and_the_next_is_told_how_long_to_wait() -> None:
    limit = RateLimit(burst=3, per_minute=60)
    assert [limit.wait_s("a", 0) for _ in range(4)] == [0, 0, 0, 1]
    assert limit.wait_s("b", 0) == 0
    assert limit.wait_s("a", 1_000) == 0


def test_a_clock_that_jumps_back_gives_nothing_away() -> None:
    limit = RateLimit(burst=1, per_minute=60)
    assert limit.wait_s("a", 1_000_000) == 0
    assert limit.wait_s("a", 0) > 0


def test_memory_is_bounded_whatever_number_of_addresses_comes() -> None:
    limit = RateLimit(burst=1, per_minute=1, keys=100)
    for number in range(1_000):
        limit.wait_s(f"10.0.{number // 250}.{number % 250}", 0)
    assert len(limit._buckets) == 100


def test_a_login_that_nobody_has_locks_like_one_that_exists() -> None:
    unknown = UnknownLogins(keys=10)
    for _ in range(5):
        assert unknown.locked_for_s("ghost", 0) == 0
        unknown.fail("ghost", 0)
    assert unknown.locked_for_s("ghost", 0) == 30
    for number in range(20):
        unknown.fail(f"other-{number}", 0)
    assert len(unknown._entries) == 10
