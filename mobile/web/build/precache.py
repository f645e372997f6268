"""Step 8: the service worker with the list of files of this version, each with its hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mobile.web.build.stage import PROJECT

WORKER = PROJECT / "mobile" / "web" / "sw" / "sw.js"
# Never stored: the worker itself, the build's own note (the server hides it), licence texts that no page asks for.
NOT_STORED = {"sw.js", "build.txt", "assets/NOTICES", "assets/fonts/OFL.txt", "zxing/LICENSE"}


def write_worker(dist: Path) -> str:
    """Write ``sw.js`` into ``dist`` and return the version: a hash over every name and content."""
    files = []
    for path in sorted(dist.rglob("*")):
        name = path.relative_to(dist).as_posix()
        if path.is_file() and name not in NOT_STORED and not name.endswith((".gz", ".br")):
            files.append([name, hashlib.sha256(path.read_bytes()).hexdigest()])
    source = WORKER.read_text(encoding="utf-8")
    listing = json.dumps(files, ensure_ascii=False, separators=(",", ":"))
    version = hashlib.sha256((listing + source).encode()).hexdigest()[:12]
    (dist / "sw.js").write_text(source.replace("__VERSION__", version).replace("__FILES__", listing), encoding="utf-8")
    return version
