"""The virus check: a command of the operator's own that looks at each new file."""

import asyncio
import shlex
from pathlib import Path

import structlog

from shared.errors import Unavailable

log = structlog.get_logger("caravan.blobs")
TIMEOUT_S = 120.0
CLEAN, INFECTED = 0, 1
"""Exit codes, as ClamAV's: anything else means that nobody has looked."""


async def is_clean(command: str, path: Path) -> bool:
    """Runs ``command`` with the file's path as last argument; True when there is no command.

    Raises ``Unavailable`` ``scan_failed`` when the check itself failed: the file is neither taken nor refused.
    """
    if not command:
        return True
    try:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command), str(path), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        log.error("the scan command cannot be run", error=str(error))
        raise Unavailable("scan_failed", seconds=60) from error
    try:
        async with asyncio.timeout(TIMEOUT_S):
            code = await process.wait()
    except TimeoutError:
        process.kill()
        code = await process.wait()
    if code not in (CLEAN, INFECTED):
        log.error("the scan command failed", exit_code=code)
        raise Unavailable("scan_failed", seconds=60)
    return code == CLEAN
