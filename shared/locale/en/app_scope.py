"""Handed-over work: what the manager sees of it, and what its author does."""

MESSAGES: dict[str, str] = {
    "frame.act.quarantine.adopt": "Take over {title}",
    "frame.act.quarantine.dismiss": "Leave undone {title}",
    "screen.did.quarantine.adopt": "Taking over the work of {name}",
    "screen.did.quarantine.dismiss": "Not doing the work of {name}: {reason}",
    "screen.handover.tab": "To take over",
    "screen.handover.none": "Nothing to take over",
    "screen.handover.none.line": "Work that colleagues did offline and no longer answer for comes here, whole.",
    "screen.handover.title": "Work of {who} on “{what}”",
    "screen.handover.title_plain": "Work of {who}",
    "screen.handover.about": "{device} · {when}",
    "screen.handover.why.scope": "{who} answered for it when doing this, and no longer did when it arrived. "
    "It was not done; you decide.",
    "screen.handover.why.dependency": "It goes with another piece of work of {who}. Settle that one first.",
    "screen.handover.why.device": "The device of {who} was revoked; this had not been sent before. "
    "It was not done; you decide.",
    "screen.handover.adopt": "Take over and do it",
    "screen.handover.adopted": "Taken over, done in your name",
    "screen.handover.dismiss": "Do not do it…",
    "screen.handover.dismiss.yes": "Do not do it",
    "screen.handover.dismissed": "Noted; {who} will see the reason",
    "screen.handover.reason": "Why it is not done *",
    "screen.handover.reason.helper": "{who} reads it in the inbox. The work itself is kept for good.",
    "screen.handover.settled": "Settled",
    "screen.handover.settled_by": "{by} · {when}",
    "screen.handover.note": "Reason: {reason}",
    "screen.handed_over.badge": "Your manager has it",
    "screen.handed_over.dismissed": "Your manager left it undone",
    "screen.handed_over.noted": "Got it",
}
