"""Words of reminders."""

MESSAGES: dict[str, str] = {
    "due.later": "Put off the follow-up with {name}",
    "due.later.title": "Put off: {name}",
    "due.later.in_1_hour": "In 1 hour",
    "due.later.tomorrow": "Tomorrow",
    "due.later.in_3_days": "In 3 days",
    "due.later.next_monday": "Next Monday",
    "due.later.done": "{name}: put off to {day}",
    "due.calendar": "Add to the phone’s calendar",
    "due.calendar.line": "Rings at {time} on the day, also while the app is closed",
    "due.calendar.all": "Add the next {days} days to the calendar",
    "due.calendar.saved": "{count} saved as the calendar file {name}",
    "due.calendar.failed": "The calendar file was not saved. Please try again.",
    "due.calendar.event": "Follow up {name}: {what}",
    "frame.no_time": "Any time",
    "frame.hour": "Hour",
    "frame.minute": "Minute",
    "remind.title": "Follow-ups",
    "remind.body": "{due} follow-ups for today",
    "remind.body.late": "{due} follow-ups for today, {overdue} overdue",
    "due.today_at": "Today {time}",
    "due.since": "Since {time}",
    "remind.now": "{time} follow up with {name}",
    "remind.show": "Show",
    "remind.allow": "Allow notifications",
    "remind.allow.line": "While the app is open, it notifies you of due follow-ups. "
    "For when it is closed, use the phone’s calendar.",
    "remind.on": "Notifications are on",
    "remind.denied": "The browser does not allow notifications. Its site settings can change that; "
    "reminders in the app come all the same.",
    "remind.unsupported": "There are no system notifications here; reminders come in the app.",
}
