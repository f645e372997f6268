"""Step 7: the memory of a started Python, so that a browser puts it back in place of starting one.

The site's own Python is started in Node, imports the app and all of Flet that the app names, and its memory is written
down (``snapshot.mjs``). ``client/snapshot.js`` puts it back when the browser's engine fills its function table in the
same way; whatever does not fit falls back to byte code, so a site without ``snapshot.bin`` is only slower to start.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from mobile.web.build import bytecode
from mobile.web.build.client import ClientError
from mobile.web.build.stage import PROJECT

MAKER = Path(__file__).with_name("snapshot.mjs")
SUPPORT = PROJECT / "mobile" / "web" / "python"
NAME = "snapshot.bin"
SITE_PACKAGES = "/lib/python3.14/site-packages"
FLET_NAME = re.compile(r"\bft\.([A-Za-z_]\w*)")
TIMEOUT_S = 300


class SnapshotError(RuntimeError):
    """No snapshot could be made; the message says why. The site starts from byte code then."""


def stage_support(staged: Path) -> None:
    """Put Python's part of the start beside the staged app."""
    for path in SUPPORT.glob("*.py"):
        shutil.copyfile(path, staged / path.name)


def wanted(staged: Path, packages: Path) -> dict[str, list[str]]:
    """What the memory is to hold: ``modules`` of the app's packages, names of ``flet`` that their sources use, and the
    compiled ``libraries`` in the order of loading."""
    modules, names = [], set()
    for path in sorted(staged.rglob("*.py")):
        place = path.relative_to(staged)
        names.update(FLET_NAME.findall(path.read_text(encoding="utf-8")))
        # A module at the root runs when it is imported.
        if len(place.parts) > 1 and place.name != "__main__.py":
            modules.append(".".join(place.parent.parts if place.name == "__init__.py" else place.with_suffix("").parts))
    libraries = sorted(path.relative_to(packages).as_posix() for path in packages.rglob("*.so"))
    return {
        "modules": modules,
        "flet": sorted(names),
        "libraries": [f"{SITE_PACKAGES}/{library}" for library in libraries],
    }


def make(dist: Path, staged: Path, packages: Path) -> None:
    """Write the snapshot of the site in ``dist`` (with its ``app.pack``) and name it in the page's configuration.

    Raises ``SnapshotError`` with what the maker said, ``ClientError`` when the page has no place for the name.
    """
    executable = bytecode.node()
    if executable is None:
        raise SnapshotError("no Node to make the memory snapshot with")
    list_file = staged.with_name("wanted.json")
    list_file.write_text(json.dumps(wanted(staged, packages)), encoding="utf-8")
    command = [executable, str(MAKER), str(dist), str(list_file), str(dist / NAME)]
    # No environment: this machine's language, zone and variables would travel to every device.
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, env={"TZ": "UTC", "LANG": "C"}
    )
    if result.returncode or not (dist / NAME).is_file():
        (dist / NAME).unlink(missing_ok=True)
        raise SnapshotError((result.stderr or result.stdout).strip()[-2000:])
    zipfile.ZipFile(dist / "pyodide" / "empty.zip", "w").close()
    digest = hashlib.sha256((dist / NAME).read_bytes()).hexdigest()[:16]
    config = dist / "flet-config.js"
    text = config.read_text(encoding="utf-8")
    if text.count('snapshot: ""') != 1:
        raise ClientError("flet-config.js has no place for the snapshot's name")
    config.write_text(text.replace('snapshot: ""', f'snapshot: "{digest}"'), encoding="utf-8")
