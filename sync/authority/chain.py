"""The audit chain: each entry of the transaction log is hashed together with the one before it.

``hash = SHA-256(prev_hash ‖ n as 8 bytes ‖ meta ‖ fingerprint)``, where ``fingerprint = SHA-256(salt ‖ payload)`` and
``meta`` is the canonical JSON of who, when, what and the verdict. Payload and salt can be erased later: the
fingerprint stays, tells nothing about them, and the chain still verifies.
"""

import hashlib

from shared.codec import encode
from sync.authority.ports import Head, LogEntry

GENESIS = b"\x00" * 32


def fingerprint(salt: bytes, payload: bytes) -> bytes:
    """What the chain and the check for repeated transactions know of a payload."""
    return hashlib.sha256(salt + payload).digest()


def entry_hash(org_id: str, entry: LogEntry) -> bytes:
    """The hash of an entry whose ``n`` and ``prev_hash`` are set."""
    meta = encode(
        [
            org_id,
            entry.tx_id,
            entry.user_id,
            entry.device_id,
            entry.install_id,
            entry.seq,
            entry.received_at,
            entry.occurred_at,
            entry.status,
            entry.code,
            entry.commands,
        ]
    )
    return hashlib.sha256(entry.prev_hash + entry.n.to_bytes(8, "big") + meta + entry.fingerprint).digest()


def link(head: Head, entries: list[LogEntry]) -> None:
    """Numbers and chains new entries, and moves the head to the last."""
    for entry in entries:
        head.chain_count += 1
        entry.n = head.chain_count
        entry.prev_hash = head.chain_head
        entry.hash = entry_hash(head.org_id, entry)
        head.chain_head = entry.hash
