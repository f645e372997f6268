"""The real Clock and Entropy of the server."""

import secrets
import time


class SystemClock:
    """UTC milliseconds of this machine."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class SystemEntropy:
    """Bytes of the operating system's generator."""

    def random_bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)
