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
    "screen.history.loading": "Loading what is older",
    "screen.history.offline": "You are offline. What is older can be loaded when you are online again.",
    "screen.history.wanted": "You are offline. What is older will be loaded as soon as you are online again.",
    "screen.history.order": "This order may be among what is older.",
}
