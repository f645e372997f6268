"""Whether a server runs on the data folder: it holds a lock as long as it does, and a restore wants it alone."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from server.settings import Settings, SettingsError

FILE = "serving.lock"


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Held by every process that serves; several may. Raises ``SettingsError`` ``restore_running``."""
    with _locked(settings, fcntl.LOCK_SH, "restore_running"):
        yield


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """While nobody serves. Raises ``SettingsError`` ``server_running``."""
    with _locked(settings, fcntl.LOCK_EX, "server_running"):
        yield


@contextlib.contextmanager
def _locked(settings: Settings, kind: int, refusal: str) -> Iterator[None]:
    # The system gives the lock up when the process ends, however it ends.
    descriptor = os.open(settings.data / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(refusal, path=str(settings.data)) from error
        yield
    finally:
        os.close(descriptor)
