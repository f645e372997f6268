"""Fields sealed at rest: AES-256-GCM, bound to their place by associated data, with keys that can be rotated.

A sealed value is ``0x01 ‖ key id (8 bytes) ‖ nonce (12) ‖ ciphertext and tag``. The associated data are table, column,
row and key id, so that a sealed value copied to another row, column or table does not open. The key file holds one
line for each key, ``<key id hex> <key hex>``; the last one seals, all of them open. Adding a line rotates.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
TEXT_PREFIX = "sealed:1:"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER_BYTES = 1 + _KEY_ID_BYTES + _NONCE_BYTES


class SealError(Exception):
    """A sealed value does not open: damaged, moved from its place, or sealed with a key that is not here."""


class Vault:
    """The keys, and what is done with them. ``Vault.open(path)`` makes the key file at first start (mode 0600)."""

    def __init__(self, keys: dict[bytes, bytes], current: bytes) -> None:
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current

    @classmethod
    def open(cls, path: Path) -> "Vault":
        """The vault of a key file; creates the file with one key when it is missing.

        Raises ``SealError`` when the file is not a key file.
        """
        if not path.exists():
            _create(path)
        keys: dict[bytes, bytes] = {}
        current = b""
        for line in path.read_text("ascii").splitlines():
            try:
                key_id, key = (bytes.fromhex(part) for part in line.split())
            except ValueError as error:
                raise SealError("the key file is damaged") from error
            if len(key_id) != _KEY_ID_BYTES or len(key) != 32:
                raise SealError("the key file is damaged")
            keys[key_id] = key
            current = key_id
        if not keys:
            raise SealError("the key file holds no key")
        return cls(keys, current)

    def seal(self, table: str, column: str, row: str, plain: bytes) -> bytes:
        """The sealed form of a value at its place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        data = _associated(table, column, row, self._current)
        return FORMAT + self._current + nonce + self._keys[self._current].encrypt(nonce, plain, data)

    def unseal(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """The value behind its sealed form. Raises ``SealError``."""
        key_id = sealed[1 : 1 + _KEY_ID_BYTES]
        if sealed[:1] != FORMAT or key_id not in self._keys:
            raise SealError(f"{table}.{column}: not sealed with a key that is here")
        nonce = sealed[1 + _KEY_ID_BYTES : _HEADER_BYTES]
        data = _associated(table, column, row, key_id)
        try:
            return self._keys[key_id].decrypt(nonce, sealed[_HEADER_BYTES:], data)
        except InvalidTag as error:
            raise SealError(f"{table}.{column}: damaged, or not at its place") from error

    def seal_text(self, table: str, column: str, row: str, plain: str) -> str:
        """Like ``seal``, for a text column."""
        return TEXT_PREFIX + base64.b64encode(self.seal(table, column, row, plain.encode())).decode("ascii")

    def unseal_text(self, table: str, column: str, row: str, sealed: str) -> str:
        """Like ``unseal``, for a text column. Raises ``SealError``."""
        if not sealed.startswith(TEXT_PREFIX):
            raise SealError(f"{table}.{column}: not sealed")
        return self.unseal(table, column, row, base64.b64decode(sealed[len(TEXT_PREFIX) :])).decode()


def is_sealed_bytes(value: bytes) -> bool:
    """Whether the bytes are in the sealed form (JSON never begins with its first byte)."""
    return value[:1] == FORMAT


def is_sealed_text(value: object) -> bool:
    """Whether the text is in the sealed form (JSON never begins with its prefix)."""
    return isinstance(value, str) and value.startswith(TEXT_PREFIX)


def _associated(table: str, column: str, row: str, key_id: bytes) -> bytes:
    return b"\x1f".join((table.encode(), column.encode(), row.encode(), key_id))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(_KEY_ID_BYTES)} {secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
