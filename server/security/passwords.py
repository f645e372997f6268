"""Password hashing: Argon2id, with a bound on how many run at once.

One hash takes 64 MiB and about 50 ms of a core (RFC 9106, second recommended parameters), so an unbounded number of
sign-ins would take the machine down; past the bound people are told to try again.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from shared.errors import InvalidInput, LimitExceeded, Unavailable

MINIMUM_LENGTH = 10
MAXIMUM_BYTES = 512
"""Longer input is refused before hashing."""
_USUAL = """
1234567890 12345678910 0123456789 9876543210 1111111111 0000000000 8888888888 6666666666 password12 password123
password1234 qwertyuiop qwerty12345 qwerty123456 1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 asdfghjkl1 iloveyou12 abcdefghij
abc1234567 a123456789 woaini1314 woaini520 5201314520 1314520520 letmein1234 welcome123 admin12345 administrator
caravan123 changeme123
"""
COMMON = frozenset(_USUAL.split())
"""Passwords that every guessing list starts with."""

NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$wuyycDkb8Ledv1E4Yc+ZWA$Qc08KRuZhz6M1UF+BZia3E5NEo77Gn+K+pcVSEEMwZs"
"""Verified in place of a missing user's hash, so that the time taken does not tell who exists: the hash of random bytes
that were thrown away, with the parameters of all others."""


class Passwords:
    """Hashes and verifies with at most ``running`` at once and ``waiting`` in the queue."""

    def __init__(self, *, running: int = 2, waiting: int = 16) -> None:
        self._hasher = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)
        self._threads = ThreadPoolExecutor(running, thread_name_prefix="argon2")
        self._limit = running + waiting
        self._pending = 0

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown()

    def hash_now(self, password: str) -> str:
        """The hash of a password, in the calling thread (command line, seeding)."""
        return self._hasher.hash(password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. ``stored`` None (no such user) takes the same time and is False.

        Raises ``Unavailable`` ``too_busy`` when the queue is full, ``LimitExceeded`` ``password_too_long``.
        """
        if len(password.encode()) > MAXIMUM_BYTES:
            raise LimitExceeded("password_too_long", field="password", limit=MAXIMUM_BYTES, status=413)
        if self._pending >= self._limit:
            raise Unavailable("too_busy")
        self._pending += 1
        try:
            loop = asyncio.get_running_loop()
            fits = await loop.run_in_executor(self._threads, self._verify, stored or NOBODY, password)
        finally:
            self._pending -= 1
        return fits and stored is not None

    async def hash(self, password: str) -> str:
        """The hash of a password, beside the event loop. Raises ``Unavailable`` ``too_busy``."""
        if self._pending >= self._limit:
            raise Unavailable("too_busy")
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)
        finally:
            self._pending -= 1

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def check_policy(password: str, *, login: str = "") -> None:
    """Refuses passwords that are guessed first. Raises ``InvalidInput`` ``password_short`` or ``password_common``.

    Length and a list of the usual ones, no rules about character classes (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < MINIMUM_LENGTH:
        raise InvalidInput("password_short", field="password", minimum=MINIMUM_LENGTH)
    if len(password.encode()) > MAXIMUM_BYTES:
        raise LimitExceeded("password_too_long", field="password", limit=MAXIMUM_BYTES, status=413)
    plain = password.lower()
    if plain in COMMON or len(set(plain)) < 4 or (len(login) >= 4 and login.lower() in plain):
        raise InvalidInput("password_common", field="password")
