"""Voice notes: recording and playing them."""

MESSAGES = {
    "voice.record": "Record voice",
    "voice.short": "Voice",
    "voice.name": "Voice note {when}",
    "voice.title": "Voice note",
    "voice.waiting": "When the browser asks, allow the microphone.",
    "voice.recording": "Recording, {minutes} minutes at most.",
    "voice.silent": "Nothing is heard. Is the microphone muted?",
    "voice.limit": "{minutes} minutes are full, so it stopped. Save it and record the next one.",
    "voice.lost": "The microphone is gone. What was said so far is here to save.",
    "voice.stopped": "Stopped, not saved yet.",
    "voice.denied": "The browser may not use the microphone. Allow it in the site settings beside the address and try "
    "again, or type.",
    "voice.missing": "There is no microphone to use, or another program has it. Plug one in or close that program and "
    "try again, or type.",
    "voice.unsupported": "This browser cannot record, or the address does not begin with https. Record with the "
    "phone’s own app and add the file.",
    "voice.stop": "Stop and save",
    "voice.keep": "Save",
    "voice.discard": "Discard",
    "voice.close": "Close",
    "voice.failed": "The recorder did not open. Open the app anew and try again.",
    "voice.saved_apart": "The note was saved as the file {name}; nothing is lost.",
    "voice.length": "Length",
    "voice.play": "Play {name}",
    "voice.pause": "Pause {name}",
    "voice.progress": "Progress",
    "voice.unplayable": "This browser cannot play the recording. Download it and open it in another program.",
}
