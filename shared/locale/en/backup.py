"""Words about backups."""

MESSAGES: dict[str, str] = {
    "backup.none": "The server has no verified backup yet",
    "backup.last": "Last verified backup: {at}",
    "backup.do": "Run caravan backup create on the server, at least daily, and keep a copy elsewhere.",
    "backup.asked": "as told at {at}; the server cannot be reached now",
}
