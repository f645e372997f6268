"""All steps in order, and the rule when they may be skipped."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mobile.state import help_pages
from mobile.web.build import bytecode, client, compress, fonts, pack, precache, snapshot, stage, wheels
from mobile.web.build.stage import PROJECT

STAMP = "build.txt"
# Folders that are part of the site when they exist: folder in the project → path in the site.
ASSETS = {"assets/pictures": "pictures", "assets/illustrations": "illustrations", "assets/help": "help"}


@dataclass(frozen=True)
class Built:
    """What a build made: the folder, its version, whether byte code is inside, seconds taken (0.0: nothing had
    changed)."""

    folder: Path
    version: str
    compiled: bool
    seconds: float

    def describe(self) -> str:
        """One line for the terminal."""
        code = "byte code" if self.compiled else "source (no Node found to compile it)"
        how = f"built in {self.seconds:.0f} s" if self.seconds else "unchanged"
        return f"{self.folder} version {self.version}, {code}, {how}"


def build(
    out: Path, *, base_path: str = "/", app: Path | None = None, force: bool = False, cache: Path | None = None
) -> Built:
    """Build the site into ``out`` (replaced as a whole when it is complete); skip the work when no input has changed.

    Raises ``WheelError`` (packages cannot be had), ``ClientError`` (unknown Flet client), ``OSError`` (disk).
    """
    out = out.resolve()
    base_path = "/" + base_path.strip("/") + "/" if base_path.strip("/") else "/"
    inputs = fingerprint(base_path, app)
    known = _read_stamp(out)
    if not force and known.get("inputs") == inputs:
        return Built(out, known["version"], known["compiled"] == "yes", 0.0)
    started = time.monotonic()
    cache = cache or PROJECT / ".build" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
        dist = Path(work) / "dist"
        compiled = _assemble(dist, Path(work) / "app", cache, base_path, app)
        made = precache.write_worker(dist)
        compress.compress(dist)
        (dist / STAMP).write_text(
            f"version={made}\ncompiled={'yes' if compiled else 'no'}\ninputs={inputs}\n", encoding="utf-8"
        )
        if out.exists():
            out.rename(Path(work) / "old")
        dist.rename(out)
    return Built(out, made, compiled, time.monotonic() - started)


def _assemble(dist: Path, staged: Path, cache: Path, base_path: str, app: Path | None) -> bool:
    client.lay_out(dist, base_path)
    fonts.lay_out(dist)
    for source, place in ASSETS.items():
        if (PROJECT / source).is_dir():
            shutil.copytree(
                PROJECT / source,
                dist / place,
                ignore=shutil.ignore_patterns("*.py", "__pycache__", "source", "README.md"),
            )
    for folder in (dist / "help").glob("*/"):
        (folder / help_pages.INDEX).write_bytes(help_pages.encode(help_pages.read_folder(folder)))
    stage.stage(staged, app)
    snapshot.stage_support(staged)
    packages = wheels.install(cache)
    compiled = bytecode.compile_all(staged, packages, dist / "pyodide", cache)
    if compiled is None:
        pack.write_pack(dist / "app.pack", packages, staged)
        return False
    pack.write_pack(dist / "app.pack", compiled.packages, compiled.app)
    shutil.copyfile(compiled.stdlib, dist / "pyodide" / "python_stdlib.zip")
    try:
        snapshot.make(dist, staged, compiled.packages)
    except snapshot.SnapshotError as error:
        print(f"web app: no memory snapshot, it starts from byte code: {error}", file=sys.stderr)
    return True


def fingerprint(base_path: str, app: Path | None) -> str:
    """Hash of everything that the site is made from: our files, the locked packages, Flet's client, Python's
    version."""
    digest = hashlib.sha256(
        repr((base_path, version("flet-web"), sys.version_info[:2], bytecode.node() is not None)).encode()
    )
    folders = ["assets", "mobile/web"] if app is not None else ["assets", *stage.SOURCES]
    digest.update(wheels.REQUIREMENTS.read_bytes())
    # The one module of the app that takes part in the build itself.
    digest.update(Path(help_pages.__file__).read_bytes())
    for root in [*(PROJECT / folder for folder in folders), *([app] if app is not None else [])]:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                name = f"{root.name}/{path.relative_to(root).as_posix()}"
                digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read_stamp(out: Path) -> dict[str, str]:
    stamp = out / STAMP
    if not stamp.is_file():
        return {}
    return dict(line.split("=", 1) for line in stamp.read_text(encoding="utf-8").splitlines() if "=" in line)
