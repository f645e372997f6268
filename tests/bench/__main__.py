"""``make bench``: all figures, one JSON line each. Never asserts a time.

``make bench ARGS="-k orders"`` takes one; ``--postgres`` measures on PostgreSQL as well.
"""

import argparse
from collections.abc import Callable

from tests.bench import attachment, checks, feed, rebase, sales

SALES = 10_000
ORDERS = 5_000
WAITING = 200
ATTACHMENT = 20_000_000
LOCAL_ROWS = 100_000
FEED = 1_000_000
CHECKED = 200_000
ROUNDS = 5


def _search(_kind: str, _given: argparse.Namespace) -> None:
    # Imported here: it needs Chromium and the web build, the others do not.
    from tests.bench import search

    search.run()


def _startup(_kind: str, given: argparse.Namespace) -> None:
    # Imported here for the same reason.
    from tests.bench import startup

    startup.run(given.rounds)


FIGURES: dict[str, Callable[[str, argparse.Namespace], None]] = {
    "push and pull": lambda kind, given: sales.push_and_pull(kind, given.sales),
    "orders": lambda kind, given: sales.orders(kind, given.orders),
    "rebase": lambda _kind, given: rebase.replay(given.waiting),
    "local rows": lambda _kind, given: rebase.among_many(given.rows, browser=given.browser),
    "long feed": lambda kind, given: feed.pull(kind, given.feed),
    "checks": lambda kind, given: checks.run(kind, given.checked),
    "search": _search,
    "startup": _startup,
    "attachment": lambda _kind, given: attachment.store(given.attachment),
}
ON_DEVICE = frozenset({"rebase", "local rows", "search", "attachment", "startup"})


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="One JSON line for each figure.")
    parser.add_argument("-k", metavar="NAME", default="", help=f"only figures with this in their name: {[*FIGURES]}")
    parser.add_argument("--sales", type=int, default=SALES, help="sales to push and pull")
    parser.add_argument("--orders", type=int, default=ORDERS, help="orders to submit")
    parser.add_argument("--waiting", type=int, default=WAITING, help="unsent orders that a page meets")
    parser.add_argument("--attachment", type=int, default=ATTACHMENT, help="bytes of a file to store")
    parser.add_argument("--rows", type=int, default=LOCAL_ROWS, help="rows on the device that rebases 100 changes")
    parser.add_argument("--feed", type=int, default=FEED, help="rows of the long feed")
    parser.add_argument("--checked", type=int, default=CHECKED, help="rows on the device that is checked")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="visits of each kind at start-up")
    parser.add_argument("--browser", action="store_true", help="the local rows in Chromium as well")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL as well")
    given = parser.parse_args(arguments)
    wanted = [name for name in FIGURES if given.k in name]
    if not wanted:
        parser.error(f"no figure has {given.k!r} in its name")
    for name in wanted:
        kinds = ("sqlite",) if name in ON_DEVICE or not given.postgres else ("sqlite", "postgresql")
        for kind in kinds:
            FIGURES[name](kind, given)


if __name__ == "__main__":
    main()
