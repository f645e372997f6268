"""Words of the keys on a keyboard."""

MESSAGES: dict[str, str] = {
    "shortcut.title": "Keys on this screen",
    "shortcut.line": "They rest while you type.",
    "shortcut.all": "All keys",
    "shortcut.find": "Find a customer",
    "shortcut.new": "Make something new here",
    "shortcut.move": "Next and previous",
    "shortcut.open": "Open the chosen card",
    "shortcut.stage": "Move the deal back or on a stage",
    "shortcut.back": "Back",
    "shortcut.list": "This list",
}
