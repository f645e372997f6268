"""Waiting in a test for what other tasks bring about."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 60
"""Much more than anything takes: only a machine that is busy with ten other things comes near."""


async def until(true: Callable[[], object], otherwise: str = "it does not come about") -> None:
    """Waits for what is meant, looking every 5 ms. Raises ``AssertionError``: ``otherwise`` says what did not come."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not true():
        assert asyncio.get_running_loop().time() < deadline, otherwise
        await asyncio.sleep(0.005)
