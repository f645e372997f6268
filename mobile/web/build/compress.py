"""Step 9: compressed twins beside the files that are worth it, so that the server never compresses while somebody
waits."""

from __future__ import annotations

import gzip
from pathlib import Path

try:
    import brotli
except ImportError:  # optional: gzip alone works everywhere
    brotli = None

WORTH_IT = {
    ".js",
    ".mjs",
    ".json",
    ".html",
    ".css",
    ".svg",
    ".wasm",
    ".pack",
    ".zip",
    ".otf",
    ".ttf",
    ".bin",
    ".frag",
    ".txt",
}
SMALLEST_BYTES = 1024
GZIP_LEVEL = 6  # 9 takes three times as long for one percent
BROTLI_QUALITY = 6  # 11 takes a minute on these 30 MB


def compress(dist: Path) -> None:
    """Write ``name.gz`` and, with a brotli module, ``name.br`` for every large enough file of a compressible kind."""
    for path in sorted(dist.rglob("*")):
        if not path.is_file() or path.suffix not in WORTH_IT or path.stat().st_size < SMALLEST_BYTES:
            continue
        data = path.read_bytes()
        _keep_if_smaller(path, ".gz", gzip.compress(data, GZIP_LEVEL, mtime=0), len(data))
        if brotli is not None:
            _keep_if_smaller(path, ".br", brotli.compress(data, quality=BROTLI_QUALITY), len(data))


def _keep_if_smaller(path: Path, ending: str, packed: bytes, size: int) -> None:
    if len(packed) < 0.95 * size:
        path.with_name(path.name + ending).write_bytes(packed)
