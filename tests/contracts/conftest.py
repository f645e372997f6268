"""Which contracts are proven where."""

import sys

# The browser's Python has no server.
collect_ignore = ["test_later.py", "test_openapi.py", "test_recordings.py"] if sys.platform == "emscripten" else []
