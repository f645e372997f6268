"""A disk in memory for what tests write, where the system has a roomy one: nothing of it need outlast the machine."""

import os
import shutil
import tempfile
from pathlib import Path

DISK = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free on it and in memory: a whole run writes a small part of that at a time."""


def disk() -> Path | None:
    """The folder, or None."""
    try:
        words = Path("/proc/meminfo").read_text("ascii").split()
        available = int(words[words.index("MemAvailable:") + 1]) << 10
        roomy = min(shutil.disk_usage(DISK).free, available) >= ROOM
    except (OSError, ValueError):
        return None
    return DISK if roomy and os.access(DISK, os.W_OK) else None


def use_for_temporary_files() -> None:
    """Of this process and of its children, unless somebody has said where they go."""
    if "TMPDIR" not in os.environ and (place := disk()) is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(place)
