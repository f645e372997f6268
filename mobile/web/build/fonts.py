"""Step 6: the base face under Flutter's font manifest, and the slices under the names that Flutter looks for."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from mobile.web.build.client import ClientError
from mobile.web.build.stage import PROJECT

FONTS = PROJECT / "assets" / "fonts"
FAMILY = "NotoSansSC"
BASE_FACE = "noto-sans-sc-base.woff2"
SLICE_COUNT = 101
# The smallest slice: what is served for a script that is not shipped, see FALLBACK_FONT in server/api/static.py.
STAND_IN = "noto-sans-sc-4-wght-normal.woff2"
WANTED = re.compile(r"notosanssc/v\d+/[A-Za-z0-9_.-]+\.woff2")
# Google names the numbered slices in the address and the four alphabets by their last letters only. Which is which
# follows from the subset's bits in those letters and was checked against the character maps.
ALPHABETS = {"FrY9HbczS": "cyrillic", "FrYRHbczS": "vietnamese", "FrYVHbczS": "latin-ext", "FrYtHbQ": "latin"}
KEPT_FAMILIES = ("MaterialIcons", "packages/cupertino_icons/CupertinoIcons")


def slice_file(name: str) -> str:
    """Return the file under ``assets/fonts/slices`` for an address in Flutter's client, such as
    ``notosanssc/v37/<hash>.<n>.woff2``."""
    stem = name.removesuffix(".woff2")
    number = stem.rsplit(".", 1)[-1]
    if not number.isdigit():
        number = next((alphabet for ending, alphabet in ALPHABETS.items() if stem.endswith(ending)), "")
    if not number:
        raise ClientError(f"no font slice is known for {name}")
    return f"noto-sans-sc-{number}-wght-normal.woff2"


def lay_out(dist: Path) -> None:
    """Put the fonts into ``dist``. Raises ``ClientError`` when the client asks for other slices than the committed
    ones."""
    names = sorted(set(WANTED.findall((dist / "main.dart.js").read_text(encoding="utf-8"))))
    if len(names) != SLICE_COUNT:
        raise ClientError(f"Flet's client names {len(names)} slices of Noto Sans SC, {SLICE_COUNT} are committed")
    for name in names:
        target = dist / "assets" / "fonts" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FONTS / "slices" / slice_file(name), target)
    shutil.copyfile(FONTS / "slices" / STAND_IN, dist / "assets" / "fonts" / "stand-in.woff2")
    shutil.copyfile(FONTS / BASE_FACE, dist / "assets" / "fonts" / BASE_FACE)
    shutil.copyfile(FONTS / "OFL.txt", dist / "assets" / "fonts" / "OFL.txt")
    manifest = dist / "assets" / "FontManifest.json"
    families = [
        family for family in json.loads(manifest.read_text(encoding="utf-8")) if family["family"] in KEPT_FAMILIES
    ]
    families.append({"family": FAMILY, "fonts": [{"asset": f"fonts/{BASE_FACE}"}]})
    # Flutter falls back to Roboto by name and downloads it from Google when no such family is registered.
    families.append({"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]})
    manifest.write_text(json.dumps(families, separators=(",", ":")), encoding="utf-8")
