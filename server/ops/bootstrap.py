"""The first start on a fresh machine: ``python3 server/ops/bootstrap.py env|chromium``, called by the Makefile.

Only the standard library, and only syntax that an old Python can read: this file is what tells an old Python that it
is too old. Every failure is one sentence that says what to do.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
STAMP = VENV / "caravan-stamp.txt"
LOCKED = ("requirements.txt", "pyproject.toml")
PYTHON_MIN = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHT_BUILDS = (
    ".cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
# What pip says in each case → what we say.
DISK_FULL = "The disk is full: free about 1 GB and run make again."
PIP_TROUBLE = (
    (re.compile(r"No space left on device", re.I), DISK_FULL),
    (
        re.compile(r"DO NOT MATCH THE HASHES", re.I),
        "A downloaded package differs from the locked one, so the index or a proxy changed it: try again, "
        "or use another index (PIP_INDEX_URL).",
    ),
    (
        re.compile(
            r"connection broken|NewConnectionError|ConnectTimeout|ReadTimeout|Name or service not known|"
            # Every package is locked: an index that knows no version of one is not the index, or cannot be reached.
            r"from versions: none|name resolution|ProxyError|SSLError|Network is unreachable|"
            r"Connection refused|Max retries",
            re.I,
        ),
        "The package index cannot be reached: check the network or the proxy, or name a mirror in PIP_INDEX_URL, "
        "and run make again.",
    ),
)


class SetupError(Exception):
    """The machine lacks something; the message is one sentence that says what to do."""


def _dotted(version) -> str:
    return f"{version[0]}.{version[1]}"


def check_python(version=None, which=shutil.which):
    """Return None when ``version`` (default: this Python's) is new enough, else the path of a newer Python on this
    machine.

    Raises ``SetupError`` when there is none.
    """
    version = tuple(version or sys.version_info)[:2]
    if version >= PYTHON_MIN:
        return None
    for name in NEWER_PYTHONS:
        path = which(name)
        if path:
            return path
    raise SetupError(
        f"Caravan needs Python {_dotted(PYTHON_MIN)} or later, this is {_dotted(version)}: install a newer one, "
        "or name it: make PYTHON=/path/to/python3.12"
    )


def stamp_text() -> str:
    """Return what the stamp must say for the environment to be up to date: Python, place and content of the locked
    lists."""
    digest = hashlib.sha256()
    for name in LOCKED:
        digest.update((PROJECT / name).read_bytes())
    return f"{_dotted(sys.version_info)} {PROJECT} {digest.hexdigest()}\n"


def prepare_environment() -> None:
    """Make ``.venv`` with the locked packages and the ``caravan`` command; return at once when nothing has changed."""
    if STAMP.is_file() and STAMP.read_text() == stamp_text() and (VENV / "bin" / "caravan").exists():
        return
    print("Preparing the environment in .venv (the first time this takes a minute or two) ...", flush=True)
    _make_venv()
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _pip([*pip, "--retries", "2", "--require-hashes", "-r", str(PROJECT / "requirements.txt")])
    # setuptools came with the line before: no isolated build, nothing to download.
    _pip([*pip, "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(PROJECT)])
    STAMP.write_text(stamp_text())


def _make_venv() -> None:
    python = VENV / "bin" / "python"
    if python.exists() and _runs(
        [str(python), "-c", f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"]
    ):
        return
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it)
        import venv
    except ImportError:
        if not (_is_ci() and _install_package(f"python{_dotted(sys.version_info)}-venv")):
            raise SetupError(
                "This Python has no venv module: install it (Debian and Ubuntu: sudo apt install "
                f"python{_dotted(sys.version_info)}-venv) and run make again."
            ) from None
        os.execv(sys.executable, [sys.executable, *sys.argv])
    try:
        venv.EnvBuilder(with_pip=True, clear=VENV.exists(), symlinks=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"The environment .venv could not be made: {error}") from error


def _pip(command) -> None:
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode:
        raise SetupError(explain_pip(result.stdout))


def explain_pip(output: str) -> str:
    """Return one sentence for what pip said: a known trouble, or pip's own last error."""
    for pattern, sentence in PIP_TROUBLE:
        if pattern.search(output):
            return sentence
    errors = [line for line in output.splitlines() if line.startswith("ERROR")] or output.splitlines()[-1:]
    return "The packages could not be installed; pip says: {}".format(" ".join(errors)[:500])


def find_chromium(environ=None, which=shutil.which, home=None) -> str:
    """Return the path of a Chromium or Chrome: the variable CHROMIUM, the search path, the usual places, playwright's
    own.

    Raises ``SetupError`` that says what to install.
    """
    named = (os.environ if environ is None else environ).get("CHROMIUM")
    if named:
        path = which(named)
        if not path:
            raise SetupError(f"The variable CHROMIUM names {named}, which is not a program.")
        return path
    for name in CHROMIUM_NAMES:
        path = which(name)
        if path:
            return path
    for place in CHROMIUM_PLACES:
        if os.access(place, os.X_OK):
            return place
    for pattern in PLAYWRIGHT_BUILDS:
        builds = sorted((home or Path.home()).glob(pattern))
        if builds:
            return str(builds[-1])
    raise SetupError(
        "The tests need Chromium or Google Chrome: install one (Debian: sudo apt install chromium; macOS: brew install "
        "--cask google-chrome) or name one in the variable CHROMIUM."
    )


def ensure_chromium() -> None:
    """Check that there is a browser for the tests; on a CI machine (CI=true) install one."""
    try:
        path = find_chromium()
        if _runs([path, "--version"]) or not _is_ci():
            return
    except SetupError:
        if not _is_ci():
            raise
    if _install_package("chromium") and _runs([find_chromium(), "--version"]):
        return
    # Ubuntu's package is an empty shell around a snap: playwright's own build runs there.
    subprocess.run([str(VENV / "bin" / "playwright"), "install", "--with-deps", "chromium"], check=False)
    print(f"Chromium: {find_chromium()}")


def _install_package(name: str) -> bool:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for manager, steps in (
        (
            "apt-get",
            [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name]],
        ),
        ("dnf", [["dnf", "install", "-y", "-q", name]]),
        ("apk", [["apk", "add", "-q", name]]),
    ):
        if shutil.which(manager):
            return all(_runs([*sudo, *step]) for step in steps)
    return bool(shutil.which("brew")) and _runs(["brew", "install", "--cask", name])


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def _runs(command) -> bool:
    try:
        return (
            subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600, check=False
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def main(arguments) -> int:
    """Run ``env`` or ``chromium``; return the exit status."""
    steps = {"env": prepare_environment, "chromium": ensure_chromium}
    if len(arguments) != 1 or arguments[0] not in steps:
        print("usage: bootstrap.py env|chromium", file=sys.stderr)
        return 2
    try:
        newer = check_python()
        if newer:
            os.execv(newer, [newer, str(Path(__file__).resolve()), *arguments])
        steps[arguments[0]]()
    except SetupError as error:
        print(f"caravan: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print("caravan: %s" % (DISK_FULL if error.errno == errno.ENOSPC else error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
