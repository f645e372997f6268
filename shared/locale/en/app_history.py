"""History: what of it is on this device, and what comes on demand."""

MESSAGES: dict[str, str] = {
    "field.activity.period": "Filed under",
    "field.order.period": "Filed under",
    "field.order_line.period": "Filed under",
    "field.reservation.period": "Filed under",
    "frame.bucket.history": "History of {month}",
    "screen.history.since": "{words}, since {month}",
    "screen.history.here": (
        "Everything since {month} is on this device; of what is older only what is open or was changed lately."
    ),
    "screen.history.searched": (
        "Only this device was searched: everything since {month}, of "
        "what is older only what is open or was changed lately."
    ),
    "screen.history.load": "Load {month} and before",
    "screen.history.load.span": "Load {first} to {last}",
    "screen.history.loading": "Loading what is older",
    "screen.history.offline": "You are offline. What is older can be loaded when you are online again.",
    "screen.history.wanted": "You are offline. What is older will be loaded as soon as you are online again.",
    "screen.history.order": "This order may be among what is older.",
    "screen.history.months": "Older months on this device",
    "screen.history.months.line": (
        "Loaded from the server, where they stay. Remove them here to make room; they can be loaded again at any time."
    ),
    "screen.history.month.size": "{count} rows, about {size}",
    "screen.history.month.size.one": "1 row, about {size}",
    "screen.history.month.going": "Being removed",
    "screen.history.month.goes_later": "Goes with the next sync, when you are online",
    "screen.history.month.remove": "Remove {month} from this device",
    "screen.history.months.remove": "Remove all from this device",
    "desk.compare.partial": "Not all of {before} is on this device",
    "desk.trend.partial": "{now} won so far. Load the older months to compare it with {before}.",
}
