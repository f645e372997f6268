"""What the device's own engine has to say."""

MESSAGES = {
    "error.sync_stopped": "Syncing has stopped on this device",
    "error.sync_stopped.todo": "Open the sync sheet to see why; all unsent changes are kept.",
    "error.sync_failed": "The sync did not finish",
    "error.sync_failed.todo": "No data were lost, and it tries again by itself. Details are in the local error log.",
    "error.already_sent": "This change has been sent and waits for the server's answer",
    "error.already_sent.todo": "Sync first, then look at the result.",
    "error.not_waiting": "This change is no longer waiting to be sent",
    "error.not_waiting.todo": "Refresh the sync sheet.",
    "error.outbox_not_exported": "{count} unsent changes have not been exported",
    "error.outbox_not_exported.todo": "Export them first, then start afresh.",
    "error.export_damaged": "A change in the exported file does not match its checksum",
    "error.export_damaged.todo": "Use a file that nobody has edited.",
    "error.transaction_too_large": "This holds too much for one step: {bytes} bytes, at most {limit}",
    "error.transaction_too_large.todo": "Do it in several steps.",
}
