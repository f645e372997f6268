"""The server came back from a backup, or a pull would remove unusually much."""

MESSAGES: dict[str, str] = {
    "frame.recovery.title": "The server came back from a backup",
    "frame.recovery.orders": "{count} orders are being sent again under the same numbers. Just go on working.",
    "frame.recovery.orders.one": "1 order is being sent again under the same number. Just go on working.",
    "frame.recovery.changes": "{count} changes are being sent again. Just go on working.",
    "frame.recovery.changes.one": "1 change is being sent again. Just go on working.",
    "frame.recovery.none": "Your data are being compared with it. Just go on working.",
    "frame.recovery.done": "All is in place again: everything of yours that it lacked was sent again.",
    "frame.recovery.done_none": "All is in place again; nothing of yours was missing.",
    "frame.recovery.awaited": "{count} changes wait for another device",
    "frame.recovery.awaited.one": "1 change waits for another device",
    "frame.recovery.awaited.line": (
        "They build on something that the server lost and that another device will send again. They go by themselves "
        "when that device is online; after 7 days they come to your inbox."
    ),
    "frame.sheet.awaited": "Not yet",
    "frame.recovery.noted": "Got it",
    "frame.sheet.again": "Sent again",
    "frame.question.title": "The server wants to remove unusually much",
    "frame.question.part": "{what}: {count}",
    "frame.question.line": "{total} of {held} records on this device would go ({rows}).",
    "frame.question.deleted": "{count} of them were deleted by somebody, and can be restored for a time.",
    "frame.question.kept": "Nothing was removed. Your work goes on and is sent.",
    "frame.question.declined": "They stay. Tell your manager; accept when it turns out to be right.",
    "frame.question.accept": "Accept",
    "frame.question.not_now": "Not now, tell my manager",
}
