"""Words of the help pages' frame."""

MESSAGES: dict[str, str] = {
    "help.title": "Help",
    "help.settings": "How each screen works",
    "help.open": "Open help: {title}",
    "help.search": "Search the help",
    "help.all": "All help pages",
    "help.loading": "Opening the help…",
    "help.nothing": "Nothing found",
    "help.nothing.line": "Try another word, such as “discount” or “stock”.",
    "help.unavailable": "The help cannot be opened now",
    "help.unavailable.line": "It is not stored on this device yet, and the server cannot be reached. Try again online.",
    "help.again": "Try again",
    "help.missing": "No such page",
    "help.missing.line": "This help page does not exist. Choose one from the list.",
}
