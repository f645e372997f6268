"""A TCP proxy that treats connections badly: cuts at random bytes in both directions, resets, delays, its own pages."""

import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter

PAGE = b"<html><body><h1>Bad Gateway</h1></body></html>"
PAGES = {
    "502": b"HTTP/1.1 502 Bad Gateway\r\n",
    "captive": b"HTTP/1.1 200 OK\r\n",
}
HEAD = b"Content-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(PAGE)
KEPT_BYTES = 8_000
"""Of answers over one connection without another fault: clients keep theirs open, and would meet no more faults."""
FAULTS = ("cut request", "cut answer", "reset", "delay", "502", "captive")


class Proxy:
    """Listens on a port of its own; ``faulty`` is the share of the connections that meet a fault."""

    def __init__(self, port: int, seed: int, faulty: float = 0.6) -> None:
        self.faulty = faulty
        self.met: Counter[str] = Counter()
        self._target = port
        self._chance = random.Random(seed)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                fault = self._chance.choice(FAULTS) if self._chance.random() < self.faulty else "none"
                self.met[fault] += 1
                at = int(self._chance.expovariate(1 / 2_000))
                threading.Thread(target=self._serve, args=(client, fault, at), daemon=True).start()

    def _serve(self, client: socket.socket, fault: str, at: int) -> None:
        with client, contextlib.suppress(OSError):
            if fault in PAGES:
                client.recv(65_536)
                client.sendall(PAGES[fault] + HEAD + PAGE)
                return
            if fault == "delay":
                time.sleep(0.2)
            with socket.create_connection(("127.0.0.1", self._target), timeout=60) as server:
                up = threading.Thread(
                    target=_pump, args=(client, server, at if fault == "cut request" else None), daemon=True
                )
                up.start()
                cut = at if fault in ("cut answer", "reset") else KEPT_BYTES if self.faulty else None
                _pump(server, client, cut, reset=fault == "reset")


def _pump(source: socket.socket, target: socket.socket, until: int | None, *, reset: bool = False) -> None:
    """Passes bytes on; after ``until`` of them both sides are closed, with a reset if wanted."""
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            if until is not None and len(data) > until:
                target.sendall(data[:until])
                break
            target.sendall(data)
            until = None if until is None else until - len(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            if reset:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
